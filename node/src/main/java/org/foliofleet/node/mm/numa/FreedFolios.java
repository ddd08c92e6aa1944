package org.foliofleet.node.mm.numa;

import java.util.Arrays;

/** Folios that an event freed, in the order in which it did, for those who look at the machine from outside. */
public final class FreedFolios {
    /** Takes folios of one order that lie one after the other. */
    @FunctionalInterface
    public interface Sink {
        /** @param munlocked they were unmapped from VM_LOCKED VMAs, and so pass through the batch of {@code munlock_folio()} */
        void freed(long frame, long pages, int order, boolean munlocked);
    }

    private static final int MUNLOCKED = 1 << 8;

    private long[] frames = new long[4];
    private long[] pages = new long[4];
    private int[] kinds = new int[4];
    private int size;

    FreedFolios() {}

    void clear() {
        size = 0;
    }

    void add(long frame, long count, int order, boolean munlocked) {
        int kind = munlocked ? order | MUNLOCKED : order;
        if (size > 0 && frames[size - 1] + pages[size - 1] == frame && kinds[size - 1] == kind) {
            pages[size - 1] += count;
            return;
        }
        if (size == frames.length) {
            frames = Arrays.copyOf(frames, size * 2);
            pages = Arrays.copyOf(pages, size * 2);
            kinds = Arrays.copyOf(kinds, size * 2);
        }
        frames[size] = frame;
        pages[size] = count;
        kinds[size++] = kind;
    }

    public void forEach(Sink sink) {
        for (int i = 0; i < size; i++) {
            sink.freed(frames[i], pages[i], kinds[i] & ~MUNLOCKED, (kinds[i] & MUNLOCKED) != 0);
        }
    }
}
