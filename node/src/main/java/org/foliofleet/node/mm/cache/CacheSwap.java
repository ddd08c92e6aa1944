package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.node.mm.pressure.Refaults;
import org.foliofleet.node.mm.pressure.Shadows;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.DropClean;
import org.foliofleet.protocol.message.AddressSpaceCommand.SwapOut;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.SwapRead;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Shadow;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.message.SwapCommand.Slots;
import org.foliofleet.protocol.message.SwapCommand.Submitted;
import org.foliofleet.protocol.message.TaskContext;

/**
 * Shmem pages go to swap and come back: {@code shmem_writeout()}, {@code shmem_swapin_folio()}, mm/shmem.c. Where the swap
 * device is synchronous nothing stays in the swap cache; what a block device has, {@link SwapCacheReturn} takes back.
 */
final class CacheSwap {
    private CacheSwap() {}

    // -- out -----------------------------------------------------------------------------------------------------

    static FrameRuns swapOut(AddressSpace space, SwapOut request, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, true);
        PageRuns pages = turn.step(() -> stillCached(space, request.pages()));
        if (pages.isEmpty()) {
            return FrameRuns.NONE;
        }
        NumaNodeId node = CacheMessages.nodeOf(pages);
        FrameRuns unused = turn.ask(node, new NumaNodeCommand.FindUnused(pages, true));
        if (unused.isEmpty()) {
            return unused;
        }
        FrameRuns slots = turn.ask(new SwapId(), new SwapCommand.Allocate(unused, request.order()));
        FrameRuns frames = first(unused, slots.frames());
        if (frames.isEmpty()) {
            return frames;
        }
        PageRuns entries = entries(slots);
        turn.run(() -> turn.send(new SwapId(), new SwapCommand.Duplicate(entries)));
        if (turn.step(() -> turn.context().settings().swapDevice().block())) {
            ContentRuns written = turn.ask(node, new NumaNodeCommand.EnterSwapCache(frames, slots));
            Submitted submitted = turn.ask(new SwapId(), new SwapCommand.Submit(slots, frames, written, request.order()));
            turn.ask(node, new NumaNodeCommand.BeginWriteback(frames, submitted.writing(), submitted.end()));
            turn.run(() -> replace(space, pages, frames, slots, request.order(), turn));
            return frames;
        }
        List<Shadow> shadows = CacheEviction.evicted(node, frames, turn);
        ContentRuns contents = turn.ask(node, new NumaNodeCommand.LeaveCache(frames, true));
        turn.ask(new SwapId(), new SwapCommand.Write(slots, contents, request.order()));
        turn.run(() -> {
            turn.send(new SwapId(), shadows.isEmpty() ? new SwapCommand.Uncache(slots)
                    : new SwapCommand.Evict(Shadows.moved(shadows, frames, slots)));
            replace(space, pages, frames, slots, request.order(), turn);
        });
        return frames;
    }

    static FrameRuns dropClean(AddressSpace space, DropClean request, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, true);
        PageRuns pages = turn.step(() -> stillCached(space, request.pages()));
        if (pages.isEmpty()) {
            return FrameRuns.NONE;
        }
        NumaNodeId node = CacheMessages.nodeOf(pages);
        FrameRuns unused = turn.ask(node, new NumaNodeCommand.FindUnused(pages, false));
        if (!unused.isEmpty()) {
            List<Shadow> shadows = space.shmem ? List.of() : CacheEviction.evicted(node, unused, turn);
            turn.ask(node, new NumaNodeCommand.LeaveCache(unused, false));
            turn.run(() -> {
                replace(space, pages, unused, null, 0, turn);
                for (Shadow shadow : shadows) {
                    turn.emit(new CacheEvents.Evicted(CacheEviction.byFilePage(pages, shadow)));
                }
            });
        }
        return unused;
    }

    /** Those of the pages that the cache still has in the same frames. */
    private static PageRuns stillCached(AddressSpace space, PageRuns pages) {
        PageRuns.Builder still = PageRuns.builder();
        for (int i = 0; i < pages.size(); i++) {
            Pte entry = pages.entry(i);
            space.pages.forEach(pages.start(i), pages.end(i), (start, count, page) -> {
                if (!page.swapped() && page.delta() == entry.delta() && page.order() == entry.order()) {
                    still.add(start, count, entry);
                }
            });
        }
        return still.build();
    }

    private static FrameRuns first(FrameRuns frames, long count) {
        FrameRuns.Builder first = new FrameRuns.Builder();
        long left = count;
        for (int i = 0; i < frames.size() && left > 0; i++) {
            long part = Math.min(left, frames.count(i));
            first.add(frames.start(i), part);
            left -= part;
        }
        return first.build();
    }

    private static PageRuns entries(FrameRuns slots) {
        PageRuns.Builder entries = PageRuns.builder();
        for (int i = 0; i < slots.size(); i++) {
            entries.add(slots.start(i), slots.count(i), new Pte(Pte.State.SWAP, 0, 0, 0));
        }
        return entries.build();
    }

    /** Swap entries, or with {@code slots} null holes, in place of folios. Within a step. */
    private static void replace(AddressSpace space, PageRuns pages, FrameRuns frames, FrameRuns slots, int order, Turn turn) {
        int run = 0;
        long used = 0;
        for (int i = 0; i < frames.size(); i++) {
            for (long frame = frames.start(i), end = frame + frames.count(i); frame < end;) {
                long index = filePage(pages, frame);
                long count = Math.min(end - frame, pagesFrom(pages, index));
                if (slots == null) {
                    turn.emit(new CacheEvents.PagesCleared(index, count));
                } else {
                    count = Math.min(count, slots.count(run) - used);
                    long slot = slots.start(run) + used;
                    turn.emit(new CacheEvents.PagesSet(index, count, new CachePage(slot - index, order, true, true)));
                    used += count;
                    if (used == slots.count(run)) {
                        run++;
                        used = 0;
                    }
                }
                frame += count;
            }
        }
    }

    private static long filePage(PageRuns pages, long frame) {
        for (int i = 0; i < pages.size(); i++) {
            long index = frame - pages.entry(i).delta();
            if (index >= pages.start(i) && index < pages.end(i)) {
                return index;
            }
        }
        throw new InvariantViolation("frame " + frame + " is none of " + pages);
    }

    private static long pagesFrom(PageRuns pages, long index) {
        for (int i = 0; i < pages.size(); i++) {
            if (index >= pages.start(i) && index < pages.end(i)) {
                return pages.end(i) - index;
            }
        }
        return 0;
    }

    // -- in ------------------------------------------------------------------------------------------------------

    /**
     * What a fault on a swapped page reads: the folio as it was, or pages one by one.
     *
     * @param end the access ends here
     * @param one only pages: a userfaultfd watches
     */
    static CacheFill.Need need(AddressSpace space, long index, long end, boolean one) {
        CachePage page = space.pages.get(index);
        long runEnd = space.pages.runEnd(index);
        if (page.order() > 0) {
            long head = page.head(index);
            boolean complete = space.pages.runStart(index) <= head && runEnd >= page.next(index);
            return one || !complete ? new CacheFill.Need(index, 0, FrameRuns.of(index, 1), true)
                    : new CacheFill.Need(head, 1 << page.order(), FrameRuns.of(head, PageOrder.pages(page.order())), true);
        }
        return new CacheFill.Need(index, 0, FrameRuns.of(index, Math.min(end, runEnd) - index), true);
    }

    /** {@code shmem_swapin_folio()}; a large folio for which there is no memory comes in pages. */
    static FrameRuns swapIn(AddressSpace space, CacheFill.Need need, TaskContext task, Turn turn) {
        long index = need.index();
        long count = need.holes().count(0);
        long delta = turn.step(() -> space.pages.get(index).delta());
        Slots slots = turn.ask(new SwapId(), new SwapCommand.Lookup(index + delta, count));
        if (slots.runs().get(0).frame() >= 0) {
            return SwapCacheReturn.take(space, index, slots.runs().get(0), delta, turn);
        }
        if (need.orders() != 0 && turn.step(() -> turn.context().settings().swapDevice().block())) {
            turn.run(() -> splitEntry(space, index, count, delta, turn));
            return swapIn(space, new CacheFill.Need(index, 0, FrameRuns.of(index, 1), true), task, turn);
        }
        if (need.orders() != 0) {
            int order = ShmemOrders.highest(need.orders());
            List<ContentRuns.Run> contents = new ArrayList<>();
            boolean zero = true;
            for (SlotRun run : slots.runs()) {
                contents.addAll(contents(run));
                zero &= run.zero();
            }
            if (!read(space, index, count, order, delta, new SwapRead(new ContentRuns(contents), zero), slots.shadows(), task, turn).isEmpty()) {
                return need.holes();
            }
            turn.run(() -> splitEntry(space, index, count, delta, turn));
            return swapIn(space, new CacheFill.Need(index, 0, FrameRuns.of(index, 1), true), task, turn);
        }
        FrameRuns got = FrameRuns.NONE;
        FrameRuns.Builder done = new FrameRuns.Builder();
        for (SlotRun run : slots.runs()) {
            if (run.frame() >= 0) {
                break;
            }
            long at = run.slot() - delta;
            turn.run(() -> splitEntry(space, at, run.count(), delta, turn));
            got = read(space, at, run.count(), 0, delta, new SwapRead(new ContentRuns(contents(run)), run.zero()), slots.shadows(), task, turn);
            if (got.isEmpty()) {
                break;
            }
            done.add(at, run.count());
        }
        FrameRuns came = done.build();
        return came.isEmpty() ? got : came;
    }

    private static List<ContentRuns.Run> contents(SlotRun run) {
        return run.contents().runs().isEmpty() ? List.of(new ContentRuns.Run(run.count(), 0, -1)) : run.contents().runs();
    }

    /** {@code shmem_split_large_entry()}: the entries of a large folio stand for themselves. Within a step. */
    static void splitEntry(AddressSpace space, long index, long count, long delta, Turn turn) {
        CachePage page = space.pages.get(index);
        if (page != null && page.swapped() && page.delta() == delta && page.order() > 0) {
            long head = page.head(index);
            turn.emit(new CacheEvents.PagesSet(head, PageOrder.pages(page.order()), page.withOrder(0)));
        }
    }

    private static FrameRuns read(AddressSpace space, long index, long count, int order, long delta, SwapRead read,
            List<Shadow> shadows, TaskContext task, Turn turn) {
        NumaNodeCommand.AllocateCache request = new NumaNodeCommand.AllocateCache((AddressSpaceId) space.id(), true, FrameRuns.of(index, count),
                order, read, Watermark.LOW, task.cgroup());
        FrameRuns frames = PageAllocation.allocateNow(CachePlacement.of(space, index, order, task, turn).nodes(), order, task.cgroup(),
                (node, mark) -> turn.ask(node, request.with(mark)), turn);
        if (!frames.isEmpty()) {
            turn.run(() -> {
                insert(space, index, frames, order, delta, turn);
                Refaults.tell(frames, index + delta, shadows, turn);
            });
        }
        return frames;
    }

    /** Puts what was read in the place of the swap entries, where they still stand; the slots are free then. Within a step. */
    static void insert(AddressSpace space, long index, FrameRuns frames, int order, long delta, Turn turn) {
        long at = index;
        PageRuns.Builder freed = PageRuns.builder();
        long step = PageOrder.pages(order);
        for (int i = 0; i < frames.size(); i++) {
            for (long frame = frames.start(i), end = frame + frames.count(i); frame < end; frame += step, at += step) {
                CachePage now = space.pages.get(at);
                CachePage fresh = CachePage.folio(at, frame, order, true);
                if (now != null && now.swapped() && now.delta() == delta && now.order() == order) {
                    turn.emit(new CacheEvents.PagesSet(at, step, fresh));
                    freed.add(at, step, new Pte(Pte.State.SWAP, delta, 0, 0));
                } else {
                    CacheMessages.drop(at, step, fresh, turn);
                }
            }
        }
        PageRuns slots = freed.build();
        if (!slots.isEmpty()) {
            turn.send(new SwapId(), new SwapCommand.Free(slots));
        }
    }
}
