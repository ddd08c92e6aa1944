package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.node.mm.pressure.Refaults;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.Shadow;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** Pages come into the cache: {@code shmem_get_folio_gfp()}, {@code shmem_alloc_and_add_folio()}, {@code filemap_fault()} (R2.12). */
final class CacheFill {
    /**
     * Pages that are to come to be.
     *
     * @param index  file page that is wanted
     * @param orders of large folios that may hold it, as a bit set; the highest that there is memory for is taken
     * @param holes  file pages that get order-0 folios if no large folio can be had; {@code index} is the first of shmem
     * @param swapIn {@code holes} are swapped out and are to be read
     */
    record Need(long index, int orders, FrameRuns holes, boolean swapIn) {
        Need(long index, int orders, FrameRuns holes) {
            this(index, orders, holes, false);
        }
    }

    private CacheFill() {}

    /** For a fault at {@code index}, and as many pages of the hole up to {@code end} as fare alike. */
    static Need shmemNeed(AddressSpace space, VmaInfo vma, TaskContext task, long index, long end, KernelSettings settings) {
        if (space.pages.get(index) != null) {
            return CacheSwap.need(space, index, end, vma.has(VmaFlags.UFFD_ANY));
        }
        int orders = suitable(space, vma, task, index, settings);
        long to = index + 1;
        if (orders == 0) {
            long holeEnd = Math.min(end, space.pages.nextKey(index));
            while (to < holeEnd && suitable(space, vma, task, to, settings) == 0) {
                to++;
            }
        }
        return new Need(index, orders, FrameRuns.of(index, to - index));
    }

    private static int suitable(AddressSpace space, VmaInfo vma, TaskContext task, long index, KernelSettings settings) {
        int orders = ShmemOrders.forMapping(settings, vma, task.thp(), index, space.size);
        while (orders != 0) {
            int order = ShmemOrders.highest(orders);
            long start = PageOrder.alignDown(vma.addressOf(index), order);
            if (PageOrder.isAligned(vma.start() - vma.pageOffset(), order) && start >= vma.start()
                    && start + PageOrder.pages(order) <= vma.end()) {
                break;
            }
            orders &= ~(1 << order);
        }
        return withoutConflict(space, index, orders);
    }

    /** {@code shmem_suitable_orders()}: nothing may be in the cache where the folio would be. */
    static int withoutConflict(AddressSpace space, long index, int orders) {
        int left = orders;
        while (left != 0) {
            int order = ShmemOrders.highest(left);
            if (space.pages.isClear(PageOrder.alignDown(index, order), PageOrder.pages(order))) {
                break;
            }
            left &= ~(1 << order);
        }
        return left;
    }

    /** All holes of {@code [from, to)}. */
    static Need holes(AddressSpace space, long from, long to) {
        FrameRuns.Builder holes = new FrameRuns.Builder();
        space.pages.forEachWithGaps(from, to, (start, count, page) -> {
            if (page == null) {
                holes.add(start, count);
            }
        });
        return new Need(from, 0, holes.build());
    }

    /**
     * Allocates folios and adds them to the cache, where nobody else has done so in the meantime.
     *
     * @param uptodate whether they are initialized at once
     * @return file pages that are no holes now; empty if there is no memory, {@link PageAllocation#NOT_CHARGED} if the cgroup is at its limit
     */
    static FrameRuns fill(AddressSpace space, Need need, TaskContext task, boolean uptodate, Turn turn) {
        if (need.swapIn()) {
            return CacheSwap.swapIn(space, need, task, turn);
        }
        for (int left = need.orders(); left != 0;) {
            int order = ShmemOrders.highest(left);
            FrameRuns block = FrameRuns.of(PageOrder.alignDown(need.index(), order), PageOrder.pages(order));
            FrameRuns got = allocate(space, block, order, task, uptodate, turn);
            if (!got.isEmpty()) {
                return block;
            }
            turn.run(() -> countFallback(order, got == PageAllocation.NOT_CHARGED, turn));
            left &= ~(1 << order);
        }
        FrameRuns got = FrameRuns.NONE;
        FrameRuns.Builder made = new FrameRuns.Builder();
        for (FrameRuns alike : placedAlike(space, need.holes(), task, turn)) {
            got = allocate(space, alike, 0, task, uptodate, turn);
            if (got.isEmpty()) {
                break;
            }
            for (int i = 0; i < alike.size(); i++) {
                made.add(alike.start(i), alike.count(i));
            }
        }
        FrameRuns filled = made.build();
        return filled.isEmpty() ? got : filled;
    }

    /** File pages in parts that one policy puts on one node. */
    private static List<FrameRuns> placedAlike(AddressSpace space, FrameRuns pages, TaskContext task, Turn turn) {
        boolean interleaved = task.policy() != null && task.policy().isInterleaved();
        if (!interleaved && turn.step(() -> space.policies.nextKey(0) == Long.MAX_VALUE)) {
            return List.of(pages);
        }
        List<FrameRuns> parts = new ArrayList<>();
        for (int i = 0; i < pages.size(); i++) {
            long end = pages.start(i) + pages.count(i);
            for (long at = pages.start(i); at < end;) {
                long index = at;
                long until = turn.step(() -> Math.min(end, space.policies.get(index) != null ? space.policies.runEnd(index) : space.policies.nextKey(index)));
                long count = Math.min(until - at, CachePlacement.of(space, at, 0, task, turn).alike());
                parts.add(FrameRuns.of(at, count));
                at += count;
            }
        }
        return parts;
    }

    private static void countFallback(int order, boolean uncharged, Turn turn) {
        NumaNodeId node = new NumaNodeId(0);
        if (order == PageOrder.PMD) {
            turn.send(node, new NumaNodeCommand.Count("thp_file_fallback", -1, 1));
        }
        turn.send(node, new NumaNodeCommand.Count("shmem_fallback", order, 1));
        if (uncharged) {
            if (order == PageOrder.PMD) {
                turn.send(node, new NumaNodeCommand.Count("thp_file_fallback_charge", -1, 1));
            }
            turn.send(node, new NumaNodeCommand.Count("shmem_fallback_charge", order, 1));
        }
    }

    private static List<Shadow> shadows(AddressSpace space, FrameRuns indices) {
        if (space.shadows.isEmpty()) {
            return List.of();
        }
        List<Shadow> found = new ArrayList<>();
        for (int i = 0; i < indices.size(); i++) {
            found.addAll(space.shadows.of(indices.start(i), indices.count(i)));
        }
        return found;
    }

    private static FrameRuns allocate(AddressSpace space, FrameRuns indices, int order, TaskContext task, boolean uptodate, Turn turn) {
        NumaNodeCommand.AllocateCache request = new NumaNodeCommand.AllocateCache((AddressSpaceId) space.id(), space.shmem, indices, order, null,
                Watermark.LOW, task.cgroup());
        FrameRuns frames = PageAllocation.allocateNow(CachePlacement.of(space, indices.start(0), order, task, turn).nodes(), order,
                task.cgroup(), (node, mark) -> turn.ask(node, request.with(mark)), turn);
        if (!frames.isEmpty()) {
            turn.run(() -> {
                List<Shadow> shadows = shadows(space, indices);
                insert(space, indices, frames, order, uptodate, turn);
                Refaults.tellEach(frames, indices, shadows, turn);
            });
        }
        return frames;
    }

    /**
     * Waits for memory after {@link #fill} got none, without {@link AddressSpace#PAGES_LOCK}, which reclaim wants: the cache is
     * another afterwards.
     *
     * @param got what fill replied
     * @param mm who wants the pages, or {@link PageAllocation#NOBODY}
     * @return whether it is worth while to try again
     */
    static boolean await(AddressSpace space, Need need, FrameRuns got, TaskContext task, int mm, Turn turn) {
        turn.unlock(AddressSpace.PAGES_LOCK);
        List<Integer> nodes = CachePlacement.of(space, need.index(), 0, task, turn).nodes();
        boolean again = got == PageAllocation.NOT_CHARGED ? PageAllocation.awaitCharge(nodes, mm, task.cgroup(), turn)
                : PageAllocation.await(nodes, 0, Effort.FULL, mm, turn);
        turn.lock(AddressSpace.PAGES_LOCK, false);
        return again;
    }

    /** {@code shmem_add_to_page_cache()}: gives folios back whose place is taken. Within a step. */
    private static void insert(AddressSpace space, FrameRuns indices, FrameRuns frames, int order, boolean uptodate, Turn turn) {
        int run = 0;
        long used = 0;
        long step = PageOrder.pages(order);
        for (int i = 0; i < frames.size(); i++) {
            for (long frame = frames.start(i), end = frame + frames.count(i); frame < end;) {
                long index = indices.start(run) + used;
                long count = Math.min(end - frame, indices.count(run) - used);
                if (!space.pages.isClear(index, count)) {
                    count = step;
                }
                if (space.pages.isClear(index, count)) {
                    turn.emit(new CacheEvents.PagesSet(index, count, CachePage.folio(index, frame, order, uptodate)));
                } else {
                    CacheMessages.drop(index, count, CachePage.folio(index, frame, order, uptodate), turn);
                }
                frame += count;
                used += count;
                if (used == indices.count(run)) {
                    run++;
                    used = 0;
                }
            }
        }
    }
}
