package org.foliofleet.node.mm.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a folio that migrates is in the page cache when it is all that the old one was, not earlier. Method: pages of a shmem file
 * and of shared memory are demoted while they are mapped, written, punched out and given up.
 */
class CacheMeetsMigrationTest {
    private static final String TEXT = """
            version: 1
            name: cache-meets-migration
            seed: SEED
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB}, {memory: 128MiB, tier: 1}]
                distances: [[10, 30], [30, 10]]
                swap: 64MiB
                kernel: {demotion: true}
                files:
                  - {name: shm, size: 1MiB, shmem: true}
                processes:
                  - {name: sharer, count: 4, program: sharer}
                  - {name: pressure, count: 2, program: pressure}
            programs:
              sharer:
                - mmap: {name: shm, size: 1MiB, prot: rw, shared: true, file: shm}
                - repeat:
                    times: 30
                    steps:
                      - mmap: {name: memory, at: 1GiB, size: 128KiB, prot: rw, shared: true, replace: true}
                      - write: memory
                      - write: {in: shm, at: uniform(0..768KiB), size: uniform(4KiB..256KiB)}
                      - wait: exponential(5us)
                      - read: {in: shm, at: uniform(0..768KiB), size: uniform(4KiB..256KiB)}
                      - madvise: {in: shm, advice: dontneed}
                      - punch-hole: {file: shm, at: uniform(0..768KiB), size: 64KiB}
              pressure:
                - repeat:
                    times: 60
                    steps:
                      - reclaim
                      - wait: exponential(10us)
            stop: {when: idle}
            """;

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void pagesAreMappedAndTakenOutOfTheCacheWhileTheyMove(long seed) {
        ExperimentSpec spec = SpecLoader.read(TEXT.replace("SEED", Long.toString(seed)).getBytes(StandardCharsets.UTF_8), "test");
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        machine.runUntilQuiet();
        assertTrue(machine.counters().get("pgmigrate_success") > 0,
                "seed " + seed + ": " + machine.counters());
    }
}
