package org.foliofleet.node.mm.swap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: MADV_FREE takes no slot from a page that reclaim is just about to unmap to it. Method: both at once, by seeds that met. */
class FreedWhileReclaimedTest {
    private static final String YAML = """
        version: 1
        name: met
        seed: %d
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB, cpus: 2}, {memory: 64MiB, cpus: 2}]
            distances: [[10, 21], [21, 10]]
            swap: 256MiB
            kernel: {thp: madvise, shmem: within_size}
            files: [{name: shm, size: 4MiB, shmem: true}]
            processes:
              - {name: collapser, count: 2, node: spread, program: collapser}
              - {name: daemon, program: daemon}
        programs:
          collapser:
            - mmap: {name: buf, at: 1GiB, size: 4MiB, prot: rw}
            - repeat:
                times: 30
                steps:
                  - write: {in: buf, at: uniform(0..1MiB), size: uniform(64KiB..512KiB)}
                  - madvise: {in: buf, size: 2MiB, advice: collapse}
                  - madvise: {in: buf, at: uniform(0..1MiB), size: 64KiB, advice: free}
                  - madvise: {in: buf, at: uniform(0..1MiB), size: 64KiB, advice: pageout}
                  - madvise: {in: buf, at: 1536KiB, size: 512KiB, advice: dontneed}
          daemon:
            - repeat:
                times: 30
                steps:
                  - wait: exponential(50us)
                  - shrink
                  - reclaim: {node: 0, pages: 64}
        stop: {when: idle}
        """;

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 12})
    void slotsAreNotFreedUnderReclaim(long seed) {
        ExperimentSpec spec = SpecLoader.read(YAML.formatted(seed).getBytes(StandardCharsets.UTF_8), "met");
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        machine.runUntilQuiet();
        assertTrue(machine.isQuiet());
    }
}
