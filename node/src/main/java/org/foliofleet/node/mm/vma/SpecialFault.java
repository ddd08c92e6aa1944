package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.AddressSpaceCommand.Mapped;
import org.foliofleet.protocol.message.Device.Description;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * Empty entries of VMAs that the core knows nothing of: {@code special_mapping_fault()} maps one page of the kernel's own,
 * that no folio of a node is behind; drivers map their memory, in {@code mmap()} or in faults (R14.2 to R14.4).
 */
final class SpecialFault {
    private static final Pte ENTRY = new Pte(Pte.State.PRESENT, 0, 0, Pte.SPECIAL | Pte.YOUNG);

    private SpecialFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        Vma vma = fault.vma();
        VmaInfo info = turn.step(() -> vma.info);
        if (info.file() != null) {
            return insertOnFault(fault, info, turn);
        }
        if (fault.write()) {
            return FaultError.SIGSEGV;
        }
        turn.run(() -> turn.emit(new VmaEvents.EntrySet(fault.page(), 1, ENTRY)));
        return null;
    }

    /** A driver without a fault handler has left nothing to fault in: SIGBUS. */
    private static FaultError insertOnFault(Fault fault, VmaInfo info, Turn turn) {
        Description device = turn.ask(info.file(), new Device.Describe());
        if (!device.kind().faults()) {
            return FaultError.SIGBUS;
        }
        Vma vma = fault.vma();
        FrameRuns empty = turn.step(() -> empty(vma, fault.page(), Math.min(fault.until(), fault.end())));
        if (empty.isEmpty()) {
            return null;
        }
        boolean write = fault.write() && info.has(VmaFlags.SHARED);
        return insert(vma, new Device.Insert(info, empty, write), turn);
    }

    /** {@code call_mmap()}: the new VMA gets all its entries. */
    static Boolean fill(Vma vma, Device.Fill fill, Turn turn) {
        VmaInfo info = turn.step(() -> vma.info);
        return insert(vma, new Device.Insert(info, FrameRuns.of(info.start(), info.pages()), false), turn) == null;
    }

    private static FaultError insert(Vma vma, Device.Insert request, Turn turn) {
        Mapped mapped = turn.ask(request.vma().file(), request);
        turn.run(() -> {
            PageRuns entries = mapped.entries();
            FileFault.install(vma, entries, turn);
            Charges.insert(entries.pages(), turn);
        });
        return mapped.error();
    }

    private static FrameRuns empty(Vma vma, long from, long to) {
        FrameRuns.Builder empty = new FrameRuns.Builder();
        vma.pages.forEachWithGaps(from, to, (start, count, entry) -> {
            if (entry == null) {
                empty.add(start, count);
            }
        });
        return empty.build();
    }
}
