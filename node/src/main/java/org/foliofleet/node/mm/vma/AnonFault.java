package org.foliofleet.node.mm.vma;

import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * First touch of anonymous pages: {@code do_huge_pmd_anonymous_page()} and {@code do_anonymous_page()} (R2.2 to R2.7).
 *
 * <p>The folios belong to a node, so allocating is a message; the entries are looked at again when it has been answered,
 * as the kernel does under the page-table lock.
 */
final class AnonFault {
    /**
     * What to do about the first faulting page and as many after it as fare alike.
     *
     * @param order  of the folios, {@link #ZERO} or {@link #HUGE_ZERO}
     * @param start  first page that is populated
     * @param count  pages that are populated
     * @param orders orders below that may be tried when memory of this one is short, as a bit set
     */
    record Plan(int order, long start, long count, int orders) {}

    static final int ZERO = -1;
    static final int HUGE_ZERO = -2;

    private AnonFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        KernelSettings settings = turn.context().settings();
        Plan plan = turn.step(() -> plan(vma, fault, settings));
        if (turn.step(() -> vma.info.has(VmaFlags.UFFD_MISSING))) {
            return missing(vma, fault, plan, turn);
        }
        if (plan.order() == ZERO) {
            turn.run(() -> {
                turn.emit(new VmaEvents.EntrySet(plan.start(), plan.count(), Pte.ZERO_PAGE));
                Charges.zeroFault(plan.count(), turn);
            });
            return null;
        }
        VmaInfo info = prepareAnonVma(vma, turn);
        if (plan.order() == HUGE_ZERO) {
            turn.run(() -> {
                installHugeZero(vma, plan.start(), plan.count(), turn);
                Charges.zeroFault(plan.count() >> PageOrder.PMD, turn);
            });
            return null;
        }
        return allocate(fault, plan, info, turn);
    }

    /**
     * {@code handle_userfault()}: instead of the page the event is delivered, by a monitor's event or a signal. By then there is a page table,
     * except for a huge page, and an anon_vma, except for the zero page.
     */
    private static FaultError missing(Vma vma, Fault fault, Plan plan, Turn turn) {
        boolean huge = plan.order() == HUGE_ZERO || plan.order() == PageOrder.PMD;
        turn.run(() -> {
            if (!huge && vma.isPmdNone(fault.page())) {
                turn.emit(new VmaEvents.TablesChanged(fault.page() >> PageOrder.PMD, 1, true));
            }
        });
        if (plan.order() != ZERO) {
            prepareAnonVma(vma, turn);
        }
        return FaultError.UFFD_MISSING;
    }

    private static FaultError allocate(Fault fault, Plan plan, VmaInfo info, Turn turn) {
        Vma vma = fault.vma();
        int order = plan.order();
        int orders = plan.orders();
        long start = plan.start();
        long count = plan.count();
        while (true) {
            boolean pmd = order == PageOrder.PMD;
            FrameRuns frames = allocate(vma, info, start, order, count >> order, pmd, fault.task(), Purpose.FAULT, ContentRuns.NONE, turn);
            if (!frames.isEmpty()) {
                long at = start;
                int its = order;
                turn.run(() -> {
                    install(vma, at, frames, its, pmd, fault.write(), turn);
                    Charges.anonFault(its, frames.frames(), Frame.node(frames.start(0)), fault.task(), turn);
                });
                return null;
            }
            if (order == 0) {
                return FaultError.OOM;
            }
            int failed = order;
            boolean uncharged = frames == PageAllocation.NOT_CHARGED;
            turn.run(() -> countFallback(failed, uncharged, turn));
            if (!fault.write()) {
                turn.run(() -> installZero(vma, fault.page(), turn));
                return null;
            }
            order = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(orders & (1 << order) - 1 | 1);
            orders &= (1 << order) - 1;
            start = PageOrder.alignDown(fault.page(), order);
            count = PageOrder.pages(order);
        }
    }

    /** {@code set_huge_zero_folio()}, where the kernel still finds {@code pmd_none()}. Within a step. */
    private static void installHugeZero(Vma vma, long start, long count, Turn turn) {
        for (long block = start; block < start + count; block += PageOrder.PMD_PAGES) {
            if (vma.isPmdNone(block)) {
                turn.emit(new VmaEvents.EntrySet(block, PageOrder.PMD_PAGES, Pte.HUGE_ZERO));
            }
        }
    }

    private static void installZero(Vma vma, long page, Turn turn) {
        if (vma.pages.get(page) == null) {
            turn.emit(new VmaEvents.EntrySet(page, 1, Pte.ZERO_PAGE));
        }
    }

    /** Memory was short for a folio of that order, or it could not be charged. Within a step. */
    static void countFallback(int order, boolean uncharged, Turn turn) {
        NumaNodeId node = new NumaNodeId(0);
        if (order == PageOrder.PMD) {
            turn.send(node, new NumaNodeCommand.Count("thp_fault_fallback", -1, 1));
        }
        turn.send(node, new NumaNodeCommand.Count("anon_fault_fallback", order, 1));
        if (uncharged) {
            if (order == PageOrder.PMD) {
                turn.send(node, new NumaNodeCommand.Count("thp_fault_fallback_charge", -1, 1));
            }
            turn.send(node, new NumaNodeCommand.Count("anon_fault_fallback_charge", order, 1));
        }
    }

    /** {@code vmf_anon_prepare()}: the VMA with an anon_vma (R2.2, R6.1). */
    static VmaInfo prepareAnonVma(Vma vma, Turn turn) {
        VmaInfo before = turn.step(() -> vma.info);
        if (before.anonVma() != null) {
            return before;
        }
        AnonVma anonVma = turn.ask(vma.process(), new ProcessCommand.PrepareAnonVma(before.id(), before.start()));
        return turn.step(() -> {
            if (vma.info.anonVma() == null) {
                turn.emit(new VmaEvents.InfoChanged(vma.info.withAnonVma(anonVma)));
            }
            return vma.info;
        });
    }

    /**
     * Asks the nodes, in the order that policy and zonelist give, for folios that this mm will map.
     *
     * @return fewer than asked for, or none, when memory is short; {@link PageAllocation#NOT_CHARGED} when the cgroup is at its limit
     */
    static FrameRuns allocate(Vma vma, VmaInfo info, long page, int order, long count, boolean pmd, TaskContext task, Purpose purpose,
            ContentRuns contents, Turn turn) {
        // A folio read from swap enters the LRU by folio_add_lru(), which does not ask for VM_LOCKED.
        boolean locked = info.has(VmaFlags.LOCKED) && !info.has(VmaFlags.SPECIAL) && purpose != Purpose.SWAP_IN;
        Placement placement = Placement.of(info, page, order, task, turn.context());
        NumaNodeCommand.AllocateAnon request = new NumaNodeCommand.AllocateAnon(vma.mm(), info.anonVma().root(), info.pageOffsetOf(page), order,
                Math.min(count, placement.alike()), pmd, locked, purpose, contents, Watermark.LOW, task.cgroup());
        return PageAllocation.allocate(placement.nodes(), order, () -> Effort.of(order, info.flags(), turn.context().settings()), vma.mm(),
                task.cgroup(), (node, mark) -> turn.ask(node, mark == Watermark.LOW ? request : request.with(mark)).charged(), turn);
    }

    /** {@code map_anon_folio_pmd()}, {@code set_ptes()}: the granted folios are mapped where nothing else came in between. Within a step. */
    static void install(Vma vma, long page, FrameRuns frames, int order, boolean pmd, boolean write, Turn turn) {
        int flags = Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | (pmd ? Pte.PMD | Pte.DIRTY : 0);
        if (vma.info.has(VmaFlags.WRITE)) {
            flags |= Pte.WRITE | Pte.DIRTY;
        }
        PageRuns.Builder mapped = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        long at = page;
        for (int i = 0; i < frames.size(); i++) {
            Pte entry = Pte.present(at, frames.start(i), order, flags);
            long end = at + frames.count(i);
            long step = PageOrder.pages(order);
            if (!pmd && vma.pages.isClear(at, frames.count(i))) {
                mapped.add(at, frames.count(i), entry);
            } else {
                for (long folio = at; folio < end; folio += step) {
                    boolean free = pmd ? vma.isPmdNone(folio) : vma.pages.isClear(folio, step);
                    (free ? mapped : lost).add(folio, step, entry);
                }
            }
            at = end;
        }
        turn.emit(new VmaEvents.EntriesSet(mapped.build()));
        if (!lost.isEmpty()) {
            Zapping.release(vma, lost.build(), turn);
        }
    }

    // -- what to do ----------------------------------------------------------------------------------------------

    private static Plan plan(Vma vma, Fault fault, KernelSettings settings) {
        long page = fault.page();
        int orders = settings.anonFaultOrders(vma.info.flags(), fault.task().thp());
        boolean pmdAllowed = (orders & 1 << PageOrder.PMD) != 0;
        if (pmdAllowed && isPmdPossible(vma, page)) {
            long start = PageOrder.alignDown(page, PageOrder.PMD);
            long end = start + PageOrder.PMD_PAGES;
            while (end < fault.end() && isPmdPossible(vma, end)) {
                end += PageOrder.PMD_PAGES;
            }
            int order = !fault.write() && settings.useZeroPage() ? HUGE_ZERO : PageOrder.PMD;
            boolean large = vma.info.has(VmaFlags.UFFD_ANY);
            return new Plan(order, start, end - start, large || !fault.write() ? 0 : orders & (1 << PageOrder.PMD) - 1);
        }
        long limit = Math.min(fault.until(), fault.end());
        if (fault.write() && !vma.info.has(VmaFlags.UFFD_ANY)) {
            int small = orders & (1 << PageOrder.PMD) - 1;
            for (int order = PageOrder.PMD - 1; order >= 2; order--) {
                long start = PageOrder.alignDown(page, order);
                if ((small & 1 << order) != 0 && vma.isSuitable(page, order) && vma.pages.isClear(start, PageOrder.pages(order))) {
                    return new Plan(order, start, PageOrder.pages(order), small & (1 << order) - 1);
                }
            }
            if (small != 0) {
                limit = Math.min(limit, PageOrder.alignUp(page + 1, Integer.numberOfTrailingZeros(small)));
            }
        }
        if (pmdAllowed) {
            for (long block = PageOrder.alignUp(page + 1, PageOrder.PMD); block < limit; block += PageOrder.PMD_PAGES) {
                if (isPmdPossible(vma, block)) {
                    limit = block;
                }
            }
        }
        boolean zero = !fault.write();
        return new Plan(zero ? ZERO : 0, page, limit - page, 0);
    }

    private static boolean isPmdPossible(Vma vma, long page) {
        return vma.isSuitable(page, PageOrder.PMD) && vma.isPmdNone(page);
    }
}
