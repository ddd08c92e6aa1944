package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.message.VmaFlags;

/** {@code folio_referenced_one()}, mm/rmap.c (R6.12). Within a step. */
final class FolioReferenced {
    private FolioReferenced() {}

    static Result test(Vma vma, RmapWalk walk, Turn turn) {
        PageRuns found = RmapEntries.find(vma, walk, Pte.State.PRESENT);
        if (RmapEntries.isLocked(vma)) {
            return RmapEntries.keepLocked(vma, walk, found, turn);
        }
        boolean recency = !vma.info.has(VmaFlags.SEQ_READ | VmaFlags.RAND_READ);
        boolean several = walk.order() == 0 && walk.pages() > 1;
        FrameRuns.Builder young = new FrameRuns.Builder();
        long referenced = 0;
        for (int i = 0; i < found.size(); i++) {
            if (found.entry(i).has(Pte.YOUNG)) {
                turn.emit(new VmaEvents.FlagsChanged(found.start(i), found.end(i), 0, Pte.YOUNG));
                referenced = recency ? 1 : 0;
                if (recency && several) {
                    young.add(found.entry(i).frame(found.start(i)), found.count(i));
                }
            }
        }
        return new Result(false, referenced, false, young.build());
    }
}
