package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.AddressSpaceCommand.Copied;
import org.foliofleet.protocol.message.AddressSpaceCommand.Mapped;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.RefcountOverflow;

/** {@code do_fault()}: faults on empty entries of file and shmem mappings (R2.9 to R2.12). */
final class FileFault {
    /** Page tables that one request to the file is for. */
    private static final int TABLES_PER_REQUEST = 64;

    private FileFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = turn.step(() -> vma.info);
        boolean marker = fault.entry() != null && info.has(VmaFlags.UFFD_WP);
        if (fault.write() && !info.has(VmaFlags.SHARED)) {
            return copy(fault, info, marker, turn);
        }
        AddressSpaceCommand.Fault request = turn.step(() -> request(fault, info, marker, turn));
        Mapped mapped = turn.ask(info.file(), request);
        // the answer comes before any request to unmap that the file sends after it, so entries are set at once
        turn.run(() -> {
            install(vma, mapped.entries(), turn);
            Charges.fileFault(mapped.faults(), turn);
        });
        return mapped.error();
    }

    private static AddressSpaceCommand.Fault request(Fault fault, VmaInfo info, boolean marker, Turn turn) {
        Vma vma = fault.vma();
        long block = PageOrder.alignDown(fault.page(), PageOrder.PMD);
        // where the file's nodes may refuse a mapping, every page table is asked for on its own
        boolean refusable = turn.context().settings().policies().mapping().refcountOverflow() == RefcountOverflow.FAIL_FORK_AND_FAULT;
        long tables = fault.entry() != null || refusable ? 1 : TABLES_PER_REQUEST;
        long last = Math.min(PageOrder.alignUp(fault.end(), PageOrder.PMD), block + tables * PageOrder.PMD_PAGES);
        long from = Math.max(block, info.start());
        long to = Math.min(last, info.end());
        FrameRuns.Builder empty = new FrameRuns.Builder();
        // the access does not get past a page whose fault fails, such as a guard page
        long[] end = {fault.entry() == null ? fault.end() : fault.page() + 1};
        vma.pages.forEachWithGaps(from, to, (start, count, entry) -> {
            if (entry != null && start > fault.page() && (entry.state() == Pte.State.GUARD || entry.state() == Pte.State.POISON)) {
                end[0] = Math.min(end[0], start);
            }
            if (entry == null) {
                empty.add(start, count);
            } else if (entry.state() == Pte.State.WP_MARKER && start <= fault.page() && fault.page() < start + count) {
                empty.add(fault.page(), 1);
            }
        });
        FrameRuns.Builder none = new FrameRuns.Builder();
        for (long at = block; at < to; at += PageOrder.PMD_PAGES) {
            if (vma.isPmdNone(at)) {
                none.add(at >> PageOrder.PMD, 1);
            }
        }
        return new AddressSpaceCommand.Fault(info, fault.page(), Math.min(end[0], to), fault.write(), fault.task(), empty.build(),
                none.build(), marker);
    }

    /** Sets entries that are still empty; mappings that were counted for others are given back. Within a step. */
    static void install(Vma vma, PageRuns entries, Turn turn) {
        PageRuns.Builder set = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        for (int i = 0; i < entries.size(); i++) {
            Pte entry = entries.entry(i);
            if (entry.isPmd()) {
                (vma.isPmdNone(entries.start(i)) ? set : lost).add(entries.start(i), entries.count(i), entry);
                continue;
            }
            vma.pages.forEachWithGaps(entries.start(i), entries.end(i), (start, count, now) ->
                    (now == null || now.state() == Pte.State.WP_MARKER ? set : lost).add(start, count, entry));
        }
        if (!set.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(set.build()));
        }
        if (!lost.isEmpty()) {
            Zapping.release(vma, lost.build(), turn);
        }
    }

    /** {@code do_cow_fault()}: a private mapping is written where it has no entry. */
    private static FaultError copy(Fault fault, VmaInfo before, boolean marker, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = AnonFault.prepareAnonVma(vma, turn);
        long page = fault.page();
        long wanted = fault.entry() == null ? Math.min(fault.until(), fault.end()) - page : 1;
        Copied copied = turn.ask(before.file(), new AddressSpaceCommand.CopyFault(info, page, wanted, fault.task()));
        if (copied.error() != null) {
            return copied.error();
        }
        FrameRuns frames = AnonFault.allocate(vma, info, page, 0, copied.count(), false, fault.task(), Purpose.COW, copied.contents(),
                turn);
        if (frames.isEmpty()) {
            return FaultError.OOM;
        }
        turn.run(() -> {
            if (fault.entry() != null && fault.entry().equals(vma.pages.get(page))) {
                turn.emit(new VmaEvents.EntriesCleared(page, 1));
            }
            AnonFault.install(vma, page, frames, 0, false, true, turn);
            Charges.copyFault(frames.frames(), Frame.node(frames.start(0)), fault.task(), turn);
            if (marker) {
                turn.emit(new VmaEvents.FlagsChanged(page, page + 1, Pte.UFFD_WP, Pte.WRITE));
            }
        });
        return null;
    }
}
