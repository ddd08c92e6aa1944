package org.foliofleet.coordinator.experiment;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * What Prometheus scrapes of the experiments of this JVM: those that are not over, one by one; of all, how many are in which
 * phase.
 */
final class ExperimentMeters {
    private static final double NANOS = 1e9;

    /** Of an experiment that is not over. */
    private static final class Shown {
        private volatile ExperimentStatus status;
        private final List<Meter> meters = new ArrayList<>();

        Shown(ExperimentStatus status) {
            this.status = status;
        }
    }

    private final MeterRegistry registry;
    private final Map<String, Shown> shown = new HashMap<>();
    private final Map<String, ExperimentPhase> phases = new ConcurrentHashMap<>();

    ExperimentMeters(MeterRegistry registry) {
        this.registry = registry;
        for (ExperimentPhase phase : ExperimentPhase.values()) {
            Gauge.builder("foliofleet.experiments", phases, all -> all.values().stream().filter(each -> each == phase).count())
                    .description("experiments that this JVM has heard of").tag("phase", phase.word()).register(registry);
        }
    }

    /** An experiment is so now. */
    synchronized void heard(ExperimentStatus status) {
        phases.put(status.id(), status.phase());
        Shown known = shown.get(status.id());
        if (status.phase().isOver()) {
            if (known != null) {
                known.meters.forEach(registry::remove);
                shown.remove(status.id());
            }
        } else if (known == null) {
            Shown fresh = new Shown(status);
            shown.put(status.id(), fresh);
            meters(fresh, Tags.of("experiment", status.id()));
        } else {
            known.status = status;
        }
    }

    private void meters(Shown one, Tags tags) {
        gauge(one, "foliofleet.experiment.epoch", "least epoch that a machine has committed last", tags, status -> Math.max(0, status.epoch()));
        gauge(one, "foliofleet.experiment.simulated.seconds", "simulated by the slowest machine", tags, status -> Math.max(0, status.nanos()) / NANOS);
        gauge(one, "foliofleet.experiment.simulation.ratio", "simulated seconds per second, of the slowest machine", tags,
                status -> status.nanosPerSecond() / NANOS);
        gauge(one, "foliofleet.experiment.remaining.seconds", "estimate of the time that remains; NaN where there is none", tags,
                status -> status.remainingSeconds() < 0 ? Double.NaN : status.remainingSeconds());
        gauge(one, "foliofleet.experiment.troubles", "things that went wrong or keep machines waiting", tags, status -> status.troubles().size());
        machines(one, tags, "starting", machines -> machines.starting());
        machines(one, tags, "running", machines -> machines.running());
        machines(one, tags, "waiting", machines -> machines.waiting());
        machines(one, tags, "paused", machines -> machines.paused());
        machines(one, tags, "ended", machines -> machines.ended());
        machines(one, tags, "failed", machines -> machines.failed());
        one.meters.add(FunctionCounter.builder("foliofleet.experiment.step.backs", one, each -> each.status.machines().stepBacks())
                .description("returns of its machines to a committed epoch").tags(tags).register(registry));
    }

    private void machines(Shown one, Tags tags, String doing, ToDoubleFunction<ExperimentStatus.Machines> count) {
        gauge(one, "foliofleet.experiment.machines", "machines by what they do", tags.and("doing", doing),
                status -> count.applyAsDouble(status.machines()));
    }

    private void gauge(Shown one, String name, String about, Tags tags, ToDoubleFunction<ExperimentStatus> value) {
        one.meters.add(Gauge.builder(name, one, each -> value.applyAsDouble(each.status)).description(about).tags(tags).register(registry));
    }
}
