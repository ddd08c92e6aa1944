package org.foliofleet.node.trace;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.collections.Long2LongHashMap;
import org.foliofleet.protocol.id.PageRange;

/** A set of pages from which one can be drawn at random, in an order that does not depend on hashing. */
final class PageSample {
    private static final long ABSENT = -1;
    private final Long2LongHashMap positions = new Long2LongHashMap(ABSENT);
    private long[] pages = new long[64];
    private int size;

    void add(long page) {
        if (positions.get(page) != ABSENT) {
            return;
        }
        if (size == pages.length) {
            pages = Arrays.copyOf(pages, 2 * size);
        }
        pages[size] = page;
        positions.put(page, size++);
    }

    void remove(long page) {
        long at = positions.remove(page);
        if (at != ABSENT) {
            long last = pages[--size];
            if (last != page) {
                pages[(int) at] = last;
                positions.put(last, at);
            }
        }
    }

    void remove(PageRange range) {
        if (range.count() <= size) {
            for (long page = range.start(); page < range.end() && size > 0; page++) {
                remove(page);
            }
        } else {
            for (int i = size - 1; i >= 0; i--) {
                if (range.contains(pages[i])) {
                    remove(pages[i]);
                }
            }
        }
    }

    void clear() {
        positions.clear();
        size = 0;
    }

    /** One of the pages, -1 if there is none. */
    long draw(SplittableRandom random) {
        return size == 0 ? -1 : pages[random.nextInt(size)];
    }
}
