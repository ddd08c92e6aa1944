package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.actor.LaneMessage.Batch;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.serial.FormatHistory;
import org.foliofleet.protocol.serial.Wire;
import org.junit.jupiter.api.Test;

/** Goal: what lanes say to each other is read by every later version. Method: batches that each generation of the format wrote. */
class GoldenBatchesTest {
    private static final String DIRECTORY = "journal-format/";

    private static List<String> golden(int generation) throws IOException {
        try (InputStream in = GoldenBatchesTest.class.getResourceAsStream("/" + DIRECTORY + "generation-" + generation + ".batches")) {
            assertNotNull(in, "generation " + generation + " has golden batches");
            return Arrays.asList(new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n"));
        }
    }

    /** A batch for each hundred messages that differ in what they carry. */
    private static List<Batch> batches() throws IOException {
        Machine machine;
        try (InputStream in = GoldenBatchesTest.class.getResourceAsStream("/" + DIRECTORY + "golden.yaml")) {
            ExperimentSpec spec = SpecLoader.read(in.readAllBytes(), "golden.yaml");
            machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        }
        TreeMap<String, Envelope> kinds = new TreeMap<>();
        for (int tick = 0; tick < 4000 && machine.step(); tick++) {
            for (Due due : machine.parts().messages()) {
                Envelope envelope = due.envelope();
                String kind = envelope.rank() + " " + (envelope.payload() == null ? "" : envelope.payload().getClass().getName()) + (envelope.spent() != null);
                kinds.putIfAbsent(kind, envelope);
            }
        }
        List<Batch> batches = new ArrayList<>();
        List<Envelope> all = new ArrayList<>(kinds.values());
        for (int from = 0; from < all.size(); from += 100) {
            List<Envelope> sent = all.subList(from, Math.min(all.size(), from + 100));
            batches.add(new Batch(7 + from, sent, sent.stream().mapToLong(Envelope::sequence).toArray(), List.of(), 9, 1, List.of(3L), from > 0));
        }
        return batches;
    }

    @Test
    void batchesOfAllGenerationsAreRead() throws IOException {
        for (int generation = 1; generation <= FormatHistory.current(); generation++) {
            List<String> lines = golden(generation);
            for (String line : lines) {
                byte[] bytes = Base64.getDecoder().decode(line);
                Batch batch = (Batch) Wire.decode(bytes);
                assertFalse(batch.sent().isEmpty());
                batch.sent().forEach(envelope -> assertTrue(envelope.to() != null && envelope.rank() != null, envelope::toString));
                if (generation == FormatHistory.current()) {
                    assertEquals(line, Base64.getEncoder().encodeToString(Wire.encode(batch)), "what was read is written as it was");
                }
            }
        }
    }

    @Test
    void theBatchesThatAreKeptHoldMostKindsOfMessages() throws IOException {
        long kinds = batches().stream().mapToLong(batch -> batch.sent().size()).sum();
        assertTrue(kinds > 80, () -> "only " + kinds);
    }

    @Test
    void batchesAreWrittenWhenAskedFor() throws IOException {
        String root = System.getProperty("freeze.goldens");
        assumeTrue(root != null, "nobody asks");
        Path file = Path.of(root).resolve("node/src/test/resources").resolve(DIRECTORY + "generation-" + FormatHistory.current() + ".batches");
        if (!Files.exists(file)) {
            StringBuilder text = new StringBuilder();
            batches().forEach(batch -> text.append(Base64.getEncoder().encodeToString(Wire.encode(batch))).append('\n'));
            Files.write(file, text.toString().getBytes(StandardCharsets.US_ASCII));
        }
    }
}
