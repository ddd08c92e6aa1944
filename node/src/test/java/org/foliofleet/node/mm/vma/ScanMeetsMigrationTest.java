package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whoever goes through the entries of a VMA and asks one node after the other of their folios looks again at what became of
 * them meanwhile. Method: memory lies on several nodes, is scanned for hinting faults, asked to move, and demoted, all at once.
 */
class ScanMeetsMigrationTest {
    private static final String TEXT = """
            version: 1
            name: scan-meets-migration
            seed: SEED
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB}, {memory: 64MiB}, {memory: 128MiB, tier: 1}]
                distances: [[10, 21, 30], [21, 10, 30], [30, 30, 10]]
                swap: 64MiB
                kernel: {thp: madvise, demotion: true, numa_balancing.run: 1, numa_balancing.scan_period_ms: 1}
                processes:
                  - {name: placer, count: 2, node: 0, program: placer}
                  - {name: pressure, program: pressure}
            programs:
              placer:
                - mmap: {name: buf, at: 1GiB, size: 1MiB, prot: rw}
                - repeat:
                    times: 8
                    steps:
                      - write: {in: buf, size: 256KiB}
                      - cpu: 1
                      - numa-scan
                      - read: {in: buf, size: 256KiB}
                      - move-pages: {in: buf, size: 128KiB, node: 0}
                      - migrate-pages: {from: [0], to: [1]}
                      - mbind: {in: buf, size: 128KiB, mode: bind, nodes: [0], flags: [move]}
                      - cpu: 0
                      - numa-scan
                      - read: {in: buf, size: 256KiB}
                      - mbind: {in: buf, size: 128KiB, mode: default}
              pressure:
                - mmap: {name: cache, at: 1GiB, size: 2MiB, prot: rw}
                - repeat:
                    times: 6
                    steps:
                      - write: {in: cache, size: 512KiB}
                      - wait: exponential(1ms)
                      - reclaim
                      - read: {in: cache, size: 256KiB}
            stop: {when: idle}
            """;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void foliosThatMoveOrGoMeanwhileAreNotAskedFor(long seed) {
        ExperimentSpec spec = SpecLoader.read(TEXT.replace("SEED", Long.toString(seed)).getBytes(StandardCharsets.UTF_8), "test");
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        machine.runUntilQuiet();
        assertTrue(machine.counters().get("pgmigrate_success") > 0 && machine.counters().get("pswpout") > 0, "seed " + seed + ": " + machine.counters());
    }
}
