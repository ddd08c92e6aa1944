package org.foliofleet.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;

/** How the machines of this JVM are run: commits and what disturbs them. */
final class EngineMeters {
    final Timer commits;
    final Counter epochs;
    final Counter recoveries;
    private final MeterRegistry registry;

    EngineMeters(MeterRegistry registry) {
        this.registry = registry;
        commits = Timer.builder("foliofleet.commit").description("from the end of an epoch until it is written")
                .serviceLevelObjectives(Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMillis(500),
                        Duration.ofSeconds(2), Duration.ofSeconds(10))
                .register(registry);
        epochs = Counter.builder("foliofleet.epochs").description("epochs committed").register(registry);
        recoveries = Counter.builder("foliofleet.recoveries").description("times that a machine went on from a commit or the beginning")
                .register(registry);
        List.of("fault", "away").forEach(this::stepBacks);
    }

    /** @param cause one of {@code fault, away, damage, superseded} */
    Counter stepBacks(String cause) {
        return Counter.builder("foliofleet.step.backs").tag("cause", cause).description("returns of a machine to its last committed epoch")
                .register(registry);
    }
}
