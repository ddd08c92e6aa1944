package org.foliofleet.coordinator.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.foliofleet.protocol.serial.FormatHistory;
import org.junit.jupiter.api.Test;

/**
 * Goal: no class changes so that journals can not be read any more. Method: the shapes of all classes that may occur in one, against
 * those that were listed when the format was frozen. {@code .ci/freeze-format} lists them anew.
 */
class JournalFormatTest {
    private static final String HEAD = """
        # The shapes of the classes that journals and batches hold, generation %d. Written by .ci/freeze-format; never changed by hand.
        """;

    @Test
    void everyClassThatMayOccurHasAShape() {
        List<String> listing = JournalClasses.listing();
        for (String line : List.of("state node.mm.vma.Vma ", "state node.mm.process.Process ", "record protocol.message.Envelope ",
            "enum protocol.message.LatencyKind ", "record node.journal.JournalRecord$EpochPrepared ", "record protocol.experiment.MachineResult ",
            "record node.mm.flow.FlightCodec$Image ", "record coordinator.experiment.ExperimentEvent$", "record node.actor.LaneMessage$Batch ")) {
            assertTrue(listing.stream().anyMatch(each -> each.startsWith(line)), () -> line + "is not listed");
        }
    }

    @Test
    void whatHasChangedSinceTheFormatWasFrozenHasAMigrationAndAGeneration() {
        assumeTrue(FormatHistory.current() > 0, "the format is not frozen yet");
        List<String> listing = JournalClasses.listing();
        assertEquals(List.of(), FormatHistory.withoutMigration(listing),
            "older journals could not be read; node/docs/adr/0006-journals-are-readable-for-ever.md says what to do");
        assertEquals(List.of(), FormatHistory.changes(listing), "shapes have changed: run .ci/freeze-format, which adds a generation");
    }

    /** Only when asked for: {@code -Dfreeze=FILE} is the directory of the listings. */
    @Test
    void theListingIsWrittenWhenAskedFor() throws IOException {
        String directory = System.getProperty("freeze.listings");
        assumeTrue(directory != null, "nobody asks");
        List<String> listing = JournalClasses.listing();
        assertEquals(List.of(), FormatHistory.withoutMigration(listing), "say in migrations.txt what has become of these");
        List<String> changes = FormatHistory.changes(listing);
        if (!changes.isEmpty()) {
            int next = FormatHistory.current() + 1;
            Files.write(Path.of(directory).resolve("generation-" + next + ".txt"),
                (HEAD.replace("%d", Integer.toString(next)) + String.join("\n", changes) + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
