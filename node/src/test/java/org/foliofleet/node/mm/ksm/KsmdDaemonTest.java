package org.foliofleet.node.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.api.Test;

/** Goal: ksmd as a daemon merges what a scan by request does, a portion at a time, and the machine ends (R12.1, R12.2). */
class KsmdDaemonTest {
    private static Map<String, Long> run(String kernel, String steps) {
        String yaml = """
            version: 1
            name: ksmd
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB, cpus: 2}]
                kernel: {%s}
                processes: [{name: p, count: 2, program: p}]
            programs:
              p:
                - mmap: {name: buf, at: 1GiB, size: 256KiB, prot: rw}
                - madvise: {in: buf, advice: mergeable}
                - write: {in: buf, tag: 7, same: true}
            %s
            stop: {when: idle}
            """.formatted(kernel, steps.strip().indent(4).stripTrailing());
        ExperimentResult result = ExperimentRunner.run(SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "ksmd.yaml"), new LocalHost(),
            ExperimentRunner.Progress.NONE);
        assertTrue(result.passed(), () -> result.unmet() + yaml);
        Map<String, Long> values = new TreeMap<>();
        for (MarkResult mark : result.classes().get(0).marks()) {
            mark.metrics().values().forEach((key, value) -> values.put(key + "@" + mark.label(), value));
        }
        return values;
    }

    @Test
    void equalPagesAreMergedInTheBackground() {
        Map<String, Long> values = run("ksm.run: 1", "- wait: 5ms\n- mark: early\n- wait: 500ms\n- mark: merged");

        assertEquals(128, values.get("resident@early"), values.toString());
        assertEquals(1, values.get("resident@merged"));
    }

    /** 128 pages, 16 a millisecond: a full scan takes 8 ms, and nothing merges before the second. */
    @Test
    void aScanStopsAfterItsPagesAndTheNextGoesOnThere() {
        Map<String, Long> values = run("ksm.run: 1, ksm.sleep_ms: 1, ksm.pages_to_scan: 16",
            "- wait: 5ms\n- mark: first scan\n- wait: 20ms\n- mark: second scan");

        assertEquals(128, values.get("resident@first scan"), values.toString());
        assertTrue(values.get("resident@second scan") < 128, values.toString());
    }

    @Test
    void itIsSwitchedOnAndOffByAProgram() {
        Map<String, Long> values = run("ksm.sleep_ms: 1",
            "- wait: 50ms\n- mark: off\n- set: {ksm.run: 1}\n- wait: 50ms\n- mark: on\n- set: {ksm.run: 0}\n- write: {in: buf, tag: 8, same: true}\n"
            + "- wait: 50ms\n- mark: off again");

        assertEquals(128, values.get("resident@off"), values.toString());
        assertEquals(1, values.get("resident@on"));
        assertEquals(128, values.get("resident@off again"));
    }
}
