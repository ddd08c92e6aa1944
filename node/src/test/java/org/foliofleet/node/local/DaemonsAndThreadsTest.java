package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.ExperimentRunner.Progress;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: collapses of the daemon meet faults, fork, pins, reclaim, splits and userfaultfd in whatever order (R16, C16), and the
 * machine stays sound, ends, and ends alike everywhere. Method: an experiment of all of it with threads, by seeds.
 */
class DaemonsAndThreadsTest {
    private static ExperimentSpec spec(long seed) throws IOException {
        try (InputStream file = DaemonsAndThreadsTest.class.getResourceAsStream("/experiments/daemons-and-threads.yaml")) {
            return SpecLoader.read(file.readAllBytes(), "daemons-and-threads.yaml").withSeed(seed);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theMachineIsSoundInEveryTickAndRestoresAsItWas(long seed) throws IOException {
        ExperimentSpec spec = spec(seed);
        WorkloadPlan plan = WorkloadPlan.of(spec, spec.machines().get(0), 0);
        LocalMachine machine = new LocalMachine(new LocalHost().boot(spec, spec.machines().get(0), 0), plan, spec.stop());
        while (!machine.run(97)) {
            Invariants.always(machine.machine());
            Machine restored = Machine.restore(machine.machine().snapshot());
            assertEquals(machine.machine().digest(), restored.digest(), () -> "seed " + seed);
            restored.workload().resume(plan);
            machine = new LocalMachine(restored, plan, spec.stop());
        }
        Invariants.always(machine.machine());
        assertTrue(machine.result().metrics().values().size() > 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {7})
    void itEndsAlikeUnderEveryHosting(long seed) throws IOException {
        assertEquals("", DeterminismCheck.run(spec(seed), Progress.NONE).difference(), () -> "seed " + seed);
    }
}
