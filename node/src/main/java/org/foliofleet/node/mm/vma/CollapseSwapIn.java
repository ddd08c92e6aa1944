package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Pte;

/** {@code __collapse_huge_page_swapin()}: every entry of the block that is not present is faulted in (R9.5). */
final class CollapseSwapIn {
    private CollapseSwapIn() {}

    static Result swapIn(Vma vma, Collapse.SwapIn request, Turn turn) {
        long end = request.block() + PageOrder.PMD_PAGES;
        Result state = turn.step(() -> CollapseScan.blockState(vma, request.block()));
        if (state != Result.SUCCEED) {
            return state;
        }
        long page = request.block();
        while (true) {
            long from = page;
            Touching.Stop stop = turn.step(() -> nextMissing(vma, from, end));
            if (stop.page() == end) {
                return Result.SUCCEED;
            }
            Pte entry = stop.entry();
            if (entry.state() == Pte.State.SWAP) {
                Fault fault = new Fault(vma, stop.page(), stop.until(), stop.until(), false, false, request.task(), entry);
                if (SwapFault.resolve(fault, turn) != null) {
                    return Result.FAIL;
                }
                page = stop.page();
            } else if (entry.state() == Pte.State.MIGRATION) {
                turn.park(new Touching.MigrationWait());
                page = stop.page();
            } else {
                return Result.FAIL;
            }
        }
    }

    /** The first entry from {@code from} on that is neither empty nor present. */
    private static Touching.Stop nextMissing(Vma vma, long from, long end) {
        for (long at = vma.pages.nextKey(from); at < end;) {
            Pte entry = vma.pages.get(at);
            long until = Math.min(end, vma.pages.runEnd(at));
            if (!entry.isPresent() && entry.state() != Pte.State.ZERO) {
                return new Touching.Stop(at, entry, until);
            }
            at = vma.pages.nextKey(until);
        }
        return new Touching.Stop(end, null, end);
    }
}
