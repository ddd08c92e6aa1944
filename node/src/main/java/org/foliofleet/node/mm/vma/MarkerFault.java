package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * {@code pte_marker_handle_uffd_wp()} of anonymous memory: a fault on a page that was write-protected before it was there
 * (UFFD_FEATURE_WP_UNPOPULATED). The page that comes is protected, so that a store faults once more, for userfaultfd.
 */
final class MarkerFault {
    private MarkerFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = turn.step(() -> vma.info);
        if (info.has(VmaFlags.UFFD_MISSING)) {
            return FaultError.UFFD_MISSING;
        }
        int protection = info.has(VmaFlags.UFFD_WP) ? Pte.UFFD_WP : 0;
        if (!fault.write()) {
            turn.run(() -> {
                PageRuns marked = marked(vma, fault.page(), Math.min(fault.until(), fault.end()));
                for (int i = 0; i < marked.size(); i++) {
                    turn.emit(new VmaEvents.EntrySet(marked.start(i), marked.count(i), Pte.ZERO_PAGE.with(protection)));
                }
                Charges.zeroFault(marked.pages(), turn);
            });
            return null;
        }
        VmaInfo prepared = AnonFault.prepareAnonVma(vma, turn);
        FrameRuns frames = AnonFault.allocate(vma, prepared, fault.page(), 0, 1, false, fault.task(), Purpose.FAULT, ContentRuns.NONE, turn);
        if (frames.isEmpty()) {
            return FaultError.OOM;
        }
        turn.run(() -> {
            int writable = protection == 0 && vma.info.has(VmaFlags.WRITE) ? Pte.WRITE : 0;
            PageRuns page = PageRuns.of(fault.page(), 1, Pte.present(fault.page(), frames.start(0), 0,
                    Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.DIRTY | writable | protection));
            if (marked(vma, fault.page(), fault.page() + 1).isEmpty()) {
                Zapping.release(vma, page, turn);
            } else {
                turn.emit(new VmaEvents.EntriesSet(page));
            }
            Charges.anonFault(0, 1, Frame.node(frames.start(0)), fault.task(), turn);
        });
        return null;
    }

    /** Pages of the range that still have a marker. Within a step. */
    private static PageRuns marked(Vma vma, long from, long to) {
        PageRuns.Builder marked = PageRuns.builder();
        vma.pages.forEach(from, to, (start, count, entry) -> {
            if (entry.state() == Pte.State.WP_MARKER) {
                marked.add(start, count, entry);
            }
        });
        return marked.build();
    }
}
