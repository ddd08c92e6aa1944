package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.NumaNodeCommand.WriteResolved;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** Write faults on present pages: {@code do_wp_page()}, {@code do_huge_pmd_wp_page()}, {@code wp_page_copy()} (R4.1 to R4.8). */
final class WriteFault {
    private WriteFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        Pte entry = fault.entry();
        if (!entry.isPresent()) {
            return entry.isPmd() ? writeHugeZero(fault, turn) : copy(fault, PageRuns.of(fault.page(), fault.until() - fault.page(), entry),
                    ContentRuns.NONE, turn);
        }
        if (!turn.step(() -> vma.info.isCow())) {
            turn.run(() -> writeSharedFile(vma, fault, turn));
            return null;
        }
        if (!entry.isAnon()) {
            return writePrivateFile(fault, turn);
        }
        if (entry.has(Pte.EXCLUSIVE)) {
            turn.run(() -> mark(vma, fault, fault.exclusiveFlags(), turn));
            return null;
        }
        return writeShared(fault, turn);
    }

    /** {@code wp_page_shared()}, {@code fault_dirty_shared_page()}; a huge entry is dropped instead ({@code wp_huge_pmd()}). Within a step. */
    private static void writeSharedFile(Vma vma, Fault fault, Turn turn) {
        Pte entry = fault.entry();
        if (entry.isPmd()) {
            PmdSplit.at(vma, fault.page(), turn);
            return;
        }
        mark(vma, fault, Pte.WRITE | Pte.DIRTY | Pte.YOUNG, turn);
        if (entry.has(Pte.SPECIAL)) {
            return; // wp_pfn_shared()
        }
        turn.send(new NumaNodeId(Frame.node(entry.frame(fault.page()))),
                new NumaNodeCommand.MarkDirty(PageRuns.of(fault.page(), fault.until() - fault.page(), entry)));
    }

    /** {@code wp_page_reuse()}. Within a step. */
    private static void mark(Vma vma, Fault fault, int flags, Turn turn) {
        long start = fault.page();
        long end = fault.until();
        if (fault.entry().isPmd()) {
            start = PageOrder.alignDown(start, PageOrder.PMD);
            end = PageOrder.alignUp(end, PageOrder.PMD);
        }
        turn.emit(new VmaEvents.FlagsChanged(start, end, flags, 0));
        Charges.reuseFault(fault.entry(), end - start, turn);
    }

    /** An anonymous page that is not exclusive: the node knows whether anybody else has it. */
    private static FaultError writeShared(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        Pte entry = fault.entry();
        long start = entry.isPmd() ? PageOrder.alignDown(fault.page(), PageOrder.PMD) : fault.page();
        long end = entry.isPmd() ? PageOrder.alignUp(fault.until(), PageOrder.PMD) : fault.until();
        NumaNodeId node = new NumaNodeId(Frame.node(entry.frame(start)));
        WriteResolved resolved = turn.ask(node, new NumaNodeCommand.ResolveWrite(vma.mm(), PageRuns.of(start, end - start, entry)));
        turn.run(() -> {
            for (int i = 0; i < resolved.reuse().size(); i++) {
                reuse(vma, resolved.reuse().start(i), resolved.reuse().end(i), fault, turn);
            }
        });
        if (resolved.copy().isEmpty()) {
            return null;
        }
        if (entry.isPmd()) {
            turn.run(() -> PmdSplit.at(vma, Math.max(fault.page(), resolved.copy().start(0)), turn));
            return null;
        }
        return copy(fault, resolved.copy(), resolved.contents(), turn);
    }

    /** Reuses what still has the entry that was asked about. Within a step. */
    private static void reuse(Vma vma, long start, long end, Fault fault, Turn turn) {
        PageRuns still = stillEqual(vma, start, end, fault.entry());
        for (int i = 0; i < still.size(); i++) {
            turn.emit(new VmaEvents.FlagsChanged(still.start(i), still.end(i), fault.exclusiveFlags(), 0));
            Charges.reuseFault(fault.entry(), still.count(i), turn);
        }
    }

    /** The pages of a range whose entries still name the same page ({@code pte_same()}). */
    private static PageRuns stillEqual(Vma vma, long start, long end, Pte entry) {
        PageRuns.Builder still = PageRuns.builder();
        vma.pages.forEach(start, end, (at, count, now) -> {
            if (now.state() == entry.state() && now.delta() == entry.delta() && now.order() == entry.order() && !now.has(Pte.WRITE)
                    && now.isPmd() == entry.isPmd()) {
                still.add(at, count, now);
            }
        });
        return still.build();
    }

    /** {@code wp_page_copy()}: every page gets a new order-0 folio. */
    private static FaultError copy(Fault fault, PageRuns old, ContentRuns contents, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = AnonFault.prepareAnonVma(vma, turn);
        long before = 0;
        for (int i = 0; i < old.size(); i++) {
            long start = old.start(i);
            long count = old.count(i);
            FrameRuns frames = AnonFault.allocate(vma, info, start, 0, count, false, fault.task(), Purpose.COW,
                    contents.runs().isEmpty() ? contents : contents.part(before, count), turn);
            if (frames.isEmpty()) {
                return i == 0 ? FaultError.OOM : null;
            }
            turn.run(() -> {
                replace(fault, start, frames, turn);
                Charges.copyFault(frames.frames(), Frame.node(frames.start(0)), fault.task(), turn);
            });
            if (frames.frames() < count) {
                return null;
            }
            before += count;
        }
        return null;
    }

    /** Maps the copies where the old entries still stand, gives the others back. Within a step. */
    static void replace(Fault fault, long start, FrameRuns frames, Turn turn) {
        Vma vma = fault.vma();
        Pte old = fault.entry();
        int flags = Pte.ANON | fault.exclusiveFlags() | (fault.unshare() ? old.flags() & Pte.UFFD_WP : 0);
        PageRuns.Builder unmapped = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        PageRuns.Builder mapped = PageRuns.builder();
        long at = start;
        for (int i = 0; i < frames.size(); i++) {
            Pte entry = Pte.present(at, frames.start(i), 0, flags);
            long end = at + frames.count(i);
            PageRuns still = stillEqual(vma, at, end, old);
            long next = at;
            for (int j = 0; j < still.size(); j++) {
                lost.add(next, still.start(j) - next, entry);
                mapped.add(still.start(j), still.count(j), entry);
                unmapped.add(still.start(j), still.count(j), still.entry(j));
                next = still.end(j);
            }
            lost.add(next, end - next, entry);
            at = end;
        }
        turn.emit(new VmaEvents.EntriesSet(mapped.build()));
        Zapping.release(vma, unmapped.build(), turn);
        if (!lost.isEmpty()) {
            Zapping.release(vma, lost.build(), turn);
        }
    }

    /** {@code do_huge_zero_wp_pmd()}: a THP in place of the huge zero folio, or else a table of zero pages. */
    private static FaultError writeHugeZero(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = AnonFault.prepareAnonVma(vma, turn);
        long start = PageOrder.alignDown(fault.page(), PageOrder.PMD);
        long end = PageOrder.alignUp(fault.until(), PageOrder.PMD);
        FrameRuns frames = AnonFault.allocate(vma, info, start, PageOrder.PMD, (end - start) >> PageOrder.PMD, true, fault.task(),
                Purpose.FAULT, ContentRuns.NONE, turn);
        turn.run(() -> {
            if (frames.isEmpty()) {
                AnonFault.countFallback(PageOrder.PMD, frames == PageAllocation.NOT_CHARGED, turn);
                PmdSplit.at(vma, start, turn);
                return;
            }
            PageRuns still = stillEqual(vma, start, start + frames.frames(), fault.entry());
            for (int i = 0; i < still.size(); i++) {
                turn.emit(new VmaEvents.EntriesCleared(still.start(i), still.count(i)));
            }
            AnonFault.install(vma, start, frames, PageOrder.PMD, true, true, turn);
            Charges.anonFault(PageOrder.PMD, frames.frames(), Frame.node(frames.start(0)), fault.task(), turn);
        });
        return null;
    }

    /** A private mapping's page-cache page is always copied. */
    private static FaultError writePrivateFile(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        Pte entry = fault.entry();
        if (entry.isPmd()) {
            turn.run(() -> PmdSplit.at(vma, fault.page(), turn));
            return null;
        }
        PageRuns old = PageRuns.of(fault.page(), fault.until() - fault.page(), entry);
        if (entry.has(Pte.SPECIAL)) {
            return copy(fault, old, ContentRuns.NONE, turn); // what bare frames contain is not known
        }
        NumaNodeId node = new NumaNodeId(Frame.node(entry.frame(fault.page())));
        ContentRuns contents = turn.ask(node, new NumaNodeCommand.ReadContents(old));
        return copy(fault, old, contents, turn);
    }

}
