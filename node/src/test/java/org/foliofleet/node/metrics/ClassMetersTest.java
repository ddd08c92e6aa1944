package org.foliofleet.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;
import org.junit.jupiter.api.Test;

/** Goal: sums over JVMs are right wherever machines run, whatever disturbs them. Method: machines that say what they are told to. */
class ClassMetersTest {
    private static final long TICK = 1000;
    private static final Duration QUICK = Duration.ofMillis(1);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final EngineMeters engine = new EngineMeters(registry);
    private final ClassMeters machines = new ClassMeters(registry, "e", "host", 32_767);

    private MachineMeters machine() {
        return new MachineMeters(engine, machines, () -> { });
    }

    /** As many faults as microseconds, all on the last node; half of the memory is free. */
    private static Series until(long micros, int nodes) {
        Series series = Series.begin(TICK);
        for (long now = 0; now <= micros; now++) {
            if (now * TICK >= series.nextNanos() || now == micros) {
                Sample.Builder sample = Sample.builder(nodes);
                sample.set(Track.FAULTS, nodes - 1, now);
                sample.set(Track.MEMORY, nodes - 1, 100);
                sample.set(Track.FREE, nodes - 1, 50);
                sample.set(Track.REFS_PEAK, nodes - 1, 3276);
                sample.set(Track.FORKS, 2 * now);
                series = series.with(sample.build(now * TICK));
            }
        }
        return series;
    }

    private static void commit(MachineMeters machine, long micros, int nodes) {
        machine.committed(until(micros, nodes), micros, micros * TICK, 10 * micros, QUICK);
    }

    private double counter(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @Test
    void machinesOfAClassAreAddedUp() {
        MachineMeters one = machine();
        MachineMeters two = machine();
        one.wentOn(0, 0);
        two.wentOn(0, 0);
        commit(one, 1000, 2);
        commit(two, 500, 2);
        commit(one, 2000, 2);
        assertEquals(2, gauge("foliofleet.machines"));
        assertEquals(2500, counter("foliofleet.faults", "node", "1"));
        assertEquals(0, counter("foliofleet.faults", "node", "0"));
        assertEquals(5000, counter("foliofleet.forks"));
        assertEquals(25_000, counter("foliofleet.messages"));
        assertEquals(2500, counter("foliofleet.ticks"));
        assertEquals(0.0025, counter("foliofleet.simulated.seconds"), 1e-9);
        assertEquals(2 * 50 * 4096, gauge("foliofleet.memory.free.bytes", "node", "1"));
        assertEquals(0.9, gauge("foliofleet.refcount.headroom.ratio", "node", "1"), 0.001);
        assertEquals(3, registry.get("foliofleet.epochs").counter().count());
        two.gone();
        assertEquals(50 * 4096, gauge("foliofleet.memory.free.bytes", "node", "1"));
        assertEquals(2500, counter("foliofleet.faults", "node", "1"), "a counter never falls");
    }

    @Test
    void whatAMachineDidElsewhereIsNotCountedAgain() {
        MachineMeters moved = machine();
        moved.wentOn(1024, 1024 * TICK);
        commit(moved, 2048, 1);
        double faults = counter("foliofleet.faults", "node", "0");
        assertTrue(faults >= 1024 && faults <= 1024 + 64, "as exactly as samples tell: " + faults);
        assertEquals(1024, counter("foliofleet.ticks"));
    }

    @Test
    void stepBacksAndRecoveriesAreCounted() {
        MachineMeters machine = machine();
        machine.wentOn(0, 0);
        commit(machine, 1024, 1);
        machine.steppedBack("fault");
        machine.wentOn(1024, 1024 * TICK);
        commit(machine, 2048, 1);
        assertEquals(2048, counter("foliofleet.ticks"));
        assertEquals(1, registry.get("foliofleet.step.backs").tag("cause", "fault").counter().count());
        assertEquals(2, registry.get("foliofleet.recoveries").counter().count());
    }

    @Test
    void seriesDoNotGrowWithMachinesOrProcesses() {
        MachineMeters first = machine();
        first.wentOn(0, 0);
        commit(first, 100, 4);
        int before = registry.getMeters().size();
        for (int i = 0; i < 1000; i++) {
            MachineMeters machine = machine();
            machine.wentOn(0, 0);
            commit(machine, 100 + i, 4);
        }
        assertEquals(before, registry.getMeters().size());
        machines.close();
        assertTrue(registry.getMeters().stream().noneMatch(meter -> meter.getId().getTag("experiment") != null), "what is not run here is forgotten");
    }
}
