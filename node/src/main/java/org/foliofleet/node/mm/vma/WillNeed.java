package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.VmaCommand.ReadSwapped;

/** {@code swapin_walk_pmd_entry()}: MADV_WILLNEED reads swapped pages into the swap cache; faults map them. */
final class WillNeed {
    /** Runs of entries after which the flight goes on with an empty log. */
    private static final int RUNS_PER_FLIGHT = 64;

    private WillNeed() {}

    static Void readSwapped(Vma vma, ReadSwapped request, Turn turn) {
        PageRuns swapped = turn.step(() -> swapped(vma, request.range()));
        for (int i = 0; i < swapped.size(); i++) {
            Placement placement = Placement.of(turn.step(() -> vma.info), swapped.start(i), 0, request.task(), turn.context());
            turn.ask(new SwapId(), new SwapCommand.ReadToCache(swapped.entry(i).frame(swapped.start(i)), swapped.count(i), placement.nodes(), vma.mm(),
                    request.task().cgroup()));
        }
        return swapped.size() < RUNS_PER_FLIGHT ? null : turn.continueAs(
                new ReadSwapped(PageRange.between(swapped.end(swapped.size() - 1), request.range().end()), request.task()));
    }

    private static PageRuns swapped(Vma vma, PageRange range) {
        PageRuns.Builder found = PageRuns.builder();
        int[] runs = {0};
        vma.pages.forEach(range.start(), range.end(), (start, count, entry) -> {
            if (entry.state() == Pte.State.SWAP && runs[0] < RUNS_PER_FLIGHT) {
                found.add(start, count, entry);
                runs[0]++;
            }
        });
        return found.build();
    }
}
