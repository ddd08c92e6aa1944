package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.ScanCounts;

/**
 * {@code struct lruvec}: which folios are on which list, by age (R10.1). A node keeps these lists from the moment on at which
 * memory is first short: until then nobody asks for an order, and folios that are there already are taken to be as old as
 * their addresses are low, which is how the allocator hands them out.
 *
 * <p>What list a folio is on follows from its flags. The lists only add the order: whenever folios change, those that came to
 * another list become the newest there.
 */
final class LruLists {
    private static final int LIST_BITS = 2;
    private static final LruList[] LISTS = LruList.values();

    /** By frame: (position minus frame) and list. */
    private final RunMap<Long> places = new RunMap<>();
    private final LruLine inactiveAnon = new LruLine();
    private final LruLine activeAnon = new LruLine();
    private final LruLine inactiveFile = new LruLine();
    private final LruLine activeFile = new LruLine();

    /** A part of the frames whose list has changed. */
    private record Change(long frame, long count, LruList list, Long place) {}

    /** The list on which a folio is by its flags, or null: not on any, or on the unevictable one, which has no order. */
    static LruList listOf(Folio folio) {
        if (folio == null || (folio.flags() & (Folio.LRU | Folio.UNEVICTABLE)) != Folio.LRU) {
            return null;
        }
        boolean active = folio.has(Folio.ACTIVE);
        return folio.has(Folio.SWAPBACKED) ? active ? LruList.ACTIVE_ANON : LruList.INACTIVE_ANON
                : active ? LruList.ACTIVE_FILE : LruList.INACTIVE_FILE;
    }

    /** Folios of the range changed in some way. */
    void changed(RunMap<Folio> folios, long start, long end) {
        List<Change> changes = new ArrayList<>(2);
        folios.forEachWithGaps(start, end, (from, count, folio) -> {
            LruList list = listOf(folio);
            places.forEachWithGaps(from, from + count, (at, pages, place) -> {
                if (list != (place == null ? null : list(place))) {
                    changes.add(new Change(at, pages, list, place));
                }
            });
        });
        for (Change change : changes) {
            if (change.place() != null) {
                line(list(change.place())).remove(change.frame() + position(change.place()), change.count());
                places.clear(change.frame(), change.count());
            }
            if (change.list() != null) {
                place(change.frame(), change.count(), change.list(), line(change.list()).append(change.frame(), change.count()));
            }
        }
    }

    /** Folios on a list become the oldest of it: {@code folio_rotate_reclaimable()}. */
    void rotate(FrameRuns frames) {
        for (int i = frames.size() - 1; i >= 0; i--) {
            List<Change> found = new ArrayList<>();
            places.forEach(frames.start(i), frames.start(i) + frames.count(i), (at, pages, place) ->
                    found.add(0, new Change(at, pages, list(place), place)));
            for (Change one : found) {
                LruLine line = line(one.list());
                line.remove(one.frame() + position(one.place()), one.count());
                place(one.frame(), one.count(), one.list(), line.prepend(one.frame(), one.count()));
            }
        }
    }

    private void place(long frame, long count, LruList list, long position) {
        places.set(frame, count, position - frame << LIST_BITS | list.ordinal());
    }

    private static LruList list(long place) {
        return LISTS[(int) (place & LISTS.length - 1)];
    }

    private static long position(long place) {
        return place >> LIST_BITS;
    }

    private LruLine line(LruList list) {
        return switch (list) {
            case INACTIVE_ANON -> inactiveAnon;
            case ACTIVE_ANON -> activeAnon;
            case INACTIVE_FILE -> inactiveFile;
            case ACTIVE_FILE -> activeFile;
        };
    }

    /** Pages on a list. */
    long pages(LruList list) {
        return line(list).pages();
    }

    /** Pages on each list. */
    ScanCounts sizes() {
        return new ScanCounts(inactiveAnon.pages(), activeAnon.pages(), inactiveFile.pages(), activeFile.pages());
    }

    /** The oldest folios of a list, in their order. */
    FrameRuns oldest(LruList list, long pages) {
        return line(list).oldest(pages);
    }

    /** The list that a frame is on, or null. */
    LruList listAt(long frame) {
        Long place = places.get(frame);
        return place == null ? null : list(place);
    }
}
