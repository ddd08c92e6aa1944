package org.foliofleet.node.mm.swap;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.node.mm.pressure.Refaults;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.message.SwapCommand.Slots;

/**
 * Looking slots up, and reading them into the swap cache (R2.13). While pages are being read, the reader counts as one more
 * entry that names their slots, so that these stay.
 */
final class SwapIn {
    private SwapIn() {}

    static Slots lookup(Swap swap, SwapCommand.Lookup request, Turn turn) {
        return slots(swap, request.slot(), request.count());
    }

    static Slots readToCache(Swap swap, SwapCommand.ReadToCache request, Turn turn) {
        turn.lock(Swap.READ_LOCK, true);
        Slots before = turn.step(() -> slots(swap, request.slot(), request.count()));
        for (SlotRun run : before.runs()) {
            if (run.frame() >= 0 || run.references() == 0) {
                continue;
            }
            PageRuns held = PageRuns.of(run.slot(), run.count(), new Pte(Pte.State.SWAP, 0, 0, 0));
            turn.run(() -> SwapMap.duplicate(swap, new SwapCommand.Duplicate(held), turn));
            FrameRuns got = PageAllocation.allocate(request.nodes(), 0, () -> Effort.FULL, request.mm(), request.cgroup(), (node, mark) -> turn.ask(node,
                    new FolioCommand.AllocateSwapCache(run.slot(), run.count(), run.zero(), run.contents(), mark, request.cgroup())), turn);
            turn.run(() -> {
                turn.emit(new Cached(run.slot(), got));
                Refaults.tell(got, run.slot(), before.shadows(), turn);
                SwapMap.free(swap, new SwapCommand.Free(held), turn);
            });
        }
        return turn.step(() -> slots(swap, request.slot(), request.count()));
    }

    private static Slots slots(Swap swap, long slot, long count) {
        List<SlotRun> runs = new ArrayList<>();
        swap.slots.forEachWithGaps(slot, slot + count, (start, length, found) -> {
            if (found == null) {
                runs.add(new SlotRun(start, length, 0, -1, 0, false, ContentRuns.NONE));
            } else if (found.cached()) {
                runs.add(new SlotRun(start, length, found.references(), start + found.frameDelta(), found.order(), false, ContentRuns.NONE));
            } else {
                addWritten(swap, start, start + length, found.references(), runs);
            }
        });
        return new Slots(List.copyOf(runs), swap.isFull(), swap.shadows.of(slot, count));
    }

    private static void addWritten(Swap swap, long start, long end, int references, List<SlotRun> runs) {
        List<ContentRuns.Run> contents = new ArrayList<>();
        long[] from = {start};
        boolean[] zero = {isZero(swap, start)};
        swap.contents.forEach(start, end, (at, count, content) -> {
            if (content.zero() != zero[0]) {
                runs.add(new SlotRun(from[0], at - from[0], references, -1, 0, zero[0], new ContentRuns(contents)));
                contents.clear();
                from[0] = at;
                zero[0] = content.zero();
            }
            contents.add(new ContentRuns.Run(count, content.tag(), content.sourceOf(at)));
        });
        runs.add(new SlotRun(from[0], end - from[0], references, -1, 0, zero[0], new ContentRuns(contents)));
    }

    private static boolean isZero(Swap swap, long slot) {
        SlotContent content = swap.contents.get(slot);
        return content != null && content.zero();
    }

    /** Slots were read into folios of the swap cache. */
    private record Cached(long slot, FrameRuns frames) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            long at = slot;
            for (int i = 0; i < frames.size(); i++) {
                long delta = frames.start(i) - at;
                swap.slots.transform(at, at + frames.count(i), (start, count, old) -> new SwapSlot(old.references(), true, delta, 0));
                at += frames.count(i);
            }
        }
    }
}
