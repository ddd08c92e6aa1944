package org.foliofleet.node.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every switch of thread D ("collapse_pte_mapped_thp with anon_vma") changes what it is about, by the thread's scripts. */
class CollapseSwitchesTest {
    /** What follows from fewer or more entries: faults, what is mapped by what, and the work it was. */
    private static final List<String> MAPPINGS = List.of("faults", "counter", "huge_coverage", "mapped", "file_mapped", "pss", "uss",
        "kernel_meta", "anon_vmas", "anon_vma_chains", "refs_peak", "overruns", "rmap_cost", "walk_cost", "fault_cost", "stat_error");

    /** D-s1: memory of a guest that is all in a file, mapped page by page, then collapsed; then all of it is touched. */
    private static final String GUEST = """
        - mmap: {name: guest, at: 1GiB, size: 2MiB, prot: rw, shared: true}
        - write: guest
        - madvise: {in: guest, advice: dontneed}
        - uffd-register: {in: guest, modes: [minor]}
        - uffd-monitor: {latency: 2us}
        - uffd-continue: {in: guest}
        - madvise: {in: guest, advice: collapse}
          expect: ok
        - mark: collapsed
        """;
    private static final String TOUCH = GUEST + """
        - read: guest
        - mark: read
        - write: {in: guest, size: 4KiB}
        """;
    /** D-s2: the same, then the PMD is lost to an mprotect of one page. */
    private static final String LOST = GUEST + """
        - mprotect: {in: guest, size: 4KiB, prot: r}
        - mprotect: {in: guest, size: 4KiB, prot: rw}
        - mark: lost
        - read: guest
        """;
    /** D-s3: two blocks of a private mapping of a file, a private page in the second; the first is collapsed. */
    private static final String PRIVATE = """
        version: 1
        name: private
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 1GiB, cpus: 2}]
            files: [{name: guest, size: 4MiB, shmem: true}]
            processes: [{name: p, program: p}]
        programs:
          p:
            - pwrite: {file: guest, at: 0, size: 4MiB}
            - mmap: {name: buf, at: 1GiB, size: 4MiB, prot: rw, private: true, file: guest}
            - read: buf
            - write: {in: buf, at: 3MiB, size: 4KiB}
            - %s
            - mark: collapsed
            - read: buf
        stop: {when: idle}
        """;
    /** D-s5: 20 processes map a file; one collapses it. */
    private static final String MANY = """
        version: 1
        name: many
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 1GiB, cpus: 2}]
            files: [{name: shm, size: 2MiB, shmem: true}]
            processes: [{name: p, program: p}]
        programs:
          p:
            - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw, shared: true, file: shm}
            - write: buf
            - repeat:
                times: 20
                steps: [{fork: {name: child, program: child}}]
            - wait: 5ms
            - mark: mapped
            - madvise: {in: buf, advice: collapse}
            - mark: collapsed
          child: [{read: buf}, {wait: 10ms}, {read: buf}, {wait: 10ms}]
        stop: {when: idle}
        """;

    /** D-s4: while somebody collapses 64 MiB, somebody else splits the first folio of it again. */
    private static final String LOST_MEANWHILE = """
        version: 1
        name: meanwhile
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 1GiB, cpus: 2}]
            files: [{name: shm, size: 64MiB, shmem: true}]
            processes: [{name: p, program: p}]
        programs:
          p:
            - mmap: {name: buf, at: 1GiB, size: 64MiB, prot: rw, shared: true, file: shm}
            - write: buf
            - fork: {name: other, program: other}
            - madvise: {in: buf, advice: collapse}
            - mark: collapsed
          other:
            - wait: 80us
            - split-file: {file: shm, at: 0, size: 2MiB}
        stop: {when: idle}
        """;

    /** Without a PMD entry each page of what is collapsed is a minor event again. */
    @Test
    void collapseInstallPmdNeverD_s1() {
        SwitchEffect.of(TOUCH, "collapse_install_pmd", "never")
            .changes("uffd_events{minor}", 0, 512).changes("huge_coverage@read", 512, 0)
            .changes("collapse_stale", 0, 1).andOnly(mappingsAnd("collapse_stale", "uffd_events"));
    }

    /** All get their entries with the collapse, and need no fault for them. */
    @Test
    void collapseInstallPmdAlwaysD_s5() {
        SwitchEffect.ofExperiment(MANY, Map.of(), Map.of("collapse_install_pmd", "always"))
            .changes("huge_coverage@collapsed", 512, 21 * 512).changes("faults{file}", 1172, 1152)
            .changes("collapses{madvise,pmd_mapped}", 0, 1)
            .andOnly(mappingsAnd("collapses"));
    }

    /** The first write drops the entry: each page that is read afterwards is an event. */
    @Test
    void collapsePmdWritableReadOnlyD_s1() {
        SwitchEffect.of(TOUCH, "collapse_pmd_writable", "read_only").changes("uffd_events{minor}", 0, 1)
            .changes("pmd_splits", 0, 1).andOnly(mappingsAnd("uffd_events"));
    }

    @Test
    void collapsePmdWritableVmaProt() {
        SwitchEffect.ofExperiment(SwitchEffect.experiment(TOUCH), Map.of("collapse_pmd_writable", "read_only"),
            Map.of("collapse_pmd_writable", "vma_prot")).changes("uffd_events{minor}", 1, 0)
            .changes("pmd_splits", 1, 0).andOnly(mappingsAnd("uffd_events"));
    }

    /** Both: a read-only entry is lost to the first write, and the event for it brings a writable one. */
    @Test
    void uffdMinorResolveMendsWhatCollapsePmdWritableLoses() {
        SwitchEffect.ofExperiment(SwitchEffect.experiment(TOUCH + "- write: guest\n"), Map.of("collapse_pmd_writable", "read_only"),
            Map.of("collapse_pmd_writable", "read_only", "uffd_minor_resolve", "pmd_if_folio_huge"))
            .changes("uffd_events{minor}", 512, 1).changes("counter{thp_file_mapped}", 1, 2)
            .andOnly(mappingsAnd("uffd_events"));
    }

    /** D-s3, C9.j: a private page elsewhere does not matter, unless VMAs with an anon_vma are left alone. */
    @Test
    void collapseAllowAnonVmaD_s3() {
        SwitchEffect.ofExperiment(PRIVATE.formatted("madvise: {in: buf, size: 2MiB, advice: collapse}"), Map.of(),
            Map.of("collapse_allow_anon_vma", "false"))
            .changes("calls_failed{madvise,EINVAL}", 0, 1)
            .andOnly(mappingsAnd("calls_failed", "collapses", "collapse_tables_freed"));
    }

    /** khugepaged frees the table of a private mapping too, whose next fault maps the whole folio. */
    @Test
    void retractAllowAnonVma() {
        String known = "mmap: {name: heap, at: 2GiB, size: 2MiB, prot: rw}\n    - madvise: {in: heap, advice: hugepage}\n    - write: heap\n"
            + "    - set: {shmem: always}\n    - khugepaged-scan: 1";
        String many = PRIVATE.formatted(known);
        SwitchEffect.ofExperiment(many, Map.of(), Map.of("retract_allow_anon_vma", "true"))
            .changes("counter{thp_file_mapped}", 0, 1)
            .andOnly(mappingsAnd("collapse_tables_freed", "collapses"));
    }

    /** One event brings the PMD entry back. */
    @Test
    void uffdMinorResolveD_s2() {
        SwitchEffect.of(LOST, "uffd_minor_resolve", "pmd_if_folio_huge")
            .changes("uffd_events{minor}", 512, 1).changes("counter{thp_file_mapped}", 1, 2)
            .andOnly(mappingsAnd("uffd_events"));
    }

    /** Success that is no more true at return is told from other success only if somebody looks. */
    @Test
    void collapseReportD_s4() {
        SwitchEffect.ofExperiment(LOST_MEANWHILE, Map.of(), Map.of("collapse_report", "verify_before_return"))
            .changes("collapse_stale", 1, 0).changes("calls_failed{madvise,EAGAIN}", 0, 1)
            .andOnly(mappingsAnd("collapse_stale", "calls_failed"));
    }

    private static String[] mappingsAnd(String... others) {
        List<String> all = new ArrayList<>(MAPPINGS);
        all.addAll(List.of(others));
        return all.toArray(String[]::new);
    }
}
