package org.foliofleet.node.mm.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.serial.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a machine measured in parts is the machine measured as a whole, and that is what its pages say. Method: random
 * programs and bundled experiments, looked at on the way: page by page, owner by owner in one go, and in parts by several
 * who send each other bytes. {@code -Dprograms=1000} for more.
 */
class MachineMeasureTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 40);
    private static final int LOOKS = 12;

    @Test
    void measuresOfRandomProgramsAreWhatTheirPagesSay() {
        TreeMap<Metric, Long> seen = new TreeMap<>();
        for (long seed = 1; seed <= PROGRAMS; seed++) {
            RecordedProgram program = RecordedProgram.of(seed);
            Machine machine = new Machine(program.toParts());
            long every = Math.max(1, program.lastTick() / LOOKS);
            for (long next = every; machine.step();) {
                if (machine.tick() >= next) {
                    compare(machine, "seed " + seed + ", tick " + machine.tick(), seed).forEach((metric, value) -> seen.merge(metric, value, Math::max));
                    next = machine.tick() + every;
                }
            }
        }
        for (Metric metric : List.of(Metric.CROSSING_FOLIOS, Metric.LOCKED_SHORTFALL, Metric.LOCKED_EXCESS, Metric.MLOCKED, Metric.HUGE_COVERAGE,
                Metric.SWAPPED)) {
            assertTrue(seen.get(metric) > 0, () -> "no program had any " + metric);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin-half-unmap", "mlock-boundaries", "refcount-limit-small"})
    void measuresOfExperimentsAreWhatTheirPagesSay(String name) {
        ExperimentSpec spec = SpecLoader.bundled(name);
        for (MachineClass machines : spec.machines()) {
            Machine machine = new LocalHost().boot(spec, machines, 0);
            for (int tick = 0; tick < 2_000 && machine.step(); tick++) {
                if (tick % 37 == 0) {
                    compare(machine, name + " " + machines.name() + ", tick " + machine.tick(), tick);
                }
            }
        }
    }

    private static TreeMap<Metric, Long> compare(Machine machine, String where, long seed) {
        MetricValues whole = machine.metrics();
        PageByPage pages = new PageByPage(machine);
        pages.values.forEach((metric, value) -> assertEquals(value, whole.get(MetricKey.of(metric)).orElseThrow(), () -> where + ": " + metric));
        assertEquals(pages.vmasOfTrees, machine.measure().vmas(), where);
        MachineMeasure parts = inParts(machine, new Random(seed));
        assertEquals(whole, parts.values(machine.settings(), machine.ticks()), where);
        assertEquals(machine.measure().vmas(), parts.vmas());
        TreeMap<Metric, Long> values = new TreeMap<>();
        whole.values().forEach((key, value) -> values.put(key.metric(), key.equals(MetricKey.of(key.metric())) ? value : 0));
        return values;
    }

    /** Owners are dealt out to three, who measure theirs in any order; the first gets the bytes of the others. */
    private static MachineMeasure inParts(Machine machine, Random random) {
        List<MachineMeasure> parts = List.of(new MachineMeasure(), new MachineMeasure(), new MachineMeasure());
        TreeMap<Integer, List<Owner>> families = new TreeMap<>();
        for (Owner owner : machine.owners()) {
            int process = owner instanceof Process p ? p.number() : owner instanceof Vma vma ? ((VmaId) vma.id()).process() : 0;
            if (process == 0) {
                parts.get(random.nextInt(parts.size())).add(owner);
            } else {
                families.computeIfAbsent(process, number -> new ArrayList<>()).add(random.nextInt(2) == 0 ? 0 : families.get(process).size(), owner);
            }
        }
        for (List<Owner> family : families.values()) {
            ProcessMeasure measure = new ProcessMeasure();
            for (Owner owner : family) {
                if (owner instanceof Process process) {
                    measure.add(process);
                } else {
                    measure.add(VmaMeasure.of((Vma) owner));
                }
            }
            parts.get(random.nextInt(parts.size())).add(measure);
        }
        parts.get(random.nextInt(parts.size())).addMessages(machine.messages());
        for (MachineMeasure other : parts.subList(1, parts.size())) {
            parts.get(0).add((MachineMeasure) Wire.decode(Wire.encode(other)));
        }
        return parts.get(0);
    }
}
