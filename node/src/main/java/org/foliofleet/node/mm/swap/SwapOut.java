package org.foliofleet.node.mm.swap;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.SwapCommand;

/** {@code folio_alloc_swap()} and {@code swap_writeout()} (R10.6, R10.9). */
final class SwapOut {
    private SwapOut() {}

    static FrameRuns allocate(Swap swap, SwapCommand.Allocate request, Turn turn) {
        FrameRuns slots = swap.clusters.find(request.order(), request.frames().frames() >> request.order());
        turn.emit(new SlotsAllocated(slots, request.frames(), request.order()));
        return slots;
    }

    static FrameRuns write(Swap swap, SwapCommand.Write request, Turn turn) {
        FrameRuns.Builder builder = new FrameRuns.Builder();
        for (int i = 0; i < request.slots().size(); i++) {
            long start = request.slots().start(i);
            SwapMap.addUnused(swap, start, start + request.slots().count(i), builder);
        }
        FrameRuns unused = builder.build();
        turn.emit(new SlotsWritten(request.slots(), request.contents(), request.order()));
        turn.emit(new SwapMap.Uncached(unused));
        return unused;
    }

    /** Folios entered the swap cache. */
    record SlotsAllocated(FrameRuns slots, FrameRuns frames, int order) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            int run = 0;
            long used = 0;
            for (int i = 0; i < slots.size(); i++) {
                long slot = slots.start(i);
                long end = slot + slots.count(i);
                swap.clusters.take(slot, slots.count(i), order);
                while (slot < end) {
                    long count = Math.min(end - slot, frames.count(run) - used);
                    swap.slots.set(slot, count, new SwapSlot(0, true, frames.start(run) + used - slot, order));
                    slot += count;
                    used += count;
                    if (used == frames.count(run)) {
                        run++;
                        used = 0;
                    }
                }
            }
        }
    }

    /** Pages were written; of folios that are zero-filled throughout, only that was noted. */
    record SlotsWritten(FrameRuns slots, ContentRuns contents, int order) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            int run = 0;
            long used = 0;
            for (ContentRuns.Run content : contents.runs()) {
                for (long at = 0; at < content.count();) {
                    long slot = slots.start(run) + used;
                    long count = Math.min(content.count() - at, slots.count(run) - used);
                    long source = content.source() < 0 ? SlotContent.NO_SOURCE : content.source() + at - slot;
                    swap.contents.set(slot, count, new SlotContent(content.tag(), content.tag() == 0 ? SlotContent.NO_SOURCE : source,
                            content.tag() == 0 && order == 0));
                    at += count;
                    used += count;
                    if (used == slots.count(run)) {
                        run++;
                        used = 0;
                    }
                }
            }
            if (order > 0) {
                noteZeroFolios(swap);
            }
        }

        private void noteZeroFolios(Swap swap) {
            for (int i = 0; i < slots.size(); i++) {
                long end = slots.start(i) + slots.count(i);
                for (long head = slots.start(i); head < end; head += PageOrder.pages(order)) {
                    SlotContent first = swap.contents.get(head);
                    if (first.tag() == 0 && swap.contents.runEnd(head) >= head + PageOrder.pages(order)) {
                        swap.contents.set(head, PageOrder.pages(order), new SlotContent(0, SlotContent.NO_SOURCE, true));
                    }
                }
            }
        }
    }
}
