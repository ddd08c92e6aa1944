package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.Straddling;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies;
import org.foliofleet.protocol.policy.MlockPolicies.GupSplit;
import org.foliofleet.protocol.policy.MlockPolicies.SplitShape;
import org.foliofleet.protocol.program.MemoryCall;

/** Splits what is about to be pinned: switch gup_split. The kernel does not (R8.9). Under {@code mmap_lock}. */
final class PinSplitting {
    private PinSplitting() {}

    /** Large folios of the range are split into single pages, or at the ends of the range (switch split_shape), if they can be. */
    static void beforePin(Process process, MemoryCall.Pin pin, Turn turn) {
        MlockPolicies policies = turn.context().settings().policies().mlock();
        boolean splits = policies.gupSplit() == GupSplit.ALWAYS || policies.gupSplit() == GupSplit.LONGTERM_ONLY && pin.holdNanos() == 0;
        if (!splits) {
            return;
        }
        PageRange range = pin.range();
        UserAccess.get(process, range, new UserAccess.Mode(true, false, Hold.NONE, null), turn);
        if (policies.splitShape() == SplitShape.NONUNIFORM_AT_BOUNDARY) {
            for (long end : new long[] {range.start(), range.end()}) {
                for (Straddling folio : BoundaryFolios.straddling(process, end, turn)) {
                    BoundaryFolios.attempt(folio, policies.splitShape(), turn);
                }
            }
            return;
        }
        for (long page = range.start(); page < range.end();) {
            long at = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(at));
            if (vma == null || vma.start() >= range.end()) {
                return;
            }
            turn.ask(vma.id(), new VmaCommand.SplitHuge(PageRange.between(Math.max(page, vma.start()), Math.min(range.end(), vma.end())), 0, -1));
            page = vma.end();
        }
    }
}
