package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.junit.jupiter.api.Test;

/** Goal: folios are on the list that their flags say, in the order in which they came. Method: against lists of single frames. */
class LruListsTest {
    private static final Folio ANON = Folio.anon(0, 1, 0);

    private final FolioTable table = new FolioTable();

    private List<Long> oldest(LruList list) {
        List<Long> frames = new ArrayList<>();
        FrameRuns runs = table.lists().oldest(list, Long.MAX_VALUE);
        for (int i = 0; i < runs.size(); i++) {
            for (long frame = runs.start(i); frame < runs.start(i) + runs.count(i); frame++) {
                frames.add(frame);
            }
        }
        return frames;
    }

    @Test
    void nothingIsKeptUntilMemoryIsShort() {
        table.set(0, 10, ANON);

        assertNull(table.lists());
        table.keepLists();
        assertEquals(10, oldest(LruList.INACTIVE_ANON).size());
    }

    @Test
    void foliosThatCameTogetherAreOneRun() {
        table.keepLists();
        for (long frame = 0; frame < 10_000; frame++) {
            table.set(frame, 1, ANON);
        }

        assertEquals(1, table.lists().oldest(LruList.INACTIVE_ANON, 10_000).size());
    }

    @Test
    void eachListIsInTheOrderInWhichFoliosCameToIt() {
        table.keepLists();
        List<List<Long>> expected = new ArrayList<>();
        for (LruList list : LruList.values()) {
            expected.add(new ArrayList<>());
        }
        for (long seed = 1; seed < 3000; seed++) {
            Random draw = new Random(seed);
            long frame = draw.nextInt(100);
            long count = 1 + draw.nextInt(8);
            int what = draw.nextInt(6);
            Folio folio = what >= 5 ? null : what == 4 ? ANON.without(Folio.LRU)
                    : (what < 2 ? ANON : ANON.without(Folio.SWAPBACKED)).withFlags(ANON.flags() & (what < 2 ? -1 : ~Folio.SWAPBACKED)
                            | (what % 2 == 0 ? 0 : Folio.ACTIVE));
            if (folio == null) {
                table.clear(frame, count);
            } else {
                table.set(frame, count, folio);
            }
            for (long at = frame; at < frame + count; at++) {
                LruList list = LruLists.listOf(folio);
                for (LruList other : LruList.values()) {
                    if (other != list) {
                        expected.get(other.ordinal()).remove((Long) at);
                    } else if (!expected.get(other.ordinal()).contains(at)) {
                        expected.get(other.ordinal()).add(at);
                    }
                }
            }
            for (LruList list : LruList.values()) {
                assertEquals(expected.get(list.ordinal()), oldest(list), "seed " + seed + ", " + list);
                assertEquals(expected.get(list.ordinal()).size(), table.lists().pages(list));
            }
        }
    }

    @Test
    void rotatedFoliosAreTheOldest() {
        table.keepLists();
        table.set(0, 10, ANON);

        table.rotate(new FrameRuns.Builder().add(7, 2).add(3, 1).build());

        assertEquals(List.of(7L, 8L, 3L, 0L, 1L, 2L, 4L, 5L, 6L, 9L), oldest(LruList.INACTIVE_ANON));
    }
}
