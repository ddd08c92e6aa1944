package org.foliofleet.node.mm.pressure;

import java.util.List;
import java.util.function.Supplier;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory.Verdict;
import org.foliofleet.protocol.message.PressureCommand.FreeUp;
import org.foliofleet.protocol.message.PressureCommand.WakeKswapd;
import org.foliofleet.protocol.message.PressureCommand.Watermark;

/**
 * {@code __alloc_pages()}, mm/page_alloc.c (R10.14): first from a node of the zonelist that stays above its low watermark; then
 * kswapds are woken, and nodes give down to their minimum; then the caller reclaims; then somebody is killed.
 */
public final class PageAllocation {
    /** No process: kernel threads and the kernel itself. */
    public static final int NOBODY = 0;
    /** How long who waits for a victim's memory sleeps, in ticks: {@code schedule_timeout_uninterruptible(1)}. */
    private static final int VICTIM_TICKS = 64;

    /** Asks a node for folios; the reply may be empty. */
    @FunctionalInterface
    public interface Source {
        FrameRuns from(NumaNodeId node, Watermark mark);
    }

    private PageAllocation() {}

    /**
     * Folios from the first node that has any; none if there are none to be had.
     *
     * @param nodes in the order in which they are asked
     * @param order of the folios
     * @param effort how hard to try; asked only if memory is short
     * @param mm    the process that wants them, or {@link #NOBODY}
     */
    public static FrameRuns allocate(List<Integer> nodes, int order, Supplier<Effort> effort, int mm, Source source, Turn turn) {
        FrameRuns frames = from(nodes, Watermark.LOW, source);
        return frames.isEmpty() ? allocateSlowly(nodes, order, effort, mm, source, turn) : frames;
    }

    /** {@code __alloc_pages_slowpath()}. */
    private static FrameRuns allocateSlowly(List<Integer> nodes, int order, Supplier<Effort> allowed, int mm, Source source, Turn turn) {
        Effort effort = turn.step(allowed);
        FrameRuns frames = withKswapd(nodes, effort, source, turn);
        while (frames.isEmpty() && effort.compareTo(Effort.ONCE) >= 0 && await(nodes, order, effort, mm, turn)) {
            frames = from(nodes, Watermark.MIN, source);
            if (effort == Effort.ONCE) {
                break;
            }
        }
        return frames;
    }

    /** Without waiting: as the first tries of an allocation, of whoever holds a lock that reclaim wants. */
    public static FrameRuns allocateNow(List<Integer> nodes, Source source, Turn turn) {
        FrameRuns frames = from(nodes, Watermark.LOW, source);
        return frames.isEmpty() ? withKswapd(nodes, Effort.KSWAPD, source, turn) : frames;
    }

    private static FrameRuns withKswapd(List<Integer> nodes, Effort effort, Source source, Turn turn) {
        if (effort != Effort.NONE) {
            turn.run(() -> {
                for (int node : nodes) {
                    turn.send(new NumaNodeId(node), new WakeKswapd());
                }
            });
        }
        return from(nodes, Watermark.MIN, source);
    }

    private static FrameRuns from(List<Integer> nodes, Watermark mark, Source source) {
        for (int node : nodes) {
            FrameRuns frames = source.from(new NumaNodeId(node), mark);
            if (!frames.isEmpty()) {
                return frames;
            }
        }
        return FrameRuns.NONE;
    }

    /**
     * Direct reclaim, and {@code out_of_memory()} when that leads to nothing.
     *
     * @return whether it is worth while to try again
     */
    public static boolean await(List<Integer> nodes, int order, Effort effort, int mm, Turn turn) {
        if (nodes.isEmpty()) {
            return false;
        }
        if (turn.ask(new NumaNodeId(nodes.get(0)), FreeUp.of(nodes, order))) {
            return true;
        }
        if (effort != Effort.FULL) {
            return false;
        }
        Verdict verdict = turn.ask(new KernelControlId(), new OutOfMemory(mm, nodes));
        if (verdict == Verdict.WAIT) {
            turn.sleepUntil(turn.step(() -> turn.tick() + VICTIM_TICKS));
        }
        return verdict == Verdict.WAIT;
    }
}
