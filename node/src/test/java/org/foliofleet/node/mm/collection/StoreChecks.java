package org.foliofleet.node.mm.collection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What holds for every {@link RunStore} between two calls. */
final class StoreChecks {
    private StoreChecks() {}

    static void check(RunStore store) {
        long size = 0;
        int runs = 0;
        long lastEnd = Long.MIN_VALUE;
        Object lastValue = null;
        if (store.index != null) {
            assertNull(store.only);
            assertTrue(store.index.count() > 1, "a directory of one leaf");
        } else if (store.only instanceof RunLeaf leaf) {
            assertTrue(leaf.count() > 1, "a leaf of one run");
        }
        for (int number = 0; number < store.leafCount(); number++) {
            RunLeaf leaf = store.leaf(number);
            assertTrue(leaf.count() > 0 && leaf.count() <= RunLeaf.MAX_RUNS, "runs of a leaf: " + leaf.count());
            if (store.index != null) {
                assertEquals(leaf.firstStart(), store.index.first(number), "the directory's first key");
            }
            for (int run = 0; run < leaf.count(); run++) {
                assertTrue(leaf.start(run) >= lastEnd && leaf.end(run) > leaf.start(run), "order of runs");
                if (leaf.start(run) == lastEnd) {
                    assertNotEquals(lastValue, leaf.value(run), "a run that is not maximal");
                }
                lastEnd = leaf.end(run);
                lastValue = leaf.value(run);
                size += lastEnd - leaf.start(run);
                runs++;
            }
        }
        assertEquals(size, store.size());
        assertEquals(runs, store.runs());
    }
}
