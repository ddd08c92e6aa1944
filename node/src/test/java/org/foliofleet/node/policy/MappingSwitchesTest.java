package org.foliofleet.node.policy;

import java.util.Map;
import org.junit.jupiter.api.Test;

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
          child: [{wait: 1s}]
        stop: {when: idle}
        """;

    @Test
    void refcountBits() {
        SwitchEffect.ofExperiment(FORKS, Map.of("refcount_bits", "16"), Map.of("refcount_bits", "64"))
            .changes("overflow_events@forked", 1, 0).andOnly("refcount_headroom", "overflow_events", "counter");
    }
}
