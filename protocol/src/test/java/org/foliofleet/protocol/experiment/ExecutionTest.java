package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: how an experiment is run stands beside what it is. Method: one experiment with many a {@code run}. */
class ExecutionTest {
    private static final String EXPERIMENT = """
        version: 1
        name: e
        tick: 500ns
        machines:
          - {name: m, nodes: [{memory: 1GiB}], policies: {refcount_bits: 16}, processes: [{name: p, program: [{wait: 1ms}]}]}
        """;

    private static Execution run(String run) {
        return read(run).execution();
    }

    private static ExperimentSpec read(String run) {
        return SpecLoader.read((EXPERIMENT + "run: " + run + "\n").getBytes(StandardCharsets.UTF_8), "e.yaml");
    }

    @Test
    void everythingIsReadAsItIsWritten() {
        assertEquals(new Execution(Hosting.OWNER, 3, 20_001, 2_500, 10, true),
            run("{hosting: owner, placement: {spread: 3}, epoch: 10000001ns, commit_every: 2.5s, branch_points: 10, history: full}"),
            "an epoch is whole ticks");
        assertEquals(new Execution(Hosting.MACHINE, 1, 7, 0, 0, false),
            run("{hosting: machine, placement: colocated, epoch: 7 ticks, commit_every: epoch, history: recent}"));
        assertEquals(Execution.DEFAULT, SpecLoader.read(EXPERIMENT.getBytes(StandardCharsets.UTF_8), "e.yaml").execution());
    }

    @Test
    void theDigestDoesNotDependOnIt() {
        String digest = SpecLoader.read(EXPERIMENT.getBytes(StandardCharsets.UTF_8), "e.yaml").digest();
        assertEquals(digest, read("{hosting: machine, epoch: 1 tick}").digest());
        assertEquals(digest, read("{placement: {spread: 2}}").digest());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{hosting: machine, placement: {spread: 3}} | 6:36: a machine that is one actor can not be spread; write hosting: owner, or placement: colocated",
        "{hosting: actor}            | 6:16: unknown 'hosting' 'actor'; write one of owner, machine",
        "{placement: spread}         | 6:18: 'spread' does not say over how many lanes; write placement: {spread: 3}",
        "{placement: spraed}         | 6:18: unknown 'placement' 'spraed'; write one of colocated",
        "{placement: {spread: 0}}    | 6:27: 'spread' is 0; write a whole number from 1 to 64",
        "{epoch: 0 ticks}            | 6:14: 'epoch' is 0 ticks; write from 1 to 1000000000000",
        "{epoch: 5}                  | 6:14: 'epoch': '5' has no unit; write a time such as 500us, 10ms or 2s",
        "{commit_every: 2h}          | 6:21: 'commit_every' is longer than an hour, which a crash would cost; write at most 1h",
        "{branch_points: -1}         | 6:22: 'branch_points' is -1; write a whole number from 0 to 1000000000",
        "{history: complete}            | 6:16: unknown 'history' 'complete'; write one of recent, full",
        "{histroy: full}             | 6:7: unknown key in 'run' 'histroy'; did you mean 'history'?",
        "fast                        | 6:6: 'run' is 'fast'; write a map: 'key: value' on each line, or { … }",
    })
    void mistakesAreNamedWithTheirPlace(String run, String message) {
        assertEquals("e.yaml:" + message, assertThrows(BadInput.class, () -> read(run)).getMessage());
    }

    @Test
    void anExperimentCanBeLoadedWithAnotherSeedAndOtherSwitches() {
        ExperimentSource source = new ExperimentSource("e.yaml", EXPERIMENT, null, Map.of(), null);
        assertEquals(1, source.load().seed());
        ExperimentSpec changed = source.withSeed(9L).withSwitches(Map.of("refcount_overflow", "saturate")).load();
        assertEquals(9, changed.seed());
        assertEquals("refcount_bits=16, refcount_overflow=saturate", changed.machines().get(0).policies().toString());
        assertNotEquals(source.load().digest(), changed.digest());
        assertEquals("e", source.load().name());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "refcount_bit  | 16     | switch refcount_bit: there is none of this name; did you mean 'refcount_bits'?",
        "refcount_bits | 17     | switch refcount_bits: can not be '17'; write one of 32, 16, ",
    })
    void switchesThatCanNotBeAreRefused(String name, String value, String message) {
        ExperimentSource source = new ExperimentSource("e.yaml", EXPERIMENT, null, Map.of(name, value), null);
        String refusal = assertThrows(BadInput.class, source::load).getMessage();
        assertTrue(refusal.startsWith(message), refusal);
    }

    @Test
    void aBundledExperimentIsASourceToo() {
        ExperimentSource source = ExperimentSource.of("pin-half-unmap");
        assertEquals(SpecLoader.bundled("pin-half-unmap").digest(), source.load().digest());
        assertTrue(assertThrows(BadInput.class, () -> ExperimentSource.of("no-such")).getMessage().contains("no experiment of this name"));
    }
}
