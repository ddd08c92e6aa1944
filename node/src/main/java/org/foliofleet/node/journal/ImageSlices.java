package org.foliofleet.node.journal;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.OwnerRow;

/**
 * Which owners are written at a commit though they have not changed, so that all are written again every so many commits and
 * what is before need not be kept: a slice of them at each commit, about as many bytes as are written otherwise. So a
 * journal is a few times as large as the state, and no commit takes much more than twice its time.
 */
public final class ImageSlices {
    /** Bytes that are written even if hardly anything changes. */
    private static final long LEAST = 64 << 10;
    private static final long BYTES_OF_AN_OWNER = 256;

    /** Of the image that is being written, in order; null between two. */
    private long[] keys;
    private int at;
    private int from;
    /** Bytes of an unchanged owner, as far as is known. */
    private long each = BYTES_OF_AN_OWNER;
    private long nextBytes = LEAST;

    /**
     * Begins the slice of a commit.
     *
     * @param owners keys of all of them, in order; asked for when an image begins
     * @param slice  gets the keys of the slice; their owners may have ended, or changed, meanwhile
     */
    public void next(Supplier<long[]> owners, LongConsumer slice) {
        if (keys == null) {
            keys = owners.get();
            at = 0;
        }
        from = at;
        at = (int) Math.min(keys.length, at + Math.max(1, nextBytes / each));
        for (int i = from; i < at; i++) {
            slice.accept(keys[i]);
        }
    }

    /**
     * Ends the slice.
     *
     * @param changed owners that have changed
     * @param rows    those of the slice that have not
     * @param others  bytes of what else is written
     */
    public ImageSlice end(List<OwnerRow> changed, List<OwnerRow> rows, long others) {
        nextBytes = Math.max(LEAST, bytes(changed) + others);
        if (!rows.isEmpty()) {
            each = Math.max(1, bytes(rows) / rows.size());
        }
        boolean last = at == keys.length;
        if (last) {
            keys = null;
        }
        return new ImageSlice(from == 0, last, rows);
    }

    private static long bytes(List<OwnerRow> rows) {
        return rows.stream().mapToLong(row -> row.state().length).sum();
    }
}
