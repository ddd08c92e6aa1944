package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.DeterminismCheck;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: memory follows its process to another node, if it is scanned for that (R11.6, R11.7). Method: an experiment with two nodes. */
class BalancingTest {
    private static final String YAML = """
        version: 1
        name: balancing
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB, cpus: 2}, {memory: 64MiB, cpus: 2}]
            kernel: {numa_balancing.run: %d, numa_balancing.scan_period_ms: 10}
            processes: [{name: p, program: p}]
        programs:
          p:
            - mmap: {name: buf, at: 1GiB, size: 256KiB, prot: rw}
            - write: buf
            - cpu: 1
            - repeat: {times: 10, steps: [{wait: 5ms}, {read: buf}]}
        stop: {when: idle}
        assert: ['counter{pgmigrate_success} == %d']
        """;

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 64"})
    void memoryFollowsItsProcess(int run, long migrated) {
        ExperimentSpec spec = SpecLoader.read(YAML.formatted(run, migrated).getBytes(StandardCharsets.UTF_8), "balancing.yaml");
        ExperimentResult result = ExperimentRunner.run(spec, new LocalHost(), ExperimentRunner.Progress.NONE);

        assertTrue(result.passed(), () -> result.assertions().toString());
        assertEquals("", DeterminismCheck.run(spec, ExperimentRunner.Progress.NONE).difference());
    }
}
