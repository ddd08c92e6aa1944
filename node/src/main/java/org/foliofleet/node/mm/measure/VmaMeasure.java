package org.foliofleet.node.mm.measure;

import java.util.Arrays;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * What the page table of one VMA says.
 *
 * @param serial       of the VMA in its process
 * @param anonVma      its anon_vma, or null
 * @param mapped       pages with a present entry that counts in Rss
 * @param hugeCoverage pages mapped by PMDs
 * @param blocks       blocks of 2 MiB that have a page table, used or deposited, in runs: first and count, first and count
 * @param heads        first frames of large folios mapped by PTEs that another VMA of the process may map, too
 * @param locked       frames that are mapped, if the VMA is locked; one that is mapped twice is in it twice
 */
public record VmaMeasure(int serial, AnonVma anonVma, long mapped, long hugeCoverage, long[] blocks, long[] heads, FrameRuns locked) {
    private static final long[] NOTHING = {};

    /** Measures a VMA; the result is null for one that is gone, or asked for and not yet made. */
    public static VmaMeasure of(Vma vma) {
        if (vma.isGone() || vma.info() == null) {
            return null;
        }
        Walk walk = new Walk(vma.info().has(VmaFlags.LOCKED));
        vma.pages().forEach(walk::add);
        return new VmaMeasure(vma.info().id().serial(), vma.info().anonVma(), walk.mapped, walk.hugeCoverage, walk.blocks.toArray(),
                walk.heads.toArray(), walk.locked == null ? FrameRuns.NONE : walk.locked.build());
    }

    /** Goes over the entries in ascending order. */
    private static final class Walk {
        private final Longs blocks = new Longs();
        private final Longs heads = new Longs();
        private final FrameRuns.Builder locked;
        private long mapped;
        private long hugeCoverage;
        /** The block after the last that was added. */
        private long blocksEnd = Long.MIN_VALUE;

        Walk(boolean isLocked) {
            locked = isLocked ? new FrameRuns.Builder() : null;
        }

        void add(long start, long count, Pte entry) {
            block(start >> PageOrder.PMD, (start + count - 1 >> PageOrder.PMD) + 1);
            if (entry.state() != Pte.State.PRESENT) {
                return;
            }
            if (entry.has(Pte.SPECIAL)) {
                return;
            }
            mapped += entry.has(Pte.NO_RSS) ? 0 : count;
            hugeCoverage += entry.isPmd() ? count : 0;
            if (locked != null) {
                locked.add(entry.frame(start), count);
            }
            if (entry.order() > 0 && !entry.isPmd()) {
                large(entry.frame(start), entry.frame(start) + count, entry);
            }
        }

        private void block(long first, long end) {
            long from = Math.max(first, blocksEnd);
            if (from < end) {
                if (from == blocksEnd) {
                    blocks.addToLast(end - from);
                } else {
                    blocks.add(from);
                    blocks.add(end - from);
                }
                blocksEnd = end;
            }
        }

        private void large(long first, long end, Pte entry) {
            long pages = PageOrder.pages(entry.order());
            long head = Frame.head(first, entry.order());
            if (!entry.isAnon()) {
                for (; head < end; head += pages) {
                    heads.addUnlessLast(head);
                }
                return;
            }
            // an anonymous page has one address in a process: only folios at the ends may go on in another VMA
            if (head < first || head + pages > end) {
                heads.addUnlessLast(head);
            }
            long last = Frame.head(end - 1, entry.order());
            if (last > head && last + pages > end) {
                heads.add(last);
            }
        }
    }

    /** A list that grows; few VMAs need one. */
    private static final class Longs {
        private long[] values = NOTHING;
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, Math.max(2, size * 2));
            }
            values[size++] = value;
        }

        void addUnlessLast(long value) {
            if (size == 0 || values[size - 1] != value) {
                add(value);
            }
        }

        void addToLast(long change) {
            values[size - 1] += change;
        }

        long[] toArray() {
            return size == values.length ? values : Arrays.copyOf(values, size);
        }
    }
}
