package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.id.PageRange;

/**
 * Which pages of an address space are known to be mapped, and what by. Needed where a recording does not say it all:
 * memory mapped before it began, stacks that grow, calls on all memory.
 */
final class KnownRanges {
    /** @param growsDown a stack; @param shmem a System V segment */
    record Area(long end, boolean growsDown, boolean special, boolean shmem) {}

    private final TreeMap<Long, Area> areas = new TreeMap<>();

    KnownRanges() {}

    KnownRanges(KnownRanges other) {
        areas.putAll(other.areas);
    }

    void add(PageRange range, boolean growsDown, boolean special, boolean shmem) {
        remove(range);
        areas.put(range.start(), new Area(range.end(), growsDown, special, shmem));
    }

    void remove(PageRange range) {
        if (range.isEmpty()) {
            return;
        }
        splitAt(range.start());
        splitAt(range.end());
        areas.subMap(range.start(), range.end()).clear();
    }

    private void splitAt(long page) {
        Map.Entry<Long, Area> before = areas.lowerEntry(page);
        if (before != null && before.getValue().end > page) {
            Area area = before.getValue();
            areas.put(before.getKey(), new Area(page, area.growsDown, area.special, area.shmem));
            areas.put(page, area);
        }
    }

    boolean contains(long page) {
        return at(page) != null;
    }

    /** Range of the area that holds the page, null if none does. */
    PageRange at(long page) {
        Map.Entry<Long, Area> floor = areas.floorEntry(page);
        if (floor == null || floor.getValue().end <= page) {
            return null;
        }
        return PageRange.between(floor.getKey(), floor.getValue().end);
    }

    /** The area that begins at or after the page and may grow down to it; null if the next area does not grow. */
    PageRange growingAbove(long page) {
        Map.Entry<Long, Area> next = areas.ceilingEntry(page);
        return next != null && next.getValue().growsDown ? PageRange.between(next.getKey(), next.getValue().end) : null;
    }

    /** The first page after the last area below the page, 0 if there is none. */
    long endBelow(long page) {
        Map.Entry<Long, Area> before = areas.lowerEntry(page);
        return before == null ? 0 : before.getValue().end;
    }

    /** End of the System V segment that begins at the page, -1 if none does. */
    long segmentEnd(long page) {
        Area area = areas.get(page);
        return area != null && area.shmem ? area.end : -1;
    }

    /** Parts of the range that no area covers, ascending. */
    List<PageRange> gaps(PageRange range) {
        List<PageRange> gaps = new ArrayList<>();
        long at = range.start();
        while (at < range.end()) {
            PageRange covered = at(at);
            if (covered == null) {
                Long next = areas.ceilingKey(at);
                long end = next == null ? range.end() : Math.min(next, range.end());
                gaps.add(PageRange.between(at, end));
                at = end;
            } else {
                at = covered.end();
            }
        }
        return gaps;
    }

    /** All areas a process may lock, ascending. */
    List<PageRange> ordinary() {
        List<PageRange> all = new ArrayList<>();
        areas.forEach((start, area) -> {
            if (!area.special) {
                all.add(PageRange.between(start, area.end));
            }
        });
        return all;
    }

    void clear() {
        areas.clear();
    }
}
