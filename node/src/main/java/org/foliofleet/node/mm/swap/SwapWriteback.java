package org.foliofleet.node.mm.swap;

import org.foliofleet.node.mm.SwapDevice;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.SwapCommand.Submit;
import org.foliofleet.protocol.message.SwapCommand.Submitted;

/**
 * {@code swap_writepage_bdev_async()}, mm/page_io.c: a block device transfers what it is asked to write page by page, and has
 * written it a latency later. The slots have their contents at once, as nobody reads them while their pages are in the swap cache.
 */
final class SwapWriteback {
    private SwapWriteback() {}

    static Submitted submit(Swap swap, Submit request, Turn turn) {
        FrameRuns.Builder unused = new FrameRuns.Builder();
        FrameRuns.Builder others = new FrameRuns.Builder();
        FrameRuns.Builder named = new FrameRuns.Builder();
        long page = 0;
        for (int i = 0; i < request.slots().size(); i++) {
            long start = request.slots().start(i);
            long end = start + request.slots().count(i);
            for (long slot = start; slot < end;) {
                long frame = frame(request.frames(), page);
                long count = Math.min(end - slot, left(request.frames(), page));
                boolean ours = isCached(swap, slot, frame);
                count = Math.min(count, alike(swap, slot, end, frame, ours));
                if (ours) {
                    FrameRuns part = FrameRuns.of(slot, count);
                    turn.emit(new SwapOut.SlotsWritten(part, request.contents().part(page, count), request.order()));
                    SwapMap.addUnused(swap, slot, slot + count, unused);
                } else {
                    others.add(slot, count);
                }
                slot += count;
                page += count;
            }
        }
        turn.emit(new SwapMap.Uncached(unused.build()));
        FrameRuns gone = FrameRuns.joined(unused.build(), others.build());
        for (int i = 0; i < request.slots().size(); i++) {
            long start = request.slots().start(i);
            swap.contents.forEach(start, start + request.slots().count(i), (at, count, content) -> {
                if (!content.zero()) {
                    without(gone, at, at + count, named);
                }
            });
        }
        FrameRuns writing = named.build();
        return writing.isEmpty() ? new Submitted(gone, writing, turn.tick()) : new Submitted(gone, writing, begin(swap, writing, turn));
    }

    /** Replies the tick in which the device is done. */
    private static long begin(Swap swap, FrameRuns writing, Turn turn) {
        SwapDevice device = turn.context().settings().swapDevice();
        long tickNanos = turn.context().settings().tickNanos();
        long busy = Math.max(swap.busyNanos, turn.tick() * tickNanos) + writing.frames() * device.pageNanos();
        long end = Math.max(turn.tick() + 1, (busy + device.latencyNanos() + tickNanos - 1) / tickNanos);
        turn.emit(new WritingBegun(writing, end, busy));
        return end;
    }

    private static long frame(FrameRuns frames, long page) {
        long at = page;
        int run = 0;
        while (at >= frames.count(run)) {
            at -= frames.count(run++);
        }
        return frames.start(run) + at;
    }

    /** Frames from that page to the end of its run. */
    private static long left(FrameRuns frames, long page) {
        long at = page;
        int run = 0;
        while (at >= frames.count(run)) {
            at -= frames.count(run++);
        }
        return frames.count(run) - at;
    }

    private static boolean isCached(Swap swap, long slot, long frame) {
        SwapSlot found = swap.slots.get(slot);
        return found != null && found.cached() && slot + found.frameDelta() == frame;
    }

    /** How many slots from that on are those of frames in a row, or how many are not. */
    private static long alike(Swap swap, long slot, long end, long frame, boolean cached) {
        long at = slot + 1;
        while (at < end && isCached(swap, at, frame + at - slot) == cached) {
            at++;
        }
        return at - slot;
    }

    /** Adds what is left of a range of slots without others. */
    private static void without(FrameRuns others, long start, long end, FrameRuns.Builder left) {
        long from = start;
        while (from < end) {
            long next = end;
            boolean inside = false;
            for (int i = 0; i < others.size(); i++) {
                long low = others.start(i);
                long high = low + others.count(i);
                if (from >= low && from < high) {
                    inside = true;
                    next = Math.min(end, high);
                    break;
                }
                next = low > from ? Math.min(next, low) : next;
            }
            if (!inside) {
                left.add(from, next - from);
            }
            from = next;
        }
    }

    /** Those of the slots that are not being written: what is under writeback stays in the swap cache. */
    static FrameRuns withoutWriting(Swap swap, FrameRuns slots, long tick) {
        if (swap.writing.isEmpty()) {
            return slots;
        }
        FrameRuns.Builder idle = new FrameRuns.Builder();
        for (int i = 0; i < slots.size(); i++) {
            swap.writing.forEachWithGaps(slots.start(i), slots.start(i) + slots.count(i), (at, count, end) -> {
                if (end == null || end <= tick) {
                    idle.add(at, count);
                }
            });
        }
        return idle.build();
    }

    private record WritingBegun(FrameRuns slots, long end, long busyNanos) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            for (int i = 0; i < slots.size(); i++) {
                swap.writing.set(slots.start(i), slots.count(i), end);
            }
            swap.busyNanos = busyNanos;
        }
    }
}
