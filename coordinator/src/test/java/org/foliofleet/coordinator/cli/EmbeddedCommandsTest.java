package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Goal: an experiment of one JVM is kept, and goes on in the next. Method: commands one after the other on a directory. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EmbeddedCommandsTest {
    private static final String LONG = """
        version: 1
        name: long
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB}]
            processes: [{name: p, count: 3, program: main}]
        programs:
          main:
            - mmap: {name: buf, size: 1MiB, prot: rw}
            - repeat:
                times: 400
                steps:
                  - write: {in: buf, at: uniform(0..1020KiB), size: 4KiB}
                  - mark: written
                  - wait: uniform(1us..20us)
        stop: {when: idle}
        run: {epoch: 50 ticks, commit_every: epoch}
        """;

    @TempDir
    private Path directory;

    private String data() {
        return directory.resolve("data").toString();
    }

    private static void assertRefused(String message, Outcome outcome) {
        assertEquals(ExitStatus.BAD_INPUT, outcome.status(), outcome.out() + outcome.err());
        assertEquals("", outcome.out());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("foliofleet: " + message), outcome.err());
    }

    @Test
    void aRunWithAJournalPrintsWhatOneWithoutPrints() throws IOException {
        String file = Files.writeString(directory.resolve("long.yaml"), LONG).toString();
        Outcome plain = Outcome.of("run", file, "--no-journal", "--json", directory.resolve("plain.json").toString());
        Outcome kept = Outcome.of("run", file, "--data", data(), "--json", directory.resolve("kept.json").toString());
        assertEquals(plain.out(), kept.out(), kept.err());
        assertEquals(plain.status(), kept.status());
        assertEquals(Files.readString(directory.resolve("plain.json")), Files.readString(directory.resolve("kept.json")));
        Outcome status = Outcome.of("status", "long-1", "--data", data());
        assertTrue(status.out().contains("  machines    2 ended of 2 machines\n"), status.out());
        String digest = plain.out().strip().lines().reduce((a, b) -> b).orElse("");
        assertTrue(status.out().contains("  digest      " + digest.replace("digest ", "") + "\n"), status.out() + digest);
        assertRefused("experiment long-1 is completed; its result is there", Outcome.of("resume", "long-1", "--data", data()));
        assertEquals(plain.out(), Outcome.of("watch", "long-1", "--data", data()).out());
        Path page = directory.resolve("long.html");
        Path json = directory.resolve("series.json");
        Outcome reported = Outcome.of("report", "long-1", "--data", data(), "--out", page.toString(), "--csv", directory.resolve("csv").toString(),
                "--json", json.toString());
        assertEquals(page + "\n" + directory.resolve("csv").resolve("series.csv") + "\n" + json + "\n", reported.out(), reported.err());
        assertTrue(Files.readString(page).contains(digest.replace("digest ", "")), "the page has the digest");
        assertTrue(Files.readString(page).contains("an actor for every process, VMA, NUMA node"), "the page says how it was hosted");
        assertTrue(Files.readString(page).contains("foliofleet run long.yaml --seed "), "the page says how to reproduce it");
        assertTrue(Files.readString(directory.resolve("csv").resolve("series.csv")).contains(",calls,count,"));
        assertTrue(Files.readString(json).contains(digest.replace("digest ", "")));
    }

    @Test
    void anExperimentThatWasPausedOrInterruptedGoesOnInTheNextJvm() throws IOException {
        String file = Files.writeString(directory.resolve("long.yaml"), LONG).toString();
        Outcome plain = Outcome.of("run", file, "--no-journal");
        try (Fleet fleet = Fleet.embedded(Path.of(data()))) {
            ExperimentStatus status = Watch.get(fleet.experiments().submit(new Submission("mine", ExperimentSource.of(file), null)));
            assertEquals("mine", status.id());
        }
        Outcome list = Outcome.of("list", "--data", data());
        assertTrue(list.out().matches("(?s).*\n  mine +(starting|running) .* interrupted; it goes on from its last commits when it is resumed\n"), list.out());
        assertRefused("experiment mine in " + data() + " is the same and was interrupted; go on with it: foliofleet resume mine --data " + data(),
                Outcome.of("run", file, "--data", data()));
        Outcome resumed = Outcome.of("resume", "mine", "--data", data(), "--hosting", "machine");
        assertEquals(plain.out(), resumed.out(), resumed.err());
    }

    @Test
    void experimentsOfAnotherVersionAreNotTouched() throws Exception {
        Path data = Files.createDirectories(Path.of(data()));
        JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(data.resolve("journal")));
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("insert into \"event_journal\" (\"persistence_id\", \"sequence_number\", \"writer\", \"write_timestamp\","
                    + " \"adapter_manifest\", \"event_payload\", \"event_ser_id\", \"event_ser_manifest\") values"
                    + " ('experiments|all', 1, '', 0, '', x'00', 1180061, 'Added/99')");
            assertRefused("database " + database + ": holds experiments of another version of this program (Added/99, ",
                    Outcome.of("run", "pin-half-unmap", "--data", data()));
        }
    }

    @Test
    void whatIsNotThereIsSaidAndNotMade() {
        assertRefused(data() + ": there are no experiments in this directory; name the one that foliofleet run was given",
                Outcome.of("resume", "mine", "--data", data()));
        assertRefused(data() + ": there are no experiments in this directory", Outcome.of("history", "mine/host/0", "--data", data()));
        assertFalse(Files.exists(Path.of(data())));
        assertRefused("machine 'mine': this names none; write EXPERIMENT/CLASS/NUMBER", Outcome.of("history", "mine", "--data", data()));
        assertRefused("--folio and --process are two histories", Outcome.of("history", "mine/host/0", "--folio", "1", "--process", "1"));
        assertRefused("experiments are at a coordinator or in a directory", Outcome.of("list", "--data", data(), "--coordinator", "http://127.0.0.1:1"));
        assertRefused("there is nothing to write; name a file with --out", Outcome.of("report", "mine", "--data", data()));
        assertRefused("--out " + directory + ": this is a directory", Outcome.of("report", "mine", "--data", data(), "--out", directory.toString()));
        assertRefused("--threads is for runs without a journal", Outcome.of("run", "pin-half-unmap", "--threads", "2"));
        assertRefused("--no-journal runs on threads", Outcome.of("run", "pin-half-unmap", "--no-journal", "--hosting", "owner"));
    }
}
