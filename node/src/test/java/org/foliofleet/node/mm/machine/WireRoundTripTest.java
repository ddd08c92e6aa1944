package org.foliofleet.node.mm.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.program.RandomStream;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever owners send, log or report as events can leave the heap and come back. Method: made-up values of every
 * record of the messages, the program vocabulary and the memory model, encoded, decoded and encoded again.
 */
class WireRoundTripTest {
    private static final int VALUES = 60;
    private static final List<Class<?>> RECORDS = records();

    private static List<Class<?>> records() {
        List<Class<?>> records = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages(
                "org.foliofleet.protocol.id", "org.foliofleet.protocol.message", "org.foliofleet.protocol.program",
                "org.foliofleet.node.mm")) {
            if (type.isRecord()) {
                records.add(type.reflect());
            }
        }
        records.sort((a, b) -> a.getName().compareTo(b.getName()));
        return records;
    }

    private static boolean mustTravel(Class<?> type) {
        return Command.class.isAssignableFrom(type) || Arrays.stream(type.getInterfaces()).anyMatch(i -> i.getSimpleName().endsWith("Event"))
                || type.getName().startsWith("org.foliofleet.protocol.message.") || type.getName().startsWith("org.foliofleet.protocol.id.");
    }

    @Test
    void everyRecordComesBackAsItWas() {
        Set<String> without = new TreeSet<>();
        int types = 0;
        for (Class<?> type : RECORDS) {
            RandomValues values = new RandomValues(RandomStream.of(1, type.getName(), 0), RECORDS);
            try {
                for (int i = 0; i < VALUES; i++) {
                    Object value = values.record(type, 1);
                    byte[] bytes = Wire.encode(value);
                    Object back = Wire.decode(bytes);
                    if (!hasArrays(type)) {
                        assertEquals(value, back);
                    }
                    assertArrayEquals(bytes, Wire.encode(back), () -> "not canonical: " + value);
                }
                types++;
            } catch (RandomValues.NoValue e) {
                assertTrue(!mustTravel(type), () -> type.getName() + " cannot travel because of " + e.getMessage());
                without.add(type.getName());
            }
        }
        assertTrue(types > 100, "only " + types + " record types were found; no values of " + without);
    }

    private static boolean hasArrays(Class<?> type) {
        return Arrays.stream(type.getRecordComponents()).anyMatch(c -> c.getType().isArray());
    }

    @Test
    void equalSetsAndMapsHaveEqualBytesWhateverTheirOrder() {
        List<String> words = List.of("one", "two", "three", "four", "five");
        Set<String> forward = new java.util.LinkedHashSet<>(words);
        Set<String> salted = Set.copyOf(words);
        assertArrayEquals(Wire.encode(forward), Wire.encode(salted));
        assertArrayEquals(Wire.encode(Map.of("a", 1L, "b", 2L)), Wire.encode(new java.util.TreeMap<>(Map.of("b", 2L, "a", 1L))));
    }

    @Test
    void damagedBytesAreRefusedWithThePlace() {
        byte[] bytes = Wire.encode(List.of(1L, "two"));
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(DecodingException.class, () -> Wire.decode(cut));
        }
        byte[] newer = bytes.clone();
        newer[1]++;
        assertTrue(assertThrows(DecodingException.class, () -> Wire.decode(newer)).getMessage().contains("version"));
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertTrue(assertThrows(DecodingException.class, () -> Wire.decode(longer)).getMessage().contains("left over"));
    }

    @Test
    void whatIsNoValueIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Wire.encode(new StringBuilder("no value")));
        assertThrows(IllegalArgumentException.class, () -> Wire.encode((Runnable) () -> { }));
    }
}
