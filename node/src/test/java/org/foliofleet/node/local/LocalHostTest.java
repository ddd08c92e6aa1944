package org.foliofleet.node.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.SettingCatalog;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.api.Test;

/** Goal: experiments run on the model. Method: what programs do shows in the metrics, and equal runs have equal digests. */
class LocalHostTest {
    private static ExperimentResult run(String yaml) {
        return ExperimentRunner.run(SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "test.yaml"), new LocalHost(),
                ExperimentRunner.Progress.NONE);
    }

    private static final String FORKING = """
        version: 1
        name: forking
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB}, {memory: 64MiB}]
            processes: [{name: p, count: 4, node: spread, program: main}]
        programs:
          main:
            - mmap: {name: heap, at: 0, size: 1MiB, prot: rw}
            - {write: heap, expect: ok}
            - mark: written
            - repeat:
                times: 5
                steps:
                  - fork: {steps: [{write: {in: heap, at: zipf(0..1020KiB), size: 4KiB}}]}
                  - write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}
            - join
            - munmap: heap
        assert:
          - forks == 40
          - calls_failed == 0
          - resident == 0
          - free == 128MiB
        """;

    @Test
    void programsChangeTheMachineAndLeaveNothingBehind() {
        ExperimentResult result = run(FORKING);
        assertTrue(result.passed(), () -> result.assertions() + " " + result.classes().get(0).failures());
        assertEquals(1, result.classes().get(0).marks().size());
    }

    @Test
    void whatIsMeasuredAddsUp() {
        MetricValues metrics = run(FORKING).classes().get(0).metrics();
        assertEquals(metrics.get(MetricKey.of(Metric.FOLIOS_ALLOCATED)), metrics.get(MetricKey.of(Metric.FOLIOS_FREED)));
        long faults = 0;
        for (String kind : List.of("anon", "zero", "file", "swap", "cow", "reuse")) {
            faults += metrics.get(MetricKey.of(Metric.FAULTS, kind)).orElse(0);
        }
        assertEquals(faults, metrics.get(MetricKey.of(Metric.FAULTS)).orElseThrow());
        assertEquals(2 * 4 * 256, metrics.get(MetricKey.of(Metric.FAULTS, "anon")).orElseThrow());
        assertEquals(metrics.get(MetricKey.of(Metric.COW_COPIES)), metrics.get(MetricKey.of(Metric.FAULTS, "cow")));
    }

    @Test
    void callsThatMaxMapCountRefusesAreCounted() {
        ExperimentResult result = run("""
            version: 1
            name: many
            machines:
              - name: host
                nodes: [{memory: 64MiB}]
                kernel: {max_map_count: 20}
                processes: [{name: p, program: main}]
            programs:
              main:
                - repeat: {times: 30, index: i, steps: [{mmap: {at: i * 8KiB, size: 4KiB, prot: rw}}]}
            assert: [map_count_fail == 9, 'calls_failed{mmap,ENOMEM} == 9', vma_peak == 21]
            """);
        assertTrue(result.passed(), () -> result.assertions().toString());
    }

    @Test
    void theModelTakesEverySettingThatTheGrammarOffers() {
        for (String key : SettingCatalog.keys()) {
            SettingCatalog.Setting setting = SettingCatalog.named(key).orElseThrow();
            List<String> values = setting.words().isEmpty()
                    ? List.of(setting.defaultValue(), Long.toString(setting.min())) : setting.words();
            if (setting.modelled()) {
                values.forEach(value -> new KernelSettings().with(key, value));
            }
        }
    }

    @Test
    void equalRunsHaveEqualDigestsAndAnotherSeedAnother() {
        assertEquals(run(FORKING).digest(), run(FORKING).digest());
        assertNotEquals(run(FORKING).digest(), run("seed: 3\n" + FORKING).digest());
    }
}
