package org.foliofleet.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: script E-s6 of MM-SEMANTICS 17.5 ends under every policy of overflow and kind of reference as its table says. */
class ReferenceScriptTest {
    /**
     * 128 VMAs map one folio of a file by PTEs; a probe pins a page after each, then one VMA goes. A count of 16 bits is
     * negative from VMA 63 on, and 0 again after 127.
     */
    @ParameterizedTest
    @CsvSource({
        "unchecked_map_checked_gup, per_pte,           66049, 65, 0,  1",
        "unchecked_map_checked_gup, per_vma_table,     641,   0,  0,  0",
        "unchecked_map_checked_gup, per_folio_mapping, 514,   0,  0,  0",
        "fail_fork_and_fault,       per_pte,           16385, 97, 97, 0",
        "saturate,                  per_pte,           66049, 0,  0,  0",
        "wide,                      per_pte,           66049, 0,  0,  0",
    })
    void es6AFolioMappedByTooManyVmas(String overflow, String reference, long peak, long refusedProbes, long failedReads, long violations) {
        Map<String, String> values = SwitchEffect.values("""
            version: 1
            name: vmas
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB, cpus: 2}]
                kernel: {shmem: always}
                files: [{name: shm, size: 2MiB, shmem: true}]
                processes: [{name: p, program: p}]
            programs:
              p:
                - fallocate: {file: shm, at: 0, size: 2MiB}
                - repeat:
                    times: 128
                    index: i
                    steps:
                      - mmap: {name: view, at: 1GiB + 4KiB + i * 2MiB, size: 2MiB, prot: rw, shared: true, file: shm}
                      - read: view
                      - pin: {handle: ring, in: view, size: 4KiB}
                      - unpin: ring
                - munmap: {in: view, size: 2MiB}
                - mark: mapped
            stop: {when: idle}
            """, Map.of("refcount_bits", "16", "refcount_overflow", overflow, "ref_per_mapping", reference));

        assertEquals(refusedProbes, failed(values, "calls_failed{pin"));
        assertEquals(failedReads, failed(values, "calls_failed{read"));
        assertEquals(violations, Long.parseLong(values.getOrDefault("safety_violations@mapped", "0")));
        assertEquals(peak, Long.parseLong(values.get("refs_peak")));
    }

    private static long failed(Map<String, String> values, String prefix) {
        return values.entrySet().stream().filter(entry -> entry.getKey().startsWith(prefix) && !entry.getKey().contains("@"))
            .mapToLong(entry -> Long.parseLong(entry.getValue())).sum();
    }
}
