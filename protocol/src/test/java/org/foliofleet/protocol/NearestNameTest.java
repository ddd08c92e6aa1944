package org.foliofleet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    private static final List<String> KEYS = List.of("repeats", "processes", "machine", "seed", "stop");

    @Test
    void oneTypingErrorOfEachKindIsForgiven() {
        for (String typed : List.of("repats", "repeeats", "repeets", "repaets", "repeat", "repeats")) {
            assertEquals(Optional.of("repeats"), NearestName.of(typed, KEYS), typed);
        }
    }

    @Test
    void theNearestWinsAndAmongEqualsTheFirst() {
        assertEquals(Optional.of("seed"), NearestName.of("sede", KEYS));
        assertEquals(Optional.of("ab"), NearestName.of("a", List.of("ab", "ac")));
    }

    @Test
    void aNameLikeNoOtherHasNoHint() {
        assertEquals(Optional.empty(), NearestName.of("temperature", KEYS));
        assertEquals(Optional.empty(), NearestName.of("x", List.of("y")));
        assertEquals(Optional.empty(), NearestName.of("", KEYS));
        assertEquals(Optional.empty(), NearestName.of("s".repeat(1_000_000), KEYS));
        assertEquals("", NearestName.hint("temperature", KEYS));
    }

    @Test
    void theBeginningOfOneNameIsForThatName() {
        List<String> names = List.of("prefork-server", "file-scanner", "file-writer-of-old");
        assertEquals(Optional.of("prefork-server"), NearestName.of("prefork", names));
        assertEquals(Optional.empty(), NearestName.of("file", names), "of two");
        assertEquals(Optional.empty(), NearestName.of("pr", names), "too short");
    }

    @Test
    void theHintIsReadyToBePutBehindAMessage() {
        assertEquals("; did you mean 'machine'?", NearestName.hint("machnie", KEYS));
    }
}
