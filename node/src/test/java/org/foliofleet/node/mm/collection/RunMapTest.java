package org.foliofleet.node.mm.collection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunMapTest {
    private final RunMap<String> map = new RunMap<>();

    @Test
    void smallMapsAreSmall() {
        assertEquals(40, map.heapBytes());
        map.set(5, 100, "a");
        assertEquals(40, map.heapBytes());
        map.set(50, 1, "b");
        assertTrue(map.heapBytes() <= 180, () -> "three runs: " + map.heapBytes());
        map.clear(0, 200);
        assertEquals(40, map.heapBytes());
    }

    @Test
    void aMapFilledUpwardsHasFullLeaves() {
        int runs = 100_000;
        for (int i = 0; i < runs; i++) {
            map.set(i, 1, i % 2 == 0 ? "a" : "b");
        }
        assertEquals(runs, map.runs());
        assertTrue(map.heapBytes() <= 22L * runs, () -> "bytes a run: " + (double) map.heapBytes() / runs);
        map.set(0, runs, "a");
        assertEquals(1, map.runs());
        assertEquals(40, map.heapBytes());
    }

    @Test
    void anEmptyMapAnswers() {
        assertTrue(map.isEmpty());
        assertEquals(Long.MAX_VALUE, map.firstKey());
        assertEquals(Long.MIN_VALUE, map.lastKey());
        assertEquals(Long.MAX_VALUE, map.nextKey(0));
        assertEquals(7, map.nextAbsent(7));
        assertTrue(map.isClear(0, Long.MAX_VALUE));
        assertEquals("{}", map.toString());
        assertTrue(map.extract(0, 100).isEmpty());
        map.transform(0, 100, (start, count, value) -> "a");
        assertTrue(map.isEmpty());
    }

    @Test
    void equalValuesJoinWhereverTheyMeet() {
        map.set(0, 2, "a");
        map.set(4, 2, "a");
        map.set(2, 2, new String("a"));
        assertEquals("{0+6=a}", map.toString());
        map.set(3, 1, "b");
        assertEquals("{0+3=a, 3+1=b, 4+2=a}", map.toString());
        assertNotEquals(map, new RunMap<String>());
        map.transform(3, 4, (start, count, value) -> "a");
        assertEquals("{0+6=a}", map.toString());
    }

    @Test
    void rangesThatAreNoneAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> map.set(0, -1, "a"));
        assertThrows(IllegalArgumentException.class, () -> map.clear(2, Long.MAX_VALUE));
        assertThrows(NullPointerException.class, () -> map.set(0, 1, null));
        map.set(3, 0, "a");
        assertTrue(map.isEmpty());
    }

    @Test
    void aChangeDuringAWalkIsNoticed() {
        map.set(0, 2, "a");
        map.set(2, 2, "b");
        assertThrows(ConcurrentModificationException.class,
                () -> map.forEach((start, count, value) -> map.clear(0, 1)));
        assertThrows(ConcurrentModificationException.class,
                () -> map.transform(0, 4, (start, count, value) -> {
                    map.set(9, 1, "c");
                    return value;
                }));
    }

    @Test
    void aSetIsAMapOfMembers() {
        RunSet set = new RunSet();
        assertTrue(set.add(5));
        assertFalse(set.add(5));
        assertTrue(set.add(3, 4));
        assertTrue(set.contains(3, 4));
        assertFalse(set.contains(3, 5));
        assertTrue(set.remove(4));
        assertFalse(set.remove(4));
        assertEquals("{3+1, 5+2}", set.toString());
        assertEquals(3, set.first());
        assertEquals(6, set.last());
        assertEquals(5, set.next(4));
        assertEquals(7, set.nextAbsent(5));
        assertEquals(3, set.size());
        RunSet part = set.extract(6, 100);
        assertEquals("{6+1}", part.toString());
        set.absorb(part);
        assertEquals("{3+1, 5+2}", set.toString());
        assertEquals(set, set.copy());
        StringBuilder visited = new StringBuilder();
        set.forEach(0, 6, (start, count) -> visited.append(start).append('+').append(count).append(' '));
        assertEquals("3+1 5+1 ", visited.toString());
    }

    @Test
    void settingAtACursorIsLikeSetting() {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            RunMap<Integer> edited = new RunMap<>();
            for (int i = 0; i < 600; i++) {
                edited.set(i, 1, random.nextInt(6));
            }
            RunMap<Integer> expected = edited.copy();
            List<RunCursor<Integer>> cursors = List.of(new RunCursor<>(), new RunCursor<>());
            for (int i = 0; i < 2000; i++) {
                // Two places that move upwards, and meet.
                RunCursor<Integer> cursor = cursors.get(i % 2);
                long key = (i / 2 + (i % 2) * (seed % 3) * 40 + (random.nextInt(20) == 0 ? random.nextInt(600) : 0)) % 600;
                String message = "seed " + seed + ", edit " + i;
                assertEquals(expected.get(key) != null, edited.find(key, cursor), message);
                assertEquals(expected.get(key), cursor.value(), message);
                boolean whole = random.nextInt(8) > 0;
                long start = whole && cursor.value() != null ? cursor.start() : key;
                long count = whole && cursor.value() != null ? cursor.end() - start : 1;
                int value = random.nextInt(6);
                edited.set(start, count, value, cursor);
                expected.set(start, count, value);
                StoreChecks.check(edited);
                assertEquals(expected, edited, message);
            }
        }
    }
}
