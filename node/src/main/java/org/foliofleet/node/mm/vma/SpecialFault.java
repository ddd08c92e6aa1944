package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/** {@code special_mapping_fault()}, {@code vmf_insert_pfn()}: one page of the kernel's own, that no folio of a node is behind (R14.2). */
final class SpecialFault {
    private static final Pte ENTRY = new Pte(Pte.State.PRESENT, 0, 0, Pte.SPECIAL | Pte.YOUNG);

    private SpecialFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        if (fault.write()) {
            return FaultError.SIGSEGV;
        }
        turn.run(() -> turn.emit(new VmaEvents.EntrySet(fault.page(), 1, ENTRY)));
        return null;
    }
}
