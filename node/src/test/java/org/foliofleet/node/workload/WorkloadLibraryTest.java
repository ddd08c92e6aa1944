package org.foliofleet.node.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadLibrary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: every workload of the library does what it says, and leaves nothing behind. Method: two of it on a small machine. */
class WorkloadLibraryTest {
    static List<String> names() {
        return WorkloadLibrary.NAMES;
    }

    private static ExperimentSpec spec(String program, String more) {
        return SpecLoader.read("""
            version: 1
            name: library
            machines:
              - name: host
                nodes: [{memory: 256MiB, cpus: 4}]
                swap: 64MiB
                processes: [{name: p, count: 2, arrival: {every: 1ms}, program: %s}]
                %s
            """.formatted(program, more).getBytes(StandardCharsets.UTF_8), "library.yaml");
    }

    private static ExperimentResult run(ExperimentSpec spec) {
        return ExperimentRunner.run(spec, new LocalHost(), 1, ExperimentRunner.Progress.NONE);
    }

    private static long metric(ExperimentResult result, Metric metric) {
        return result.classes().get(0).metrics().get(MetricKey.of(metric)).orElse(0);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aWorkloadRunsWithoutAFailure(String name) {
        ExperimentResult result = run(spec("{workload: " + name + "}", ""));
        assertEquals(List.of(), result.classes().get(0).failures(), name);
        assertEquals(0, metric(result, Metric.SAFETY_VIOLATIONS), name);
        assertEquals(0, metric(result, Metric.VMAS), name);
        assertTrue(metric(result, Metric.CALLS) > 10, name);
        assertFalse(WorkloadLibrary.about(name).isEmpty());
    }

    @Test
    void parametersMakeAnotherWorkload() {
        long few = metric(run(spec("{workload: prefork-server, workers: 2, generations: 1}", "")), Metric.FORKS);
        assertEquals(4, few);
    }

    @Test
    void memoryIsTakenForAWhile() {
        String program = "[{mmap: {name: m, size: 160MiB, prot: rw}}, {write: m}, {wait: 40ms}, {read: m}]";
        ExperimentResult undisturbed = run(spec("[{wait: 1ms}, {program: [{wait: 1ms}]}]", ""));
        assertEquals(0, metric(undisturbed, Metric.MLOCKED));
        ExperimentSpec disturbed = spec(program.replace("160MiB", "60MiB"), "disturb: [{at: 20ms, take: {memory: 200MiB}, for: 10ms}]");
        assertEquals(2, disturbed.machines().get(0).processes().size());
        ExperimentResult result = run(disturbed);
        assertTrue(metric(result, Metric.FREE) > 0, "it is given back");
        assertTrue(result.classes().get(0).metrics().get(MetricKey.of(Metric.COUNTER, "pswpout")).orElse(0) > 0, "the others had to go to swap");
    }
}
