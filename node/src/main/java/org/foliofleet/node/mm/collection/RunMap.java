package org.foliofleet.node.mm.collection;

import java.util.Objects;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;

/**
 * A map from keys (page numbers) to values that is stored as maximal runs of equal values, so that memory and work grow
 * with what differs and not with what is covered. A key that has no value is absent. Keys are any longs up to, and
 * without, {@link Long#MAX_VALUE}; values are immutable, not null, and compared with {@code equals}.
 *
 * <p>An edit of one run costs a search and the move of at most 128 runs; bulk edits are linear in the runs they touch.
 * A map of a single run takes 40 bytes, as an empty one does.
 *
 * @param <V> the values; records, enums and the like
 */
public final class RunMap<V> extends RunStore implements Encodable {

    /** The value of a key, or null if it is absent. */
    public V get(long key) {
        if (isEmpty()) {
            return null;
        }
        if (isSingle()) {
            return singleStart <= key && key < singleEnd ? this.<V>cast(only) : null;
        }
        RunLeaf leaf = leaf(leafFor(key));
        int run = leaf.firstEndingAfter(key);
        return run < leaf.count() && leaf.start(run) <= key ? this.<V>cast(leaf.value(run)) : null;
    }

    /** First key of the run, or of the gap, that holds the key; the gap before all runs has no first key: the smallest long. */
    public long runStart(long key) {
        RunCursor<V> cursor = new RunCursor<>();
        find(key, cursor);
        return cursor.start();
    }

    /** First key after the run, or after the gap, that holds the key; {@link Long#MAX_VALUE} after the last run. */
    public long runEnd(long key) {
        RunCursor<V> cursor = new RunCursor<>();
        find(key, cursor);
        return cursor.end();
    }

    /**
     * Moves a cursor to the run, or to the gap, that holds the key. A cursor that stands nearby before it, in a map
     * that was not changed since, saves the search.
     *
     * @return whether the key has a value
     */
    public boolean find(long key, RunCursor<V> cursor) {
        return cursor.moveTo(this, key);
    }

    /** Gives all keys of {@code [start, start + count)} a value, whatever they had before. */
    public void set(long start, long count, V value) {
        overwrite(start, end(start, count), Objects.requireNonNull(value, "value"));
    }

    /**
     * Gives all keys of {@code [start, start + count)} a value, like {@link #set(long, long, Object)}; cheap, and without
     * moving other cursors of this map, if a cursor that was moved there last stands on a run of just these keys.
     */
    public void set(long start, long count, V value, RunCursor<V> cursor) {
        if (cursor.start() != start || cursor.end() - start != count || !cursor.replace(this, Objects.requireNonNull(value, "value"))) {
            set(start, count, value);
        }
    }

    /** Makes all keys of {@code [start, start + count)} absent. */
    public void clear(long start, long count) {
        overwrite(start, end(start, count), null);
    }

    /** Visits all runs in ascending order. */
    public void forEach(RunVisitor<? super V> visitor) {
        walk(Long.MIN_VALUE, Long.MAX_VALUE, false, visitor);
    }

    /** Visits the runs in {@code [start, end)} in ascending order, clipped to it. */
    public void forEach(long start, long end, RunVisitor<? super V> visitor) {
        walk(start, end, false, visitor);
    }

    /** Visits the runs in {@code [start, end)} and, with the value null, what lies between them, in ascending order. */
    public void forEachWithGaps(long start, long end, RunVisitor<? super V> visitor) {
        walk(start, end, true, visitor);
    }

    private void walk(long start, long end, boolean gaps, RunVisitor<? super V> visitor) {
        long at = start;
        int expected = changes;
        if (isSingle()) {
            long from = Math.max(start, singleStart);
            long to = Math.min(end, singleEnd);
            if (from < to) {
                V value = cast(only);
                if (gaps && from > at) {
                    visitor.run(at, from - at, null);
                    checkUnchanged(expected);
                }
                at = to;
                visitor.run(from, to - from, value);
                checkUnchanged(expected);
            }
        } else if (!isEmpty() && start < end) {
            int number = leafFor(start);
            int run = leaf(number).firstEndingAfter(start);
            walk:
            for (int leaves = leafCount(); number < leaves; number++, run = 0) {
                RunLeaf leaf = leaf(number);
                for (int runs = leaf.count(); run < runs; run++) {
                    long from = Math.max(start, leaf.start(run));
                    if (from >= end) {
                        break walk;
                    }
                    if (gaps && from > at) {
                        visitor.run(at, from - at, null);
                        checkUnchanged(expected);
                    }
                    at = Math.min(end, leaf.end(run));
                    visitor.run(from, at - from, cast(leaf.value(run)));
                    checkUnchanged(expected);
                }
            }
        }
        if (gaps && at < end) {
            visitor.run(at, end - at, null);
            checkUnchanged(expected);
        }
    }

    /**
     * Gives every run in {@code [start, end)}, clipped to it, the value that the function returns for it, or clears it
     * if that is null. Linear in the runs touched. If the function throws, the runs before have their new values and
     * the others their old ones.
     */
    public void transform(long start, long end, RunTransform<V> change) {
        RunBulk.transform(this, start, end, cast(change));
    }

    /** Removes all runs in {@code [start, end)}, clipped to it, and returns them. */
    public RunMap<V> extract(long start, long end) {
        RunMap<V> part = new RunMap<>();
        RunBulk.extract(this, start, end, part);
        return part;
    }

    /**
     * Adds all runs of another map, which stays as it is. Fast if all of them fit into one gap, as at the end.
     *
     * @throws IllegalArgumentException if a key has a value in both; nothing is added then
     */
    public void absorb(RunMap<V> other) {
        RunBulk.absorb(this, other);
    }

    /** A map with the same content. */
    public RunMap<V> copy() {
        RunMap<V> copy = new RunMap<>();
        copyTo(copy);
        return copy;
    }

    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(runs());
        long[] end = {0};
        forEach((start, count, value) -> {
            out.writeLong(start - end[0]);
            out.writeLong(count);
            out.writeValue(value);
            end[0] = start + count;
        });
    }

    /** Takes over what was written, in place of what there is. */
    void decodeFrom(Decoder in) {
        clear();
        int runs = in.readSize();
        long end = 0;
        for (int i = 0; i < runs; i++) {
            long start = end + in.readLong();
            long count = in.readLong();
            set(start, count, cast(in.readValue()));
            end = start + count;
        }
    }

    @SuppressWarnings("unchecked") // only values of type V are put in, and so only these come out
    private <T> T cast(Object value) {
        return (T) value;
    }
}
