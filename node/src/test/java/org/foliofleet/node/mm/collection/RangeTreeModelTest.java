package org.foliofleet.node.mm.collection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.foliofleet.protocol.id.Ranged;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link RangeTree} against a {@link TreeMap} by start. */
class RangeTreeModelTest {
    private record Range(long start, long end) implements Ranged {}

    private final TreeMap<Long, Range> model = new TreeMap<>();
    private final RangeTree<Range> tree = new RangeTree<>();
    private SplittableRandom random;
    private int pages;

    @ParameterizedTest(name = "{0} pages, {1} steps, {2} of 10 add, seed {3}")
    @CsvSource({"30, 5000, 5, 1", "1000, 20000, 6, 2", "20000, 60000, 8, 3", "20000, 60000, 5, 4"})
    void agreesWithATreeMap(int pages, int steps, int adds, long seed) {
        random = new SplittableRandom(seed);
        this.pages = pages;
        for (int step = 0; step < steps; step++) {
            try {
                edit(step * 4 / steps == 3 ? 2 : adds);
                query(random.nextInt(pages));
                if (step % 1000 == 0) {
                    compare();
                }
            } catch (RuntimeException | AssertionError failed) {
                throw new AssertionError("seed " + seed + ", step " + step + ": " + failed.getMessage(), failed);
            }
        }
        compare();
        while (!model.isEmpty()) {
            tree.remove(model.pollFirstEntry().getValue());
        }
        compare();
    }

    private void edit(int adds) {
        long start = random.nextInt(pages);
        Range range = new Range(start, start + 1 + random.nextInt(4));
        Range old = tree.findOrNext(start);
        if (random.nextInt(10) < adds) {
            if (fits(range, null)) {
                tree.put(range);
                model.put(start, range);
            } else {
                assertThrows(IllegalArgumentException.class, () -> tree.put(range));
            }
        } else if (old == null) {
            assertThrows(IllegalArgumentException.class, () -> tree.remove(range));
        } else if (random.nextBoolean()) {
            tree.remove(old);
            model.remove(old.start());
            assertThrows(IllegalArgumentException.class, () -> tree.remove(old));
        } else if (fits(range, old) && model.subMap(Math.min(start, old.start()), true, Math.max(start, old.start()), true)
                .values().stream().allMatch(old::equals)) {
            tree.replace(old, range);
            model.remove(old.start());
            model.put(start, range);
        } else {
            assertThrows(IllegalArgumentException.class, () -> tree.replace(old, range));
        }
    }

    private boolean fits(Range range, Range except) {
        return model.values().stream().noneMatch(other -> other != except
                && other.start() < range.end() && range.start() < other.end());
    }

    private void query(long page) {
        Range floor = value(model.floorEntry(page));
        Range containing = floor != null && floor.end() > page ? floor : null;
        assertSame(containing, tree.find(page));
        assertSame(containing != null ? containing : value(model.higherEntry(page)), tree.findOrNext(page));
        assertSame(containing != null ? value(model.lowerEntry(containing.start())) : floor, tree.previous(page));
        if (containing != null) {
            assertSame(value(model.higherEntry(page)), tree.next(containing));
        }
        long end = page + random.nextInt(50);
        List<Range> expected = new ArrayList<>(model.subMap(page, Math.max(page, end)).values());
        if (containing != null && containing.start() < page && page < end) {
            expected.add(0, containing);
        }
        List<Range> visited = new ArrayList<>();
        tree.forEach(page, end, visited::add);
        assertEquals(expected, visited);
    }

    private static Range value(Map.Entry<Long, Range> entry) {
        return entry == null ? null : entry.getValue();
    }

    private void compare() {
        List<Range> visited = new ArrayList<>();
        tree.forEach(visited::add);
        assertEquals(new ArrayList<>(model.values()), visited);
        assertEquals(model.size(), tree.size());
        assertEquals(model.isEmpty(), tree.isEmpty());
        assertSame(value(model.firstEntry()), tree.first());
        assertSame(value(model.lastEntry()), tree.last());
    }

    @Test
    void aTreeFilledUpwardsDownwardsOrBySplittingTakesAtMostEighteenBytesAnEntry() {
        int count = 65_530;
        RangeTree<Range> up = new RangeTree<>();
        RangeTree<Range> down = new RangeTree<>();
        RangeTree<Range> splitting = new RangeTree<>();
        Range whole = new Range(0, count);
        splitting.put(whole);
        for (int i = 0; i < count; i++) {
            up.put(new Range(i, i + 1));
            down.put(new Range(count - i, count - i + 1));
        }
        for (int i = 0; i + 1 < count; i++) {
            Range rest = splitting.find(i);
            splitting.replace(rest, new Range(i, i + 1));
            splitting.put(new Range(i + 1, count));
        }
        for (RangeTree<Range> tree : List.of(up, down, splitting)) {
            assertEquals(count, tree.size());
            assertTrue(tree.heapBytes() <= 18L * count, () -> "bytes an entry: " + (double) tree.heapBytes() / count);
        }
    }

    @Test
    void aVisitorThatChangesTheTreeIsToldSo() {
        tree.put(new Range(0, 1));
        assertThrows(ConcurrentModificationException.class, () -> tree.forEach(entry -> tree.put(new Range(5, 6))));
    }
}
