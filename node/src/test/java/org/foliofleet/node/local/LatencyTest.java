package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.policy.CostTable;
import org.junit.jupiter.api.Test;

/** Goal: how long faults and stalls take is known for each kind. Method: an experiment with each, against the cost table. */
class LatencyTest {
    private static final CostTable COSTS = CostTable.MEASURED;

    private static final String EXPERIMENT = """
        version: 1
        name: latencies
        machines:
          - name: host
            nodes: [{memory: 1GiB, cpus: 2}, {memory: 1GiB, cpus: 2}]
            distances: [[10, 20], [20, 10]]
            swap: 64MiB
            kernel: {thp: madvise}
            processes:
              - {name: small, count: 3, program: small}
              - {name: huge, program: huge}
        programs:
          small:
            - mmap: {name: m, size: 1MiB, prot: rw}
            - read: {in: m, size: 256KiB}
            - write: m
            - fork: {program: [{write: {in: m, size: 64KiB}}]}
            - join
            - write: {in: m, size: 128KiB}
            - madvise: {in: m, advice: pageout}
            - read: m
          huge:
            - mmap: {name: h, at: 1GiB, size: 4MiB, prot: rw}
            - madvise: {in: h, advice: hugepage}
            - write: h
            - munmap: {in: h, size: 64KiB}
        """;

    private static ExperimentResult run(String yaml) {
        ExperimentSpec spec = SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "latencies.yaml");
        return ExperimentRunner.run(spec, new LocalHost(), ExperimentRunner.Progress.NONE);
    }

    private static Distribution of(ExperimentResult result, Metric metric, String kind) {
        return Distribution.of(result.classes().get(0).metrics(), metric, kind);
    }

    @Test
    void faultsTakeWhatTheTableSaysAndWithAStallMore() {
        ExperimentResult result = run(EXPERIMENT);
        MetricValues metrics = result.classes().get(0).metrics();
        assertEquals(Latencies.highest(COSTS.anonFault()), of(result, Metric.FAULT_LATENCY, "anon").quantile("p99").orElseThrow());
        assertEquals(Latencies.highest(COSTS.zeroPageFault()), of(result, Metric.FAULT_LATENCY, "zero").quantile("max").orElseThrow());
        assertEquals(3 * 64, of(result, Metric.FAULT_LATENCY, "zero").count());
        assertEquals(2, of(result, Metric.FAULT_LATENCY, "thp").count());
        assertEquals(Latencies.highest(COSTS.copyFault()), of(result, Metric.FAULT_LATENCY, "cow").quantile("p50").orElseThrow());
        assertTrue(of(result, Metric.FAULT_LATENCY, "wp").count() > 0, metrics::toString);
        assertEquals(3 * 256, of(result, Metric.FAULT_LATENCY, "swap").count());
        assertTrue(of(result, Metric.FAULT_LATENCY, "swap").quantile("p50").orElseThrow() >= COSTS.anonFault() + COSTS.swapPage(), metrics::toString);
        assertEquals(1, of(result, Metric.STALL_LATENCY, "split").count(), metrics::toString);
        assertTrue(of(result, Metric.STALL_LATENCY, "reclaim").count() > 0, metrics::toString);
        assertTrue(of(result, Metric.STALL_LATENCY, "walk").count() > 0, metrics::toString);
    }

    @Test
    void memoryThatIsFarTakesLongerToClear() {
        String far = EXPERIMENT.replace("program: huge}", "program: huge}").replace("- {name: small, count: 3, program: small}",
            "- {name: far, program: [{mempolicy: {mode: bind, nodes: [1]}}, {mmap: {name: m, size: 1MiB, prot: rw}}, {write: m}]}");
        ExperimentResult result = run(far);
        assertEquals(Latencies.highest(COSTS.anonFault() + COSTS.remotePage()), of(result, Metric.FAULT_LATENCY, "anon").quantile("p50").orElseThrow());
    }

    @Test
    void anotherTableMakesThemLonger() {
        ExperimentResult result = run(EXPERIMENT.replace("    swap: 64MiB\n", "    swap: 64MiB\n    costs: {anon_fault: 9us}\n"));
        assertEquals(Latencies.highest(9000), of(result, Metric.FAULT_LATENCY, "anon").quantile("p50").orElseThrow());
    }
}
