package org.foliofleet.node.mm.khugepaged;

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

/** Goal: the khugepaged daemon scans, pauses and ends as R9.1 says. Method: small experiments with it switched on. */
class DaemonTest {
    private static final String HEAD = """
        version: 1
        name: daemon
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 256MiB, cpus: 2}]
            files: [{name: shm, size: 2MiB, shmem: true}]
            kernel: {thp: madvise, khugepaged.run: 1, khugepaged.scan_sleep_ms: 100%s}
            processes: [{name: p, program: p}]
        programs:
        %s
        stop: {when: idle}
        """;

    private static Map<String, Long> run(String moreSettings, String programs) {
        String yaml = HEAD.formatted(moreSettings, programs.strip().indent(2));
        ExperimentResult result = ExperimentRunner.run(SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "daemon.yaml"), new LocalHost(),
            ExperimentRunner.Progress.NONE);
        assertTrue(result.passed(), () -> result.unmet() + yaml);
        Map<String, Long> values = new TreeMap<>();
        result.classes().get(0).metrics().values().forEach((key, value) -> values.put(key.toString(), value));
        for (MarkResult mark : result.classes().get(0).marks()) {
            mark.metrics().values().forEach((key, value) -> values.put(key + "@" + mark.label(), value));
        }
        return values;
    }

    private static final String FOUR_BLOCKS = """
        p:
          - mmap: {name: buf, at: 1GiB, size: 8MiB, prot: rw}
          - write: {in: buf, at: 4MiB, size: 2MiB}
          - write: {in: buf, at: 6MiB, size: 848KiB}
          - fork: {name: child, program: child}
          - write: {in: buf, size: 2052KiB}
          - write: {in: buf, at: 7016KiB, size: 1176KiB}
          - madvise: {in: buf, advice: hugepage}
          - wait: 1s
          - mark: scanned
        child: [{wait: 2s}]
        """;

    /** C9.l. */
    @Test
    void blocksWithinTheLimitsAreCollapsedAndOthersAreToldByReason() {
        Map<String, Long> values = run("", FOUR_BLOCKS);

        assertEquals(3 * 512, values.get("huge_coverage@scanned"), values.toString());
        assertEquals(3, values.get("collapses{khugepaged,succeed}"));
        assertTrue(values.get("collapses{khugepaged,exceed_shared_pte}") >= 8, "each scan finds the block that is shared");
        assertTrue(values.get("collapses{khugepaged,pmd_mapped}") > 0);
        assertTrue(values.get("khugepaged_scans") >= 8 && values.get("khugepaged_scans") <= 21, values.toString());
    }

    /** max_ptes_none and max_ptes_shared as they are set. */
    @Test
    void theLimitsAreSettings() {
        Map<String, Long> values = run(", khugepaged.max_ptes_none: 0, khugepaged.max_ptes_shared: 511", FOUR_BLOCKS);

        assertEquals(1, values.get("collapses{khugepaged,succeed}"), values.toString());
        assertTrue(values.get("collapses{khugepaged,exceed_shared_pte}") >= 8);
        assertTrue(values.get("collapses{khugepaged,exceed_none_pte}") >= 8);
    }

    /** Where memory is full of pages that nobody uses, khugepaged reclaims for its folio, unless {@code defrag} is 0; MADV_COLLAPSE always does. */
    @Test
    void reclaimingForTheFolioIsASetting() {
        String full = """
            p:
              - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
              - mlock: buf
              - mmap: {name: cold, at: 2GiB, size: 242696KiB, prot: rw}
              - write: cold
              - madvise: {in: buf, advice: hugepage}
              - wait: 1s
              - mark: scanned
              - madvise: {in: buf, advice: collapse}
            """;
        Map<String, Long> on = run("}\n    swap: {size: 64MiB", full);
        Map<String, Long> off = run(", khugepaged.defrag: 0}\n    swap: {size: 64MiB", full);
        assertEquals(512, on.get("huge_coverage@scanned"), on.toString());
        assertEquals(0, off.get("huge_coverage@scanned"), off.toString());
        assertEquals(1, off.get("collapses{khugepaged,alloc_huge_page_fail}"));
        assertEquals(1, off.get("collapses{madvise,succeed}"));
    }

    @Test
    void aScanStopsAfterItsPagesAndTheNextGoesOnThere() {
        Map<String, Long> values = run(", khugepaged.pages_to_scan: 512", """
            p:
              - mmap: {name: buf, at: 1GiB, size: 8MiB, prot: rw}
              - write: buf
              - madvise: {in: buf, advice: hugepage}
              - wait: 50ms
              - mark: once
              - wait: 100ms
              - mark: twice
              - wait: 100ms
              - mark: thrice
            """);

        assertEquals(512, values.get("huge_coverage@once"), values.toString());
        assertEquals(2 * 512, values.get("huge_coverage@twice"));
        assertEquals(3 * 512, values.get("huge_coverage@thrice"));
    }

    @Test
    void filesAreCollapsedAndMappedByTheNextFault() {
        Map<String, Long> values = run("", """
            p:
              - mmap: {name: known, at: 2GiB, size: 2MiB, prot: rw}
              - madvise: {in: known, advice: hugepage}
              - write: known
              - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw, shared: true, file: shm}
              - write: buf
              - set: {shmem: always}
              - wait: 250ms
              - mark: collapsed
              - read: buf
              - mark: read
            """);

        assertEquals(512, values.get("huge_coverage@collapsed"), values.toString());
        assertEquals(1, values.get("counter{thp_collapse_alloc}"));
        assertEquals(1024, values.get("huge_coverage@read"));
    }

    /** A process that ends while it is scanned, and one whose memory is gone: nobody waits for them, and the machine ends. */
    @Test
    void processesLeaveTheListWhenTheyEnd() {
        Map<String, Long> values = run(", khugepaged.pages_to_scan: 9000", """
            p:
              - mmap: {name: buf, at: 1GiB, size: 16MiB, prot: rw}
              - write: {in: buf, size: 64KiB}
              - madvise: {in: buf, advice: hugepage}
              - repeat:
                  times: 40
                  steps: [{fork: {name: child, program: child}}, {wait: 37ms}]
            child: [{write: {in: buf, at: uniform(0..15MiB), size: 4KiB}}, {wait: uniform(1ms..300ms)}]
            """);

        assertEquals(41, values.get("processes"));
        assertTrue(values.get("khugepaged_scans") > 3, values.toString());
    }

    @Test
    void switchedOnLaterItLearnsOfProcessesThatWereThere() {
        String yaml = """
            p:
              - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
              - write: {in: buf, size: 4KiB}
              - madvise: {in: buf, advice: hugepage}
              - wait: 300ms
              - mark: off
              - set: {khugepaged.run: 1}
              - wait: 10ms
              - mark: on
            """;
        Map<String, Long> values = run("", "p:\n  - set: {khugepaged.run: 0}\n" + yaml.substring(3));

        assertEquals(0, values.getOrDefault("huge_coverage@off", 0L), values.toString());
        assertEquals(512, values.get("huge_coverage@on"), values.toString());
    }
}
