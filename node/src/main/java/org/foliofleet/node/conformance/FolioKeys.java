package org.foliofleet.node.conformance;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineListener;
import org.foliofleet.node.mm.numa.FolioBirth;
import org.foliofleet.node.mm.numa.NumaNode;

/** Gives every folio a key of its own as it is born, as frames are used again. */
final class FolioKeys implements MachineListener {
    /**
     * Folios born one after the other.
     *
     * @param order of each
     * @param delta key minus (frame divided by the folio size)
     */
    private record Birth(int order, long delta) {}

    private final RunMap<Birth> births = new RunMap<>();
    /** By key: (frame divided by the folio size) minus key, and the order. */
    private final RunMap<Birth> heads = new RunMap<>();
    /** By frame: number of the page minus the frame. A page is a frame from its allocation to the next; a split leaves it the same. */
    private final RunMap<Long> pages = new RunMap<>();
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
                    pages.set(frame, frames, nextPage - frame);
                    nextPage += frames;
                }
            });
        }
    }

    /** The key of the folio that holds the frame. */
    long key(long frame) {
        Birth birth = births.get(frame);
        return (frame >> birth.order()) + birth.delta();
    }

    /** The page in the frame: another one after the frame was freed and allocated again. */
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
