package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a damaged recording gives one message with file, line and remedy, and nothing else ever. */
class RecordingReaderTest {
    private static final String SMALL = """
            {
             "format": 1,
             "name": "small",
             "about": "Two pages.",
             "kernel": "6.18.44",
             "runs": 5,
             "agreed": 5,
             "require": [],
             "set": {"mthp 64k": "madvise"},
             "memfd": {"f": 16},
             "unstable": [],
             "steps": [
              {"op": "p0 mmap 0 4 rw private anon", "res": "ok"},
              {"op": "p0 write 0 2", "res": "ok"},
              {
               "observe": "written",
               "procs": {"p0": [
                {"start": 0, "len": 4, "prot": "rw", "map": "private", "of": "anon", "flags": ["ac"],
                 "smaps": {"Rss": 8, "Pss": 8, "Private_Dirty": 8, "Anonymous": 8},
                 "pages": [{"at": 0, "n": 2, "st": "present", "folio": 1, "mapcount": 1, "tag": 2, "src": 0}]}
               ]},
               "folios": [{"id": 1, "n": 2, "order": 0, "flags": ["anon", "swapbacked", "lru", "exclusive0"]}],
               "memfds": [{"name": "f", "pages": 16, "blocks": 0, "cached": 0, "evicted": 0, "data": [[0, 1]]}],
               "counters": {}
              }
             ]
            }
            """;

    private static Recording parse(String text) {
        return RecordingReader.parse("r.json", text.getBytes(StandardCharsets.UTF_8), Set.of());
    }

    private static String complaint(byte[] bytes) {
        return assertThrows(BadInput.class, () -> RecordingReader.parse("r.json", bytes, Set.of())).getMessage();
    }

    @Test
    void theUndamagedRecordingIsRead() {
        Recording recording = parse(SMALL);
        assertEquals("small", recording.header().name());
        assertEquals(OptionalInt.empty(), recording.header().fillNode());
        assertEquals(3, recording.steps().size());
    }

    /** The third column is the line that the message must give. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'\"format\": 1' | '\"format\": 2' | 1 | only format 1 is known",
        "'\"name\": \"small\"' | '\"nmae\": \"small\"' | 1 | has no 'name'",
        "'\"name\": \"small\"' | '\"name\": 3' | 3 | 'name' must be a string",
        "'\"runs\": 5' | '\"runs\": \"5\"' | 6 | 'runs' must be a whole number",
        "'\"runs\": 5' | '\"runs\": 5.5' | 6 | 'runs' must be a whole number",
        "'\"runs\": 5' | '\"runs\": 5, \"rnus\": 6' | 6 | did you mean 'runs'?",
        "'\"runs\": 5' | '\"runs\": 5, \"runs\": 6' | 6 | Duplicate field",
        "'\"require\": []' | '\"require\": [\"swop\"]' | 1 | did you mean 'swap'?",
        "'\"require\": []' | '\"require\": [\"numa 2\"]' | 1 | lists 0 nodes but requires 2",
        "'mthp 64k' | 'mthp 65k' | 9 | did you mean 'mthp 64k'?",
        "'\"steps\": [' | '\"steps\": [ 3,' | 12 | must be an object",
        "'p0 write 0 2' | 'p0 wirte 0 2' | 14 | did you mean 'write'?",
        "'p0 write 0 2' | 'p1 write 0 2' | 14 | p1 does not live here",
        "'\"res\": \"ok\"},\n  {\n' | '\"res\": \"okay\"},\n  {\n' | 14 | the result 'okay' is none",
        "'\"len\": 4' | '\"len\": 0' | 18 | 'len' is 0, which is impossible",
        "'\"len\": 4' | '\"len\": 1' | 20 | lie outside their VMA",
        "'\"st\": \"present\"' | '\"st\": \"presnt\"' | 20 | did you mean 'present'?",
        "'\"folio\": 1, ' | '' | 20 | has no 'folio'",
        "'\"n\": 2, \"st\"' | '\"n\": -2, \"st\"' | 20 | 'n' is -2, which is impossible",
        "'\"n\": 2, \"st\"' | '\"n\": 123456789012345678901, \"st\"' | 20 | 'n' must be a whole number",
        "'\"Rss\": 8' | '\"Rs\": 8' | 18 | did you mean 'Rss'?",
        "'\"lru\"' | '\"lur\"' | 22 | did you mean 'lru'?",
        "'\"lru\"' | '\"anon\"' | 22 | has 'anon' twice",
        "'\"id\": 1' | '\"id\": 0' | 22 | 'id' is 0, which overlaps",
        "'[[0, 1]]' | '[[0]]' | 23 | a run of data is [first, number]",
        "'\"p0\": [' | '\"q0\": [' | 17 | 'q0' is no process",
    })
    void aDamagedFieldIsNamedWithItsLine(String what, String instead, int line, String part) {
        String from = what.replace("\\n", "\n");
        String text = SMALL.replace(from, instead.replace("\\n", "\n"));
        assertFalse(text.equals(SMALL), "the sample contains " + from);
        String message = complaint(text.getBytes(StandardCharsets.UTF_8));
        assertTrue(message.startsWith("r.json:" + line + ": "), message);
        assertTrue(message.contains(part), message);
    }

    @Test
    void everyTruncationIsRefusedInOneLine() {
        byte[] whole = SMALL.strip().getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            String message = complaint(Arrays.copyOf(whole, length));
            assertTrue(message.startsWith("r.json") && message.lines().count() == 1, message);
        }
    }

    @Test
    void aBrokenByteOrWordNeverGivesAnythingButBadInput() {
        long seed = 4711;
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = SMALL.getBytes(StandardCharsets.UTF_8);
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                RecordingReader.parse("r.json", bytes, Set.of());
            } catch (BadInput e) {
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", change " + i + ": "
                        + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
    }

    @Test
    void whatIsNotUtf8IsRefusedWithItsLine() {
        byte[] bytes = SMALL.getBytes(StandardCharsets.UTF_8);
        bytes[SMALL.indexOf("small")] = (byte) 0xff;
        String message = complaint(bytes);
        assertTrue(message.startsWith("r.json:3: is not UTF-8"), message);
    }

    @Test
    void longAndMultiLineWordsAreQuotedInOneShortLine() {
        String message = complaint(SMALL.replace("p0 write 0 2", "p0 write " + "9".repeat(1 << 20) + " 2")
                .getBytes(StandardCharsets.UTF_8));
        assertTrue(message.length() < 600 && message.contains("write"), message);
        message = complaint(SMALL.replace("\"runs\"", "\"r\\nuns\\u2028\": 3, \"runs\"").getBytes(StandardCharsets.UTF_8));
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void deepNestingIsRefused() {
        String message = complaint("[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        assertTrue(message.contains("is not JSON"), message);
    }

    @Test
    void aHugeFileIsRefusedUnread(@TempDir Path directory) throws IOException {
        Path huge = directory.resolve("huge.json");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(RecordingReader.MAX_BYTES + 1);
        }
        String message = assertThrows(BadInput.class, () -> RecordingReader.read(huge)).getMessage();
        assertTrue(message.contains("huge.json: has more than 64 MiB"), message);
    }

    @Test
    void whatIsNotThereIsSaidToBeNotThere(@TempDir Path directory) {
        assertThrows(BadInput.class, () -> RecordingReader.read(directory.resolve("none.json")));
        assertThrows(BadInput.class, () -> RecordingReader.read(directory));
    }

    @Test
    void whatTheRecorderRemovedAsUnstableMayBeMissingAndIsNotCompared() {
        String path = "steps[2].procs.p0[0].pages[0].mapcount";
        String text = SMALL.replace("\"unstable\": []", "\"unstable\": [\"" + path + "\", \"steps[2].folios\"]")
                .replace("\"mapcount\": 1, ", "").replaceAll("\"folios\": .*", "");
        Recording recording = parse(text);
        assertTrue(recording.header().unstable().contains(path));
        ScenarioResult result = RecordedModel.replay(recording, parse(SMALL));
        assertEquals(ScenarioResult.Result.PASS, result.result(), () -> result.differences().toString());
    }
}
