package org.foliofleet.node.mm.collection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link RunMap} against an array with one value per key. */
class RunMapModelTest {
    private Integer[] model;
    private RunMap<Integer> map;
    private RunCursor<Integer> cursor;
    private SplittableRandom random;
    private int longest;
    private int values;

    @ParameterizedTest(name = "{0} keys, runs up to {1}, {2} values, {3} steps, seed {4}")
    @CsvSource({
        "12, 6, 2, 4000, 1", "40, 12, 2, 4000, 2", "40, 5, 3, 4000, 3", "300, 40, 4, 4000, 4",
        "3000, 3, 3, 20000, 5", "20000, 6, 900, 30000, 6", "20000, 2, 2, 30000, 7", "60000, 9, 5, 30000, 8"})
    void agreesWithOneValuePerKey(int keys, int longest, int values, int steps, long seed) {
        model = new Integer[keys];
        map = new RunMap<>();
        cursor = new RunCursor<>();
        random = new SplittableRandom(seed);
        this.longest = longest;
        this.values = values;
        if (keys > 2000) {
            fill();
        }
        int every = Math.max(1, keys / 50);
        for (int step = 0; step < steps; step++) {
            String where = "seed " + seed + ", step " + step;
            try {
                edit(random.nextInt(keys > 2000 ? 400 : 24));
                query();
                if (step % every == 0) {
                    compare(map, model);
                }
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError(where + ": " + failed.getMessage(), failed);
            }
        }
        compare(map, model);
    }

    private void fill() {
        for (int at = 0; at < model.length; at += 1 + random.nextInt(longest)) {
            set(at, 1 + random.nextInt(longest), value());
        }
        compare(map, model);
    }

    /** A new object each time, so that runs join by equality and not by identity. */
    private Integer value() {
        return Integer.valueOf(1000 + random.nextInt(values));
    }

    private void set(int start, int count, Integer value) {
        int clipped = Math.min(count, model.length - start);
        map.set(start, clipped, value);
        Arrays.fill(model, start, start + clipped, value);
    }

    private void edit(int kind) {
        boolean wide = random.nextInt(8) == 0;
        int start = random.nextInt(model.length);
        int end = Math.min(model.length, start + 1 + random.nextInt(wide ? model.length / 4 : longest));
        switch (kind) {
            case 0 -> transform(start, end, random.nextInt(5));
            case 1 -> move(start, end);
            case 2 -> {
                map.clear(start, end - start);
                Arrays.fill(model, start, end, null);
            }
            case 3 -> interrupted(start, end);
            case 4 -> {
                if (random.nextInt(20) == 0) {
                    map.clear();
                    Arrays.fill(model, null);
                } else {
                    compare(map.copy(), model);
                }
            }
            default -> {
                int to = Math.min(model.length, start + random.nextInt(longest + 1));
                if (random.nextInt(3) == 0) {
                    map.clear(start, to - start);
                    Arrays.fill(model, start, to, null);
                } else {
                    set(start, to - start, value());
                }
            }
        }
    }

    private void transform(int start, int end, int kind) {
        Integer constant = value();
        long[] at = {start};
        map.transform(start, end, (from, count, value) -> {
            assertTrue(from >= at[0] && from + count <= end);
            at[0] = from + count;
            Integer result = changed(kind, from, value, constant);
            for (long key = from; key < from + count; key++) {
                assertEquals(model[(int) key], value);
                model[(int) key] = result;
            }
            return result;
        });
    }

    private static Integer changed(int kind, long from, Integer value, Integer constant) {
        return switch (kind) {
            case 0 -> value;
            case 1 -> constant;
            case 2 -> value % 2 == 0 ? null : value;
            case 3 -> value + 1;
            default -> from % 3 == 0 ? null : constant;
        };
    }

    private void interrupted(int start, int end) {
        int stop = random.nextInt(4);
        int[] calls = {0};
        try {
            map.transform(start, end, (from, count, value) -> {
                if (calls[0]++ == stop) {
                    throw new IllegalStateException("stop");
                }
                Arrays.fill(model, (int) from, (int) (from + count), null);
                return null;
            });
        } catch (IllegalStateException expected) {
            assertEquals("stop", expected.getMessage());
        }
        StoreChecks.check(map);
    }

    /** Takes a part out, checks it, and puts it back, whole or in pieces. */
    private void move(int start, int end) {
        Integer[] part = new Integer[model.length];
        System.arraycopy(model, start, part, start, end - start);
        RunMap<Integer> taken = map.extract(start, end);
        compare(taken, part);
        Arrays.fill(model, start, end, null);
        compare(map, model);
        if (random.nextInt(4) == 0) {
            return;
        }
        if (random.nextBoolean() && !taken.isEmpty()) {
            set((int) taken.firstKey(), 1, value());
            assertThrows(IllegalArgumentException.class, () -> map.absorb(taken));
            compare(map, model);
            map.clear(taken.firstKey(), 1);
        }
        map.absorb(taken);
        System.arraycopy(part, start, model, start, end - start);
        compare(taken, part);
        compare(map, model);
    }

    private void query() {
        int key = random.nextInt(model.length);
        assertEquals(model[key], map.get(key));
        assertEquals(model[key] != null, map.find(key, cursor));
        assertEquals(model[key], cursor.value());
        int from = key;
        while (from > 0 && Objects.equals(model[from - 1], model[key])) {
            from--;
        }
        int to = key;
        while (to < model.length && Objects.equals(model[to], model[key])) {
            to++;
        }
        boolean gap = model[key] == null;
        assertEquals(gap && from == 0 ? Long.MIN_VALUE : from, map.runStart(key));
        assertEquals(gap && to == model.length ? Long.MAX_VALUE : to, map.runEnd(key));
        assertEquals(map.runStart(key), cursor.start());
        assertEquals(map.runEnd(key), cursor.end());
        if (to < model.length) {
            int ahead = Math.min(model.length - 1, to + random.nextInt(20));
            assertEquals(model[ahead] != null, map.find(ahead, cursor));
            assertEquals(model[ahead], cursor.value());
            assertEquals(map.runStart(ahead), cursor.start());
            assertEquals(map.runEnd(ahead), cursor.end());
        }
        int covered = key;
        while (covered < model.length && model[covered] == null) {
            covered++;
        }
        assertEquals(covered == model.length ? Long.MAX_VALUE : covered, map.nextKey(key));
        int absent = key;
        while (absent < model.length && model[absent] != null) {
            absent++;
        }
        assertEquals(absent, map.nextAbsent(key));
        int count = random.nextInt(longest + 2);
        assertEquals(covered - key >= count || covered == model.length, map.isClear(key, count));
        walk(key, Math.min(model.length, key + 3 * longest));
    }

    private void walk(int start, int end) {
        long[] at = {start};
        map.forEachWithGaps(start, end, (from, count, value) -> {
            assertEquals(at[0], from);
            at[0] = from + count;
            for (long key = from; key < at[0]; key++) {
                assertEquals(model[(int) key], value);
            }
        });
        assertEquals(end, at[0]);
        at[0] = start;
        map.forEach(start, end, (from, count, value) -> {
            for (; at[0] < from; at[0]++) {
                assertEquals(null, model[(int) at[0]]);
            }
            at[0] = from + count;
            assertEquals(model[(int) from], value);
        });
    }

    private static void compare(RunMap<Integer> map, Integer[] model) {
        StoreChecks.check(map);
        Integer[] content = new Integer[model.length];
        map.forEach((start, count, value) -> Arrays.fill(content, (int) start, (int) (start + count), value));
        int differs = Arrays.mismatch(model, content);
        assertEquals(-1, differs, () -> "key " + differs + ": expected " + model[differs] + ", got " + content[differs]);
        RunMap<Integer> rebuilt = new RunMap<>();
        for (int key = model.length - 1; key >= 0; key--) {
            if (model[key] != null && model.length < 400) {
                rebuilt.set(key, 1, model[key]);
            }
        }
        if (model.length < 400) {
            assertEquals(rebuilt, map);
            assertEquals(rebuilt.hashCode(), map.hashCode());
            assertEquals(rebuilt.toString(), map.toString());
        }
    }
}
