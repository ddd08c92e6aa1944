package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;
import org.foliofleet.protocol.series.Series;
import org.junit.jupiter.api.Test;

/** Goal: results of machines come in any order, as bytes and more than once. Method: random results, shuffled. */
class ExperimentFoldTest {
    private static final ExperimentSpec SPEC = SpecLoader.read("""
        version: 1
        name: fold
        machines:
          - {name: big, count: 3, nodes: [{memory: 64MiB}], processes: [{name: p, program: [{mark: there}]}]}
          - {name: small, like: big, count: 20}
        assert: [calls >= 1, {that: calls >= 1, at: there, machines: small}]
        """.getBytes(StandardCharsets.UTF_8), "fold.yaml");

    private record Machine(String machineClass, int ordinal, MachineResult result) {}

    private static MachineResult random(Random random, int ordinal) {
        MetricValues metrics = random.nextInt(5) == 0 ? MetricValues.NONE : MetricValues.of(new TreeMap<>(Map.of(
                MetricKey.of(Metric.CALLS), random.nextLong(1000), MetricKey.of(Metric.FREE), random.nextLong(1000),
                MetricKey.of(Metric.SPLIT_FAIL, "pinned"), random.nextLong(1000))));
        List<Unmet> unmet = random.nextBoolean() ? List.of() : List.of(new Unmet("", ordinal, "p", 3, "mmap", "ok", "ENOMEM"));
        List<FailureGroup> failures = random.nextBoolean() ? List.of()
                : List.of(new FailureGroup("mmap", "ENOMEM", 1 + random.nextInt(9), random.nextInt(1000), ordinal, "p", 3, random.nextInt(50)));
        return new MachineResult(random.nextLong(1_000_000), random.nextInt(9) == 0 ? "the time is over" : "all programs are over", metrics,
                List.of(new MarkResult("there", 1, random.nextInt(1000), metrics)), failures, unmet,
                List.of(new CallTime("mmap", 3, random.nextInt(1000), random.nextInt(300))), Series.begin(1000), Long.toHexString(random.nextLong()));
    }

    private static ExperimentResult fold(List<Machine> machines) {
        ExperimentFold fold = new ExperimentFold(SPEC);
        machines.forEach(machine -> fold.add(machine.machineClass(), machine.ordinal(), MachineResult.of(machine.result().toBytes())));
        assertEquals(23, fold.done());
        return fold.result();
    }

    @Test
    void theOrderInWhichResultsComeDoesNotMatter() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            List<Machine> machines = new ArrayList<>();
            for (ExperimentSpec.MachineClass each : SPEC.machines()) {
                for (int ordinal = 0; ordinal < each.count(); ordinal++) {
                    machines.add(new Machine(each.name(), ordinal, random(random, ordinal)));
                }
            }
            ExperimentResult expected = fold(machines);
            List<Machine> shuffled = new ArrayList<>(machines);
            shuffled.addAll(machines.subList(5, 15));
            Collections.shuffle(shuffled, random);
            assertEquals(expected, fold(shuffled), "seed " + seed);
            Machine other = machines.get(random.nextInt(machines.size()));
            machines.set(machines.indexOf(other), new Machine(other.machineClass(), other.ordinal(), random(random, other.ordinal())));
            assertNotEquals(expected.digest(), fold(machines).digest(), "seed " + seed);
        }
    }

    @Test
    void whatIsMissingOrUnknownIsRefused() {
        ExperimentFold fold = new ExperimentFold(SPEC);
        MachineResult result = random(new Random(1), 0);
        fold.add("small", 7, result);
        assertEquals(1, fold.done());
        assertThrows(IllegalStateException.class, fold::result);
        assertThrows(IllegalArgumentException.class, () -> fold.add("small", 20, result));
        assertThrows(IllegalArgumentException.class, () -> fold.add("none", 0, result));
        assertThrows(DecodingException.class, () -> MachineResult.of(Wire.encode("no result")));
    }
}
