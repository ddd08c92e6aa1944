package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.local.LocalMachine;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.workload.RandomExperiment;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a machine of an experiment ends at the same tick for the same reason with the same result and digest, whoever hosts
 * it and wherever it was cut. Method: random experiments with marks, failures and all kinds of ends, and the bundled ones,
 * bare and hosted, run in pieces, written and put together again between some. {@code -Dprograms=1000} for more,
 * {@code -Dseed=N} for one.
 */
class HostingsEndAlikeTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 50);
    private static final Long ONLY = Long.getLong("seed");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Spread spread;

    /** How the machine is hosted; a number is one of lanes. */
    private enum Hosting { MACHINE, OWNER, TWO_LANES, THREE_LANES }

    @BeforeAll
    static void start() {
        spread = Spread.local();
    }

    @AfterAll
    static void end() {
        spread.close();
    }

    private static HostedMachine host(Hosting hosting, MachineParts parts, String name) {
        return switch (hosting) {
            case MACHINE -> new HostedMachine(spread.system(0), MachineActor.create(parts));
            case OWNER -> new HostedMachine(spread.system(0), MachineClock.create(parts, PATIENCE));
            case TWO_LANES -> spread.start(name, parts, 2).machine();
            case THREE_LANES -> spread.start(name, parts, 3).machine();
        };
    }

    /** What a machine ended with. */
    private record Ending(long tick, MachineEnd end, MachineResult result) {}

    private static Ending bare(ExperimentSpec spec, MachineClass machines, Stop stop) {
        LocalMachine machine = new LocalMachine(new LocalHost().boot(spec, machines, 0), WorkloadPlan.of(spec, machines, 0), stop);
        machine.run(Long.MAX_VALUE);
        MachineResult result = machine.result();
        return new Ending(machine.machine().tick(), new MachineEnd(result.end(), result.nanos()), result);
    }

    private static Ending hosted(ExperimentSpec spec, MachineClass machines, Stop stop, Hosting hosting, Random cuts, long ticks) {
        WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
        StopRule rule = StopRule.of(stop, plan);
        HostedMachine machine = host(hosting, new LocalHost().boot(spec, machines, 0).parts(), spec.name());
        try {
            long until = 0;
            while (true) {
                until += 1 + (long) (cuts.nextDouble() * ticks);
                RunReport report = machine.run(until, rule);
                if (report instanceof RunReport.Failed failed) {
                    throw failed.cause();
                }
                if (cuts.nextInt(3) == 0) {
                    byte[] state = machine.snapshot();
                    machine.close();
                    machine = host(hosting, MachineParts.of(state).resume(plan), spec.name() + until);
                }
                if (report instanceof RunReport.Ended ended) {
                    assertEquals(ended, machine.run(until + ticks, rule), "it does not go on");
                    return new Ending(ended.tick(), ended.end(), machine.result(rule));
                }
            }
        } finally {
            machine.close();
        }
    }

    @Test
    void randomExperimentsEndAlikeUnderEveryHosting() {
        TreeMap<String, Integer> ends = new TreeMap<>();
        int marks = 0;
        int failures = 0;
        for (long seed = ONLY != null ? ONLY : 1; seed <= (ONLY != null ? ONLY : PROGRAMS); seed++) {
            ExperimentSpec spec = RandomExperiment.of(seed);
            try {
                Ending expected = bare(spec, spec.machines().get(0), spec.stop());
                for (Hosting hosting : Hosting.values()) {
                    assertEquals(expected, hosted(spec, spec.machines().get(0), spec.stop(), hosting, new Random(seed), 300), hosting.name());
                }
                assertEquals(expected.result(), MachineResult.of(expected.result().toBytes()));
                ends.merge(expected.end().why(), 1, Integer::sum);
                marks += expected.result().marks().size();
                failures += expected.result().failures().size();
                assertTrue(expected.result().failures().stream().allMatch(failure -> failure.vmas() >= 0), "VMAs are counted at every first failure");
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("replay with: mvn -o -q -pl node -am test -Dtest=HostingsEndAlikeTest -Dseed=" + seed + "\n"
                        + e.getMessage(), e);
            }
        }
        if (ONLY == null) {
            assertEquals(List.of("all programs are over", "the ticks are over", "the time is over"), List.copyOf(ends.keySet()), "kinds of ends");
            assertTrue(marks > PROGRAMS && failures > PROGRAMS / 2, marks + " marks, " + failures + " failures");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "mlock-vma-boundaries", "lazyfree-reclaim", "refcount-limit-small", "fork-cow-storm", "driver-mappings"})
    void bundledExperimentsEndAlikeUnderEveryHosting(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        Stop stop = name.equals("fork-cow-storm") ? new Stop(-1, 300, true) : spec.stop();
        for (MachineClass machines : spec.machines()) {
            Ending expected = bare(spec, machines, stop);
            for (Hosting hosting : Hosting.values()) {
                assertEquals(expected, hosted(spec, machines, stop, hosting, new Random(7), 1_000), hosting.name());
            }
        }
    }

    /** Goal: processes that wait for ever end a machine that has a rule, and are a violation in one that has none. */
    @Test
    void processesThatWaitForEverAreTheEnd() {
        ExperimentSpec spec = SpecLoader.read("""
            version: 1
            name: waiting
            machines: [{name: host, nodes: [{memory: 64MiB}], processes: [{name: p, program: [{mmap: {name: heap, size: 1MiB, prot: rw}}, {write: heap}]}]}]
            """.getBytes(StandardCharsets.UTF_8), "waiting.yaml");
        MachineClass machines = spec.machines().get(0);
        WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
        StopRule rule = StopRule.of(Stop.IDLE, plan);
        Machine machine = new LocalHost().boot(spec, machines, 0);
        while (machine.workload().status().living() == 0 || machine.workload().flightCount() == 0) {
            machine.step();
        }
        for (Hosting hosting : Hosting.values()) {
            MachineParts whole = MachineParts.of(machine.snapshot()).resume(plan);
            MachineParts stuck = new MachineParts(whole.topology(), whole.settings(), whole.progress(), whole.owners(), List.of(), whole.answers());
            HostedMachine hosted = host(hosting, stuck, "stuck" + hosting);
            RunReport.Ended ended = (RunReport.Ended) hosted.run(1_000_000, rule);
            assertEquals("1 processes wait for ever", ended.end().why());
            assertTrue(hosted.run(1_000_000) instanceof RunReport.Failed, hosting.name());
            hosted.close();
        }
    }
}
