package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.RmapWalk;

/** {@code folio_check_references()}, mm/vmscan.c: what becomes of isolated folios by who used them since (R10.5, R6.12). */
final class FolioReferences {
    /** Folios of a part: used again and again, used once, not used. */
    record Verdict(FrameRuns activate, FrameRuns keep, FrameRuns reclaim) {}

    private FolioReferences() {}

    /** Whether entries were young; they are old afterwards. Folios that are alike. */
    static RmapWalk.Result test(NumaNode node, ShrinkFolios part, Turn turn) {
        Folio folio = turn.step(() -> node.folios.get(part.frame()));
        return folio.isMapped() ? RmapWalks.walk(folio.mapping(), part.frame(), part.pages(), part.order(), folio.indexDelta(),
                new RmapWalk.Referenced(), turn) : RmapWalk.Result.NOTHING;
    }

    /** Within a step. */
    static Verdict verdict(NumaNode node, ShrinkFolios part, RmapWalk.Result found) {
        RunSet young = new RunSet();
        for (int i = 0; i < found.young().size(); i++) {
            young.add(found.young().start(i), found.young().count(i));
        }
        boolean several = part.order() == 0 && part.pages() > 1;
        FrameRuns.Builder activate = new FrameRuns.Builder();
        FrameRuns.Builder keep = new FrameRuns.Builder();
        FrameRuns.Builder reclaim = new FrameRuns.Builder();
        node.folios.forEach(part.frame(), part.frame() + part.pages(), (start, count, folio) -> {
            long end = start + count;
            for (long at = start; at < end;) {
                boolean used = several ? young.contains(at) : found.referenced() > 0;
                long until = !several ? end : Math.min(end, used ? young.nextAbsent(at) : young.nextKey(at));
                FrameRuns.Builder to = reclaim;
                if (folio.has(Folio.MLOCKED) || found.locked() && !several) {
                    to = activate;
                } else if (used) {
                    to = folio.has(Folio.REFERENCED) || found.referenced() > 1 && !several ? activate : keep;
                }
                to.add(at, until - at);
                at = until;
            }
        });
        return new Verdict(activate.build(), keep.build(), reclaim.build());
    }
}
