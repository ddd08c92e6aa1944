package org.foliofleet.node.policy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every switch of thread E ("mapcount madness") changes what it is about, and nothing else. */
class MappingSwitchesTest {
    /** A THP that is mapped by PTEs and inherited by child after child: 512 references for each. */
    private static final String FORKS = """
        version: 1
        name: forks
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 1GiB, cpus: 2}]
            processes: [{name: p, program: p}]
            kernel: {thp: madvise}
        programs:
          p:
            - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
            - madvise: {in: buf, advice: hugepage}
            - write: buf
            - mprotect: {in: buf, size: 4KiB, prot: r}
            - repeat:
                times: 70
                steps: [{fork: {name: child, program: child}}]
            - mark: forked
            - getref: {handle: pipe, in: buf, size: 4KiB}
          child: [{wait: 1s}]
        stop: {when: idle}
        """;

    /**
     * A PTE-mapped THP. Two children inherit it; the second outlives the others, and then frees a part lazily and writes to
     * another (C1.c).
     */
    private static final String THREE_OWNERS = """
        - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
        - madvise: {in: buf, advice: hugepage}
        - write: buf
        - mprotect: {in: buf, size: 4KiB, prot: r}
        - mprotect: {in: buf, size: 4KiB, prot: rw}
        - fork: {name: first, steps: [{wait: 1ms}]}
        - fork:
            name: second
            steps:
              - wait: 10ms
              - write: {in: buf, at: 1200KiB, size: 16KiB}
              - madvise: {in: buf, at: 32KiB, size: 16KiB, advice: free}
              - mark: alone
              - wait: 1ms
        - wait: 1ms
        """;

    /** Parent and child unmap the same half of a PTE-mapped THP (E-s3). */
    private static final String SAME_HALF = """
        - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
        - madvise: {in: buf, advice: hugepage}
        - write: buf
        - mprotect: {in: buf, size: 4KiB, prot: r}
        - mprotect: {in: buf, size: 4KiB, prot: rw}
        - fork: {name: child, steps: [{munmap: {in: buf, size: 1MiB}}, {wait: 1s}]}
        - munmap: {in: buf, size: 1MiB}
        - wait: 1ms
        - mark: unmapped
        - wait: 2s
        """;

    /** What follows from a page that is copied, or a folio that is split, or not. */
    private static final String[] OF_COPIES_AND_SPLITS = {"counter", "cow_copies", "cow_copies_avoidable", "cow_reuses", "faults", "shared_false_pos",
        "split_ok", "folios_allocated", "folios_freed", "folios_live", "folios_partially_mapped", "deferred_length", "retained_unmapped", "resident",
        "free", "mapping_meta", "rmap_cost"};

    /** A half that parent and child unmap: seen with a mapcount for each page, missed otherwise; and what it costs. */
    @ParameterizedTest
    @CsvSource({"no_page, 1048576, 8, 24", "total_pages, 1048576, 8, 20", "vma_table_pairs, 0, 8, 20"})
    void mapcountModel(String model, long pssError, long atomics, long metadata) {
        SwitchEffect effect = SwitchEffect.of(SAME_HALF, "mapcount_model", model).changes("folios_partially_mapped@unmapped", 1, 0)
            .changes("stat_error{anon_pages}@unmapped", 0, 1 << 20).changes("rmap_cost", 2056, atomics)
            .changes("mapping_meta@unmapped", 512 * 4 + 12 + 16, metadata);
        if (pssError > 0) {
            effect.changes("stat_error{pss}@unmapped", 0, pssError);
        }
        effect.andOnly("anon_pages", "pss", "counter", "rmap_cost");
    }

    /** Pages have mapcounts, and folios no ids. */
    @Test
    void mapcountModelWithTheFirstPageHeuristic() {
        SwitchEffect.of(SAME_HALF, "mapcount_model", "first_page_heuristic").changes("mapping_meta@unmapped", 2076, 2060).andOnly();
        SwitchEffect.of(THREE_OWNERS, "mapcount_model", "first_page_heuristic").changes("shared_false_pos{madvise}", 1, 0)
            .andOnly(OF_COPIES_AND_SPLITS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mm_ids(3)", "exact_set"})
    void sharedTest(String test) {
        SwitchEffect.of(THREE_OWNERS, "shared_test", test).changes("shared_false_pos{madvise}", 1, 0).changes("shared_false_pos{cow}", 4, 0)
            .changes("cow_copies_avoidable", 4, 0).changes("split_ok", 0, 1).andOnly(OF_COPIES_AND_SPLITS);
    }

    /** Without ids no page of a large folio is reused. */
    @Test
    void sharedTestByTheFirstPage() {
        SwitchEffect.of(THREE_OWNERS, "shared_test", "first_page").changes("shared_false_pos{madvise}", 1, 0).changes("split_ok", 0, 1)
            .andOnly(OF_COPIES_AND_SPLITS);
    }

    @Test
    void sharedTestWithOneId() {
        SwitchEffect.of(THREE_OWNERS, "shared_test", "mm_ids(1)").changes("mapping_meta@alone", 2092, 2084).andOnly();
    }

    /** The first page of a folio is not mapped by others, its last half is. */
    @Test
    void theFirstPageTakesASharedFolioForExclusive() {
        SwitchEffect.of("""
            - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
            - madvise: {in: buf, advice: hugepage}
            - write: buf
            - mprotect: {in: buf, size: 4KiB, prot: r}
            - mprotect: {in: buf, size: 4KiB, prot: rw}
            - fork: {name: child, steps: [{munmap: {in: buf, size: 1MiB}}, {munmap: {in: buf, at: 1536KiB, size: 512KiB}}, {wait: 1s}]}
            - munmap: {in: buf, at: 1028KiB, size: 1020KiB}
            - wait: 1ms
            - madvise: {in: buf, at: 512KiB, size: 16KiB, advice: free}
            - mark: freed
            """, "shared_test", "first_page").changes("shared_false_neg{madvise}", 0, 1).changes("split_ok", 0, 1)
            .andOnly("overruns", "shared_false_neg", "split_ok", "counter", "folios_allocated", "folios_freed", "folios_live",
                "folios_partially_mapped", "deferred_length", "retained_unmapped", "resident", "free", "mapping_meta", "rmap_cost");
    }

    @Test
    void cowReuseLarge() {
        String alone = """
            - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
            - madvise: {in: buf, advice: hugepage}
            - write: buf
            - mprotect: {in: buf, size: 4KiB, prot: r}
            - mprotect: {in: buf, size: 4KiB, prot: rw}
            - fork: {name: child, steps: [{wait: 1ms}]}
            - wait: 10ms
            - write: {in: buf, at: 1MiB, size: 16KiB}
            """;
        SwitchEffect.of(alone, "cow_reuse_large", "never").changes("cow_copies_avoidable", 0, 4).changes("cow_reuses", 4, 0)
            .andOnly(OF_COPIES_AND_SPLITS);
        SwitchEffect.of(THREE_OWNERS, "cow_reuse_large", "oracle").changes("cow_copies_avoidable", 4, 0).changes("cow_reuses", 0, 4)
            .andOnly(OF_COPIES_AND_SPLITS);
    }

    @Test
    void statsModel() {
        SwitchEffect.of(SAME_HALF, "stats_model", "folio_granular").changes("anon_pages@unmapped", 256, 512)
            .changes("stat_error{anon_pages}@unmapped", 0, 1 << 20).andOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"average_rounded", "average_fraction"})
    void pssModel(String model) {
        SwitchEffect.of(SAME_HALF, "pss_model", model).changes("pss@unmapped", 1 << 20, 2 << 20)
            .changes("stat_error{pss}@unmapped", 0, 1 << 20).andOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"24", "32", "64", "64_large"})
    void refcountBits(String bits) {
        SwitchEffect.ofExperiment(FORKS, Map.of("refcount_bits", "16"), Map.of("refcount_bits", bits)).changes("overflow_events@forked", 1, 0)
            .changes("calls_failed{getref,ENOMEM}", 1, 0).andOnly("refcount_headroom", "overflow_events", "calls_failed", "refs_peak", "counter");
    }

    /** Small folios keep 32 bits: each pin of one counts 1024. */
    @Test
    void refcountOverflow() {
        Map<String, String> narrow = Map.of("refcount_bits", "16");
        SwitchEffect.ofExperiment(FORKS, narrow, Map.of("refcount_overflow", "wide")).changes("calls_failed{getref,ENOMEM}", 1, 0)
            .andOnly("refcount_headroom", "overflow_events", "calls_failed", "refs_peak", "counter");
        SwitchEffect.ofExperiment(FORKS, narrow, Map.of("refcount_overflow", "saturate")).changes("calls_failed{getref,ENOMEM}", 1, 0)
            .changes("folios_live", 0, 1).andOnly("overflow_events", "calls_failed", "refs_peak", "counter", "folios_freed", "folios_live", "free",
                "resident", "retained_unmapped", "folios_partially_mapped", "deferred_length", "mapping_meta");
        SwitchEffect.ofExperiment(FORKS, narrow, Map.of("refcount_overflow", "fail_fork_and_fault"))
            .changes("calls_failed{getref,ENOMEM}", 1, 0).changes("calls_failed{fork,ENOMEM}", 0, 39).changes("forks", 70, 31)
            .andOnly("refcount_headroom", "overflow_events", "calls", "calls_failed", "refs_peak", "counter", "forks", "processes", "processes_peak",
                "crossing_folios", "kernel_meta", "anon_vmas", "anon_vma_chains", "mapped", "pss", "rmap_cost", "vmas");
    }

    @Test
    void refPerMapping() {
        SwitchEffect.of(THREE_OWNERS, "ref_per_mapping", "per_vma_table").changes("refs_peak", 1536, 3).andOnly("refs_peak");
        SwitchEffect.of(THREE_OWNERS, "ref_per_mapping", "per_folio_mapping").changes("refs_peak", 1536, 1).andOnly("refs_peak");
        SwitchEffect.ofExperiment(FORKS, Map.of("refcount_bits", "16"), Map.of("ref_per_mapping", "per_vma_table"))
            .changes("calls_failed{getref,ENOMEM}", 1, 0).andOnly("refcount_headroom", "overflow_events", "calls_failed", "refs_peak", "counter");
    }

    /** 65 VMAs map a folio of a file by PTEs: one more mapping than a short can count, so the slot is given up (R1.6). */
    @Test
    void width32bitMmId() {
        SwitchEffect.ofExperiment("""
            version: 1
            name: vmas
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB, cpus: 2}, {memory: 64MiB, cpus: 2}]
                kernel: {shmem: always}
                files: [{name: shm, size: 2MiB, shmem: true}]
                processes: [{name: p, program: p}]
            programs:
              p:
                - fallocate: {file: shm, at: 0, size: 2MiB}
                - repeat:
                    times: 65
                    index: i
                    steps:
                      - mmap: {name: view, at: 1GiB + 4KiB + i * 2MiB, size: 2MiB, prot: rw, shared: true, file: shm, flags: [populate]}
                - move-pages: {in: view, node: 1}
                - mark: moved
            stop: {when: idle}
            """, Map.of(), Map.of("width_32bit_mm_id", "true")).changes("shared_false_pos{migrate}", 0, 1)
            .changes("counter{thp_migration_success}", 1, 0)
            .andOnly("shared_false_pos", "mapping_meta", "counter", "folios_allocated", "folios_freed", "rmap_cost");
    }
}
