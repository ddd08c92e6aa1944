package org.foliofleet.node.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: ksmd goes on where it is, not where it was when it began to wait for a scan that somebody asked for; and a merged page that
 * migrates comes back to all who mapped it. Method: processes with equal pages, which come and go, ask for scans beside ksmd, while
 * the pages are demoted.
 */
class KsmdMeetsOthersTest {
    private static final String TEXT = """
            version: 1
            name: ksmd-meets-others
            seed: SEED
            tick: 1us
            machines:
              - name: host
                nodes: [{memory: 64MiB}, {memory: 128MiB, tier: 1}]
                distances: [[10, 30], [30, 10]]
                swap: 64MiB
                kernel: {demotion: true, ksm.run: 1, ksm.sleep_ms: 1, ksm.pages_to_scan: 50}
                processes:
                  - {name: forker, count: 3, program: forker}
                  - {name: pressure, program: pressure}
            programs:
              forker:
                - repeat:
                    times: 12
                    steps:
                      - fork: {name: merger, program: merger}
                      - fork: {name: other, program: merger}
                      - join
              merger:
                - mmap: {name: equal, at: 1GiB, size: 64KiB, prot: rw}
                - madvise: {in: equal, advice: mergeable}
                - write: {in: equal, tag: 7, same: true}
                - wait: exponential(300us)
                - ksm-scan: 2
                - write: {in: equal, at: uniform(0..32KiB), size: 16KiB, tag: 9, same: true}
                - wait: exponential(300us)
                - madvise: {in: equal, size: 16KiB, advice: unmergeable}
                - write: {in: equal, tag: 7, same: true}
                - exit
              pressure:
                - repeat:
                    times: 40
                    steps:
                      - reclaim
                      - wait: exponential(100us)
            stop: {when: idle}
            """;

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 9})
    void scansAndMigrationsOfMergedPagesComeToAnEnd(long seed) {
        ExperimentSpec spec = SpecLoader.read(TEXT.replace("SEED", Long.toString(seed)).getBytes(StandardCharsets.UTF_8), "test");
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        machine.runUntil(1_000_000);
        assertTrue(machine.isQuiet(), "seed " + seed + ": somebody waits for ever");
        machine.requireFinishedIfQuiet();
        assertTrue(machine.counters().get("pgmigrate_success") > 0 && machine.counters().get("cow_ksm") > 0,
                "seed " + seed + ": " + machine.counters());
    }
}
