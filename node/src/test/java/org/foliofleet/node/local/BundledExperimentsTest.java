package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: what every bundled experiment promises, whatever threads it runs on and wherever it is interrupted. */
class BundledExperimentsTest {
    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "mlock-vma-boundaries", "lazyfree-reclaim", "refcount-limit-small",
        "fork-cow-storm", "live-migration-collapse",
        "mapcount-madness", "driver-mappings", "datacenter"})
    void assertionsHoldAndThreadsDoNotMatter(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        ExperimentResult one = ExperimentRunner.run(spec, new LocalHost(), 1, ExperimentRunner.Progress.NONE);
        assertTrue(one.passed(), () -> one.assertions().stream().filter(a -> !a.holds()).toList() + " " + one.unmet());
        if (spec.machines().stream().mapToInt(MachineClass::count).sum() == 1) {
            return;
        }
        ExperimentResult four = ExperimentRunner.run(spec, new LocalHost(), 4, ExperimentRunner.Progress.NONE);
        assertEquals(one, four);
    }

    /** Goal: nothing of an experiment lives outside of the machine's state. Method: restore at every k-th tick and go on. */
    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "refcount-limit-small", "fork-cow-storm",
        "mapcount-madness"})
    void aMachineRestoredInTheMiddleEndsAsTheOther(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        boolean storm = List.of("fork-cow-storm", "mapcount-madness").contains(name);
        Stop stop = storm ? new Stop(-1, 1_500, true) : spec.stop();
        int every = storm ? 251 : 7;
        for (MachineClass machines : spec.machines()) {
            LocalMachine whole = new LocalMachine(new LocalHost().boot(spec, machines, 0), WorkloadPlan.of(spec, machines, 0), stop);
            LocalMachine cut = new LocalMachine(new LocalHost().boot(spec, machines, 0), WorkloadPlan.of(spec, machines, 0), stop);
            List<Long> cuts = new ArrayList<>();
            while (!cut.run(every)) {
                assertEquals(false, whole.run(every));
                assertEquals(whole.machine().digest(), cut.machine().digest(), () -> name + ", restored at ticks " + cuts);
                Machine restored = Machine.restore(cut.machine().snapshot());
                WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
                restored.workload().resume(plan);
                cut = new LocalMachine(restored, plan, stop);
                cuts.add(restored.tick());
            }
            whole.run(Long.MAX_VALUE);
            MachineResult result = whole.result();
            assertEquals(result, cut.result(), () -> name + ", restored at ticks " + cuts);
            assertEquals(result, MachineResult.of(result.toBytes()));
        }
    }
}
