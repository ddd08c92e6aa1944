package org.foliofleet.node.conformance;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineListener;
import org.foliofleet.node.mm.numa.FolioBirth;
import org.foliofleet.node.mm.numa.LruReturn;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.protocol.message.FrameRuns;

/** Gives every folio a key of its own as it is born, as frames are used again. */
final class FolioKeys implements MachineListener {
    /**
     * Folios born one after the other.
     *
     * @param order of each
     * @param delta key minus (frame divided by the folio size)
     */
    private record Birth(int order, long delta) {}

    /** {@code FOLIO_BATCH_SIZE}. */
    private static final int LRU_BATCH = 31;

    private final RunMap<Birth> births = new RunMap<>();
    /** By key: (frame divided by the folio size) minus key, and the order. */
    private final RunMap<Birth> heads = new RunMap<>();
    /**
     * By frame: number of the page minus the frame. A page is what the kernel calls a page frame; which one an allocation gets
     * again is known within an operation only. A split leaves it the same.
     */
    private final RunMap<Long> pages = new RunMap<>();
    private final FreedPages freed = new FreedPages();
    private Map<Long, Long> addresses = Map.of();
    /** First frames of the folios that wait in the batch of the LRU. */
    private final Set<Long> lruBatch = new HashSet<>();
    private long next = 1;
    private long nextPage = 1;

    @Override
    public void happened(long tick, Owner owner, Object event) {
        if (event instanceof FolioBirth birth) {
            birth.births((NumaNode) owner, (frame, frames, order) -> {
                long folios = frames >> order;
                long delta = next - (frame >> order);
                births.set(frame, frames, new Birth(order, delta));
                heads.set(next, folios, new Birth(order, -delta));
                next += folios;
                if (!birth.isSplit()) {
                    allocated(frame, frames, order, birth.isMlocked());
                }
            });
        }
        if (owner instanceof NumaNode node) {
            if (event instanceof LruReturn put) {
                returned(node, put.frames());
            }
            node.freed().forEach((frame, count, order, munlocked) -> {
                for (long head = frame; head < frame + count; head += 1L << order) {
                    freed.freed(page(head), order, munlocked, addresses.getOrDefault(head, -1L));
                }
            });
        }
    }

    private void returned(NumaNode node, FrameRuns frames) {
        for (int i = 0; i < frames.size(); i++) {
            node.folios().forEach(frames.start(i), frames.start(i) + frames.count(i), (start, count, folio) -> {
                for (long head = start; head < start + count; head += folio.pages()) {
                    lruBatch.add(head);
                    if (lruBatch.size() == LRU_BATCH || folio.isLarge()) {
                        lruBatch.clear();
                    }
                }
            });
        }
    }

    /** Whether the folio with this first frame was put back to the LRU last, and the batch it is in is not full. */
    boolean awaitsLru(long frame) {
        return lruBatch.contains(frame);
    }

    private void allocated(long frame, long count, int order, boolean mlocked) {
        long folio = 1L << order;
        for (long head = frame; head < frame + count; head += folio) {
            long page = freed.allocate(order, mlocked);
            if (page < 0) {
                page = nextPage;
                nextPage += folio;
            }
            pages.set(head, folio, page - head);
        }
    }

    /**
     * An operation begins, within which pages can be freed and allocated again.
     *
     * @param where by frame, virtual pages that are about to be unmapped together
     */
    void operationBegins(Map<Long, Long> where) {
        addresses = where;
        lruBatch.clear();
        freed.clear();
    }

    /** The key of the folio that holds the frame. */
    long key(long frame) {
        Birth birth = births.get(frame);
        return (frame >> birth.order()) + birth.delta();
    }

    /** The page in the frame. */
    long page(long frame) {
        return frame + pages.get(frame);
    }

    /** First frame of the folio with the key, or -1 if the frame belongs to a later folio. */
    long frame(long key) {
        Birth birth = heads.get(key);
        if (birth == null) {
            return -1;
        }
        long frame = (key + birth.delta()) << birth.order();
        return key(frame) == key ? frame : -1;
    }
}
