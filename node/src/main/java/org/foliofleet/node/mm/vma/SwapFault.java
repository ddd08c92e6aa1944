package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.node.mm.pressure.Refaults;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.message.SwapCommand.Slots;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code do_swap_page()}, mm/memory.c (R2.13, R2.14). */
final class SwapFault {
    private SwapFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        int orders = turn.step(() -> SwapInOrders.candidates(vma, fault, turn.context().settings()));
        int highest = orders == 0 ? 0 : Integer.SIZE - 1 - Integer.numberOfLeadingZeros(orders);
        long slot = fault.entry().frame(fault.page());
        if (highest > 0) {
            long block = PageOrder.alignDown(slot, highest);
            Slots found = turn.ask(new SwapId(), new SwapCommand.Lookup(block, PageOrder.pages(highest)));
            int usable = SwapInOrders.usable(found, slot, orders);
            if (usable != 0) {
                return readLarge(fault, slot, usable, found, turn);
            }
        }
        int enabled = turn.step(() -> turn.context().settings().swapDevice().block() ? SwapInOrders.BY_SWAP_CACHE
                : SwapInOrders.enabled(vma, fault, turn.context().settings()));
        boolean direct = enabled != SwapInOrders.BY_SWAP_CACHE;
        long limit = enabled == 0 || !direct ? fault.until() : Math.min(fault.until(),
                PageOrder.alignUp(fault.page() + 1, Integer.numberOfTrailingZeros(enabled)));
        long count = limit - fault.page();
        Slots found = turn.ask(new SwapId(), new SwapCommand.Lookup(slot, count));
        SlotRun first = found.runs().get(0);
        if (first.frame() < 0 && first.references() == 0) {
            return null;
        }
        if (direct && first.frame() < 0 && first.references() == 1) {
            return read(fault, 0, fault.page(), first.count(), first, found, turn) ? null : FaultError.OOM;
        }
        long read = 0;
        if (first.frame() < 0) {
            long asked = first.zero() || direct ? 0 : first.count();
            found = turn.ask(new SwapId(), new SwapCommand.ReadToCache(slot, first.count(),
                    Placement.of(turn.step(() -> fault.vma().info), fault.page(), 0, fault.task(), turn.context()).nodes(), vma.mm(),
                    fault.task().cgroup()));
            first = found.runs().get(0);
            if (first.frame() < 0) {
                return first.references() == 0 ? null : FaultError.OOM;
            }
            read = Math.min(asked, first.count());
        }
        return mapCached(fault, found, read, turn);
    }

    // -- reading past the swap cache -----------------------------------------------------------------------------

    /** {@code alloc_swap_folio()}: the highest of the orders for which there is memory. */
    private static FaultError readLarge(Fault fault, long slot, int orders, Slots found, Turn turn) {
        for (int order = PageOrder.PMD - 1; order > 0; order--) {
            if ((orders & 1 << order) == 0) {
                continue;
            }
            long start = PageOrder.alignDown(fault.page(), order);
            long head = PageOrder.alignDown(slot, order);
            int its = order;
            SlotRun run = SwapInOrders.from(found, head);
            if (read(fault, order, start, PageOrder.pages(order), run, found, turn)) {
                return null;
            }
            turn.run(() -> turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("swpin_fallback", its, 1)));
        }
        SlotRun run = SwapInOrders.from(found, slot);
        return read(fault, 0, fault.page(), 1, run, found, turn) ? null : FaultError.OOM;
    }

    /** Reads slots that only these entries name into new folios; false when there is no memory. */
    private static boolean read(Fault fault, int order, long start, long count, SlotRun run, Slots found, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = turn.step(() -> vma.info);
        FrameRuns frames = AnonFault.allocate(vma, info, start, order, count >> order, false, fault.task(), Purpose.SWAP_IN,
                run.contents(), turn);
        if (frames.isEmpty()) {
            return false;
        }
        turn.run(() -> {
            install(fault, order, start, frames, turn);
            countRead(frames, order, run.zero(), turn);
            Refaults.tell(frames, fault.entry().frame(start), found.shadows(), turn);
            Charges.swapFault(frames.frames() >> order, frames.frames(), run.zero() ? 0 : frames.frames(), turn);
        });
        return true;
    }

    /** Maps what was read where the swap entries still stand. Within a step. */
    private static void install(Fault fault, int order, long start, FrameRuns frames, Turn turn) {
        Vma vma = fault.vma();
        long at = start;
        PageRuns.Builder mapped = PageRuns.builder();
        PageRuns.Builder released = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        for (int i = 0; i < frames.size(); i++) {
            long end = at + frames.count(i);
            Pte entry = Pte.present(at, frames.start(i), order, flags(fault, Pte.EXCLUSIVE));
            PageRuns still = stillSwapped(vma, at, end, fault.entry());
            boolean all = still.pages() == end - at;
            if (order > 0 && !all) {
                lost.add(at, end - at, entry);
                at = end;
                continue;
            }
            long next = at;
            for (int j = 0; j < still.size(); j++) {
                lost.add(next, still.start(j) - next, entry);
                mapped.add(still.start(j), still.count(j), entry);
                released.add(still.start(j), still.count(j), still.entry(j));
                next = still.end(j);
            }
            lost.add(next, end - next, entry);
            at = end;
        }
        turn.emit(new VmaEvents.EntriesSet(mapped.build()));
        PageRuns gone = released.build();
        if (!gone.isEmpty()) {
            turn.send(new SwapId(), new SwapCommand.Release(gone));
        }
        PageRuns unused = lost.build();
        if (!unused.isEmpty()) {
            Zapping.release(vma, unused, turn);
        }
    }

    private static void countRead(FrameRuns frames, int order, boolean zero, Turn turn) {
        NumaNodeId node = new NumaNodeId(Frame.node(frames.start(0)));
        turn.send(node, new NumaNodeCommand.Count(zero ? "swpin_zero" : "pswpin", -1, frames.frames()));
        if (order > 0 && !zero) {
            turn.send(node, new NumaNodeCommand.Count("swpin", order, frames.frames() >> order));
        }
    }

    // -- mapping pages of the swap cache -------------------------------------------------------------------------

    private static FaultError mapCached(Fault fault, Slots found, long read, Turn turn) {
        Vma vma = fault.vma();
        SlotRun first = found.runs().get(0);
        VmaInfo info = turn.step(() -> vma.info);
        PageRuns wanted = turn.step(() -> wanted(fault, first));
        long slot = fault.entry().frame(wanted.start(0));
        long swapDelta = slot - wanted.entry(0).frame(wanted.start(0));
        boolean last = first.references() == 1 && (first.order() == 0 || first.count() >= PageOrder.pages(first.order()));
        FolioCommand.StillMapped answer = turn.ask(new NumaNodeId(Frame.node(first.frame())), new FolioCommand.MapSwapped(vma.mm(), info.anonVma().root(),
                info.pageOffsetOf(wanted.start(0)), wanted, swapDelta, info.has(VmaFlags.LOCKED), fault.write(), last, found.full()));
        PageRuns mapped = answer.runs();
        if (mapped.isEmpty() && !answer.foreign().isEmpty()) {
            return copy(fault, answer, turn) ? null : FaultError.OOM;
        }
        turn.run(() -> {
            installCached(fault, mapped, turn);
            Charges.swapFault(first.order() == 0 ? mapped.pages() : 1, mapped.pages(), Math.min(read, mapped.pages()), turn);
        });
        return null;
    }

    /** {@code ksm_might_need_to_copy()}: the first of the pages in the swap cache that belong elsewhere; false when there is no memory. */
    private static boolean copy(Fault fault, FolioCommand.StillMapped found, Turn turn) {
        VmaInfo info = turn.step(() -> fault.vma().info);
        long start = found.foreign().start(0);
        long count = found.foreign().count(0);
        FrameRuns frames = AnonFault.allocate(fault.vma(), info, start, 0, count, false, fault.task(), Purpose.SWAP_IN, found.contents().part(0, count), turn);
        if (frames.isEmpty()) {
            return false;
        }
        turn.run(() -> {
            install(fault, 0, start, frames, turn);
            turn.send(new NumaNodeId(Frame.node(frames.start(0))), new NumaNodeCommand.Count("ksm_swpin_copy", -1, frames.frames()));
            Charges.swapFault(frames.frames(), frames.frames(), 0, turn);
        });
        return true;
    }

    /** The entries that the fault asks for: all of a large folio if its swap entries stand as they were, or one. Within a step. */
    private static PageRuns wanted(Fault fault, SlotRun run) {
        Vma vma = fault.vma();
        int flags = Pte.ANON | Pte.YOUNG | fault.entry().flags() & (Pte.EXCLUSIVE | Pte.UFFD_WP);
        Pte entry = Pte.present(fault.page(), run.frame(), run.order(), flags);
        if (run.order() == 0) {
            return PageRuns.of(fault.page(), Math.min(run.count(), fault.until() - fault.page()), entry);
        }
        long start = fault.page() - (run.frame() - Frame.head(run.frame(), run.order()));
        long end = start + PageOrder.pages(run.order());
        boolean fits = start >= Math.max(vma.info.start(), PageOrder.alignDown(fault.page(), PageOrder.PMD))
                && end <= Math.min(vma.info.end(), PageOrder.alignDown(fault.page(), PageOrder.PMD) + PageOrder.PMD_PAGES);
        if (fits && stillSwapped(vma, start, end, fault.entry()).pages() == end - start) {
            return PageRuns.of(start, end - start, entry);
        }
        return PageRuns.of(fault.page(), 1, entry);
    }

    /** Sets the entries where the swap entries still stand, and gives the other mappings back. Within a step. */
    private static void installCached(Fault fault, PageRuns counted, Turn turn) {
        Vma vma = fault.vma();
        PageRuns.Builder mapped = PageRuns.builder();
        PageRuns.Builder released = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        for (int i = 0; i < counted.size(); i++) {
            Pte entry = counted.entry(i);
            Pte exclusive = new Pte(entry.state(), entry.delta(), entry.order(), flags(fault, entry.flags() & Pte.EXCLUSIVE));
            PageRuns still = stillSwapped(vma, counted.start(i), counted.end(i), fault.entry());
            long next = counted.start(i);
            for (int j = 0; j < still.size(); j++) {
                lost.add(next, still.start(j) - next, entry);
                mapped.add(still.start(j), still.count(j), exclusive);
                released.add(still.start(j), still.count(j), still.entry(j));
                next = still.end(j);
            }
            lost.add(next, counted.end(i) - next, entry);
        }
        turn.emit(new VmaEvents.EntriesSet(mapped.build()));
        PageRuns gone = released.build();
        if (!gone.isEmpty()) {
            turn.send(new SwapId(), new SwapCommand.Release(gone));
        }
        PageRuns unused = lost.build();
        if (!unused.isEmpty()) {
            Zapping.release(vma, unused, turn);
        }
    }

    /** Flags of the new entries: exclusive ones are writable where the VMA is, and dirty after a write. */
    private static int flags(Fault fault, int exclusive) {
        int flags = Pte.ANON | Pte.YOUNG | exclusive | fault.entry().flags() & Pte.UFFD_WP;
        if (exclusive != 0 && fault.vma().info.has(VmaFlags.WRITE) && !fault.entry().has(Pte.UFFD_WP)) {
            flags |= Pte.WRITE | (fault.write() ? Pte.DIRTY : 0);
        }
        return flags;
    }

    /** The pages of a range that still have the swap entries that were met. */
    private static PageRuns stillSwapped(Vma vma, long start, long end, Pte entry) {
        PageRuns.Builder still = PageRuns.builder();
        vma.pages.forEach(start, end, (at, count, now) -> {
            if (now.equals(entry)) {
                still.add(at, count, now);
            }
        });
        return still.build();
    }
}
