package org.foliofleet.node.mm.collection;

import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;

/**
 * A set of longs (page numbers, block numbers) that is stored as maximal runs of consecutive members. Members are any
 * longs up to, and without, {@link Long#MAX_VALUE}. Costs are those of {@link RunMap}.
 */
public final class RunSet extends RunStore implements Encodable {
    /** What a member has for a value; its hash does not depend on the JVM. */
    static final Object MEMBER = Boolean.TRUE;

    /** Adds a number; returns false if it was a member already. */
    public boolean add(long number) {
        return overwrite(number, end(number, 1), MEMBER);
    }

    /** Adds {@code [start, start + count)}; returns false if all of it was in the set already. */
    public boolean add(long start, long count) {
        return overwrite(start, end(start, count), MEMBER);
    }

    /** Removes a number; returns false if it was not a member. */
    public boolean remove(long number) {
        return overwrite(number, end(number, 1), null);
    }

    /** Removes {@code [start, start + count)}; returns false if nothing of it was in the set. */
    public boolean remove(long start, long count) {
        return overwrite(start, end(start, count), null);
    }

    /** Whether a number is a member. */
    public boolean contains(long number) {
        return nextKey(number) == number;
    }

    /** Whether all of {@code [start, start + count)} is in the set. */
    public boolean contains(long start, long count) {
        return nextAbsent(start) >= end(start, count);
    }

    /** The smallest member, or {@link Long#MAX_VALUE} if there is none. */
    public long first() {
        return firstKey();
    }

    /** The largest member, or {@link Long#MIN_VALUE} if there is none. */
    public long last() {
        return lastKey();
    }

    /** The smallest member that is at least {@code from}, or {@link Long#MAX_VALUE}. */
    public long next(long from) {
        return nextKey(from);
    }

    /** Visits all runs in ascending order. */
    public void forEach(RunSink sink) {
        forEach(Long.MIN_VALUE, Long.MAX_VALUE, sink);
    }

    /** Visits the runs in {@code [start, end)} in ascending order, clipped to it. */
    public void forEach(long start, long end, RunSink sink) {
        if (isEmpty() || start >= end) {
            return;
        }
        int expected = changes;
        int number = leafFor(start);
        int run = leaf(number).firstEndingAfter(start);
        for (int leaves = leafCount(); number < leaves; number++, run = 0) {
            RunLeaf leaf = leaf(number);
            for (int runs = leaf.count(); run < runs; run++) {
                long from = Math.max(start, leaf.start(run));
                if (from >= end) {
                    return;
                }
                sink.run(from, Math.min(end, leaf.end(run)) - from);
                checkUnchanged(expected);
            }
        }
    }

    /** Removes all members in {@code [start, end)} and returns them. */
    public RunSet extract(long start, long end) {
        RunSet part = new RunSet();
        RunBulk.extract(this, start, end, part);
        return part;
    }

    /**
     * Adds all members of another set, which stays as it is.
     *
     * @throws IllegalArgumentException if a number is in both; nothing is added then
     */
    public void absorb(RunSet other) {
        RunBulk.absorb(this, other);
    }

    /** A set with the same members. */
    public RunSet copy() {
        RunSet copy = new RunSet();
        copyTo(copy);
        return copy;
    }

    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(runs());
        long[] end = {0};
        forEach((start, count) -> {
            out.writeLong(start - end[0]);
            out.writeLong(count);
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
            add(start, count);
            end = start + count;
        }
    }
}
