package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.VmaCommand.GetError;
import org.foliofleet.protocol.policy.MlockPolicies.PinGranularity;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * Pins and references that the process holds under names: io_uring registered buffers ({@code io_sqe_buffer_register()},
 * io_uring/rsrc.c) and pages spliced into pipes ({@code vmsplice()}). They outlive the mapping, and a fork's child has
 * none of them.
 */
final class Holds {
    /** The largest buffer that can be registered: 1 GiB, in pages. */
    private static final long MAX_BUFFER = 1L << 18;

    /** Frames that are held: one reference or pin each. */
    record Held(Hold hold, FrameRuns frames) {}

    private Holds() {}

    static CallResult pin(Process process, MemoryCall.Pin pin, Turn turn) {
        if (turn.step(() -> process.holds.containsKey(pin.handle()))) {
            return new CallResult.Failed(Errno.EEXIST);
        }
        if (pin.range().isEmpty() || pin.range().count() > MAX_BUFFER) {
            return new CallResult.Failed(Errno.EFAULT);
        }
        turn.lock(Process.MMAP_LOCK, false);
        turn.run(() -> {
            if (!process.hasPinned) {
                turn.emit(new FirstPin());
            }
        });
        PinSplitting.beforePin(process, pin, turn);
        CallResult result = take(process, pin.handle(), pin.range(), Hold.PIN, turn);
        if (pin.holdNanos() > 0 && result == CallResult.OK) {
            turn.run(() -> {
                long nanos = turn.context().settings().tickNanos();
                turn.send(process.id(), new ProcessCommand.ReleaseLater(pin.handle(), turn.tick() + (pin.holdNanos() + nanos - 1) / nanos));
            });
        }
        return result;
    }

    /** The I/O that needed the pin is complete. */
    static Void releaseLater(Process process, ProcessCommand.ReleaseLater later, Turn turn) {
        turn.sleepUntil(later.tick());
        release(process, later.handle(), turn);
        return null;
    }

    static CallResult dmaWrite(Process process, MemoryCall.DmaWrite write, Turn turn) {
        return turn.step(() -> {
            Held held = process.holds.get(write.handle());
            if (held == null || held.hold() != Hold.PIN) {
                return new CallResult.Failed(Errno.ENOENT);
            }
            long source = 0;
            for (int i = 0; i < held.frames().size(); i++) {
                FrameRuns frames = FrameRuns.of(held.frames().start(i), held.frames().count(i));
                turn.send(new NumaNodeId(Frame.node(frames.start(0))), new NumaNodeCommand.DmaStore(frames, write.content(), source));
                source += frames.frames();
            }
            return CallResult.OK;
        });
    }

    static CallResult getRef(Process process, MemoryCall.GetRef get, Turn turn) {
        if (turn.step(() -> process.holds.containsKey(get.handle()))) {
            return new CallResult.Failed(Errno.EEXIST);
        }
        turn.lock(Process.MMAP_LOCK, false);
        return take(process, get.handle(), get.range(), Hold.GET, turn);
    }

    private static CallResult take(Process process, String handle, PageRange range, Hold hold, Turn turn) {
        UserAccess.Got got = UserAccess.get(process, range, new UserAccess.Mode(hold == Hold.PIN, false, hold, null), turn);
        FrameRuns frames = frames(got.pages());
        if (got.error() != null) {
            turn.run(() -> drop(hold, frames, turn));
            return new CallResult.Failed(errno(hold, got));
        }
        boolean coalesces = hold == Hold.PIN && turn.context().settings().policies().mlock().pinGranularity() == PinGranularity.FOLIO;
        FrameRuns kept = coalesces ? coalesced(got.pages(), frames) : frames;
        FrameRuns surplus = kept == frames ? FrameRuns.NONE : surplus(got.pages());
        turn.run(() -> {
            drop(hold, surplus, turn);
            turn.emit(new HoldAdded(handle, new Held(hold, kept)));
        });
        return CallResult.OK;
    }

    /** {@code io_pin_pages()} makes EFAULT of a part; so does a second {@code vmsplice()} after the one that came short. */
    private static Errno errno(Hold hold, UserAccess.Got got) {
        boolean nothing = got.next() == got.start();
        boolean memory = got.error() == GetError.OOM || got.error() == GetError.LIMIT;
        return memory && (nothing || hold == Hold.GET) ? Errno.ENOMEM : Errno.EFAULT;
    }

    static CallResult release(Process process, String handle, Turn turn) {
        return turn.step(() -> {
            Held held = process.holds.get(handle);
            if (held == null) {
                return new CallResult.Failed(Errno.ENOENT);
            }
            drop(held.hold(), held.frames(), turn);
            turn.emit(new HoldRemoved(handle));
            return CallResult.OK;
        });
    }

    /** Releases whatever the process holds. Within a step. */
    static void releaseAll(Process process, Turn turn) {
        for (String handle : List.copyOf(process.holds.keySet())) {
            Held held = process.holds.get(handle);
            drop(held.hold(), held.frames(), turn);
            turn.emit(new HoldRemoved(handle));
        }
    }

    /** Tells each node which of its frames are let go. Within a step. */
    private static void drop(Hold hold, FrameRuns frames, Turn turn) {
        if (hold == Hold.PIN) {
            turn.charge(frames.frames() * turn.context().costs().unpinPage());
        }
        FrameRuns.Builder part = new FrameRuns.Builder();
        int node = -1;
        for (int i = 0; i < frames.size(); i++) {
            int its = Frame.node(frames.start(i));
            if (its != node && node >= 0) {
                turn.send(new NumaNodeId(node), new NumaNodeCommand.DropHolds(hold, part.build()));
                part = new FrameRuns.Builder();
            }
            node = its;
            part.add(frames.start(i), frames.count(i));
        }
        if (node >= 0) {
            turn.send(new NumaNodeId(node), new NumaNodeCommand.DropHolds(hold, part.build()));
        }
    }

    private static FrameRuns frames(PageRuns pages) {
        FrameRuns.Builder frames = new FrameRuns.Builder();
        for (int i = 0; i < pages.size(); i++) {
            frames.add(pages.entry(i).frame(pages.start(i)), pages.count(i));
        }
        return frames.build();
    }

    /** A part of one folio that follows on within it. */
    private record Piece(long frame, long pages, int order) {}

    private static List<Piece> pieces(PageRuns pages) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < pages.size(); i++) {
            int order = pages.entry(i).order();
            long end = pages.entry(i).frame(pages.start(i)) + pages.count(i);
            for (long frame = end - pages.count(i); frame < end;) {
                long next = Math.min(end, Frame.head(frame, order) + (1L << order));
                Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
                if (last != null && last.frame() + last.pages() == frame && Frame.head(frame, order) == Frame.head(last.frame(), order)) {
                    pieces.set(pieces.size() - 1, new Piece(last.frame(), last.pages() + next - frame, order));
                } else {
                    pieces.add(new Piece(frame, next - frame, order));
                }
                frame = next;
            }
        }
        return pieces;
    }

    /**
     * {@code io_check_coalesce_buffer()} and {@code io_coalesce_buffer()}: where all folios are equally large and whole but
     * for the ends, one pin of each is kept.
     *
     * @return the frames whose pins are kept: {@code all} if nothing is coalesced
     */
    private static FrameRuns coalesced(PageRuns pages, FrameRuns all) {
        if (!isCoalescable(pages)) {
            return all;
        }
        FrameRuns.Builder kept = new FrameRuns.Builder();
        for (Piece piece : pieces(pages)) {
            kept.add(piece.frame(), 1);
        }
        return kept.build();
    }

    /** The frames whose pins a coalesced buffer gives back. */
    private static FrameRuns surplus(PageRuns pages) {
        FrameRuns.Builder surplus = new FrameRuns.Builder();
        for (Piece piece : pieces(pages)) {
            if (piece.pages() > 1) {
                surplus.add(piece.frame() + 1, piece.pages() - 1);
            }
        }
        return surplus.build();
    }

    private static boolean isCoalescable(PageRuns pages) {
        if (pages.isEmpty() || pages.entry(0).order() == 0) {
            return false;
        }
        List<Piece> pieces = pieces(pages);
        int order = pieces.get(0).order();
        long size = 1L << order;
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            boolean first = i == 0;
            boolean last = i == pieces.size() - 1;
            boolean startsWhole = piece.frame() == Frame.head(piece.frame(), order);
            boolean endsWhole = piece.frame() + piece.pages() == Frame.head(piece.frame(), order) + size;
            if (piece.order() != order || !first && !startsWhole || !last && !endsWhole) {
                return false;
            }
        }
        return true;
    }

    /** MMF_HAS_PINNED: set by the first pin that is tried, and never cleared. */
    private record FirstPin() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.hasPinned = true;
        }
    }

    private record HoldAdded(String handle, Held held) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.holds.put(handle, held);
        }
    }

    private record HoldRemoved(String handle) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.holds.remove(handle);
        }
    }
}
