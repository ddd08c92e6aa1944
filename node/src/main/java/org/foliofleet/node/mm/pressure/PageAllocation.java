package org.foliofleet.node.mm.pressure;

import java.util.List;
import java.util.function.Supplier;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory.Verdict;
import org.foliofleet.protocol.message.Memcg;
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
    static final int VICTIM_TICKS = 64;

    /** Instead of folios, by identity: there is room, but no more may be charged to the cgroup. */
    public static final FrameRuns NOT_CHARGED = new FrameRuns.Builder().build();

    /** Asks a node for folios; the reply may be empty, and is null if they can not be charged. */
    @FunctionalInterface
    public interface Source {
        FrameRuns from(NumaNodeId node, Watermark mark);
    }

    /** What is wanted, and how hard: for charging it. */
    private record Wanted(int order, Supplier<Effort> effort, int mm, int cgroup) {}

    private PageAllocation() {}

    /**
     * Folios from the first node that has any; none if there are none to be had, or {@link #NOT_CHARGED}.
     *
     * @param nodes in the order in which they are asked
     * @param order of the folios
     * @param effort how hard to try; asked only if memory is short
     * @param mm    the process that wants them, or {@link #NOBODY}
     * @param cgroup what they are charged to
     */
    public static FrameRuns allocate(List<Integer> nodes, int order, Supplier<Effort> effort, int mm, int cgroup, Source source, Turn turn) {
        Wanted wanted = new Wanted(order, effort, mm, cgroup);
        FrameRuns frames = from(nodes, Watermark.LOW, wanted, source, turn);
        return frames.isEmpty() && frames != NOT_CHARGED ? allocateSlowly(nodes, wanted, source, turn) : frames;
    }

    /** Without trying harder where nodes have no room, but only to charge. */
    public static FrameRuns allocateOnce(List<Integer> nodes, int order, Supplier<Effort> effort, int mm, int cgroup, Source source, Turn turn) {
        return from(nodes, Watermark.LOW, new Wanted(order, effort, mm, cgroup), source, turn);
    }

    /** {@code __alloc_pages_slowpath()}. */
    private static FrameRuns allocateSlowly(List<Integer> nodes, Wanted wanted, Source source, Turn turn) {
        Effort effort = turn.step(wanted.effort());
        FrameRuns frames = withKswapd(nodes, effort, wanted, source, turn);
        while (frames.isEmpty() && frames != NOT_CHARGED && effort.compareTo(Effort.ONCE) >= 0
                && await(nodes, wanted.order(), effort, wanted.mm(), turn)) {
            frames = from(nodes, Watermark.MIN, wanted, source, turn);
            if (effort == Effort.ONCE) {
                break;
            }
        }
        return frames;
    }

    /** Without waiting: as the first tries of an allocation, of whoever holds a lock that reclaim wants. */
    public static FrameRuns allocateNow(List<Integer> nodes, int order, int cgroup, Source source, Turn turn) {
        Wanted wanted = new Wanted(order, () -> Effort.KSWAPD, NOBODY, cgroup);
        FrameRuns frames = from(nodes, Watermark.LOW, wanted, source, turn);
        return frames.isEmpty() && frames != NOT_CHARGED ? withKswapd(nodes, Effort.KSWAPD, wanted, source, turn) : frames;
    }

    private static FrameRuns withKswapd(List<Integer> nodes, Effort effort, Wanted wanted, Source source, Turn turn) {
        if (effort != Effort.NONE) {
            turn.run(() -> {
                for (int node : nodes) {
                    turn.send(new NumaNodeId(node), new WakeKswapd());
                }
            });
        }
        return from(nodes, Watermark.MIN, wanted, source, turn);
    }

    private static FrameRuns from(List<Integer> nodes, Watermark mark, Wanted wanted, Source source, Turn turn) {
        for (int node : nodes) {
            FrameRuns frames = source.from(new NumaNodeId(node), mark);
            while (frames == null) {
                if (!CgroupCharge.extend(node, wanted.order(), wanted.effort(), wanted.mm(), wanted.cgroup(), turn)) {
                    return NOT_CHARGED;
                }
                frames = source.from(new NumaNodeId(node), mark);
            }
            if (!frames.isEmpty()) {
                return frames;
            }
        }
        return FrameRuns.NONE;
    }

    /**
     * Reclaim in a cgroup, after a folio of one page could not be charged while nobody could wait.
     *
     * @return whether it is worth while to try again
     */
    public static boolean awaitCharge(List<Integer> nodes, int mm, int cgroup, Turn turn) {
        return CgroupCharge.extend(nodes.get(0), 0, () -> Effort.FULL, mm, cgroup, turn);
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
        Verdict verdict = turn.ask(new KernelControlId(), new OutOfMemory(mm, nodes, Memcg.ALL));
        if (verdict == Verdict.WAIT) {
            turn.sleepUntil(turn.step(() -> turn.tick() + VICTIM_TICKS));
        }
        return verdict == Verdict.WAIT;
    }
}
