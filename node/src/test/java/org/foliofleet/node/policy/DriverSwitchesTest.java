package org.foliofleet.node.policy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The switch of thread E that is about drivers' memory: what {@code vm_insert_pages()} counts (R14.4, R14.10). */
class DriverSwitchesTest {
    /** Script E-s7: a driver maps its pages with vm_insert_pages(), the process forks, and both unmap. */
    private static final String E_S7 = """
        version: 1
        name: inserted
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB, cpus: 2}]
            files: [{name: ring, size: 64KiB, device: insert-pages}]
            processes: [{name: p, program: p}]
        programs:
          p:
            - mmap: {name: ring, size: 64KiB, device: ring, prot: rw, shared: true}
              expect: ok
            - mark: mapped
            - fork: {name: child, program: child}
            - mark: forked
            - join
            - munmap: ring
            - mark: unmapped
          child:
            - wait: 1ms
            - pin: {in: ring, handle: dma}
              expect: ok
            - munmap: ring
            - unpin: dma
        stop: {when: idle}
        assert:
          - {that: driver_memory == 64KiB, at: unmapped}
          - {that: driver_refs == 32, at: mapped}
          - {that: driver_refs == 48, at: forked}
          - {that: driver_refs == 16, at: unmapped}
          - {that: driver_mapcount == 0, at: unmapped}
          - {that: mapped == 0, at: unmapped}
          - expectations_unmet == 0
          - safety_violations == 0
        """;

    /** Today: Mapped +16 pages, kpagecount 2 after the fork, both processes have it in Rss; Pss shares it. */
    private static SwitchEffect effect(String value) {
        return SwitchEffect.ofExperiment(E_S7, Map.of(), Map.of("insert_page_rmap", value));
    }

    /** Neither kpagecount nor Mapped know of the mappings; every process has all of it in its Pss. */
    @Test
    void insertPageRmapExplicit() {
        effect("explicit_no_rmap")
            .changes("driver_mapcount@forked", 32, 0)
            .changes("file_mapped@forked", 16, 0)
            .changes("uss@forked", 0, 32)
            .changes("driver_pss@forked", 65536, 131072)
            .andOnly("driver_mapcount", "file_mapped", "pss", "uss", "stat_error");
    }

    @Test
    void insertPageRmapExplicitWithoutRss() {
        effect("explicit_no_rmap_no_rss")
            .changes("mapped@forked", 32, 0)
            .changes("driver_mapcount@forked", 32, 0)
            .changes("driver_pss@forked", 65536, 131072)
            .andOnly("driver_mapcount", "file_mapped", "mapped", "pss", "uss", "stat_error");
    }

    @Test
    void insertPageRmapMapcountOnly() {
        effect("mapcount_only").changes("file_mapped@mapped", 16, 0).andOnly("file_mapped", "stat_error");
    }
}
