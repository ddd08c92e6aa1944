package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/** {@code do_swap_page()} (R2.13, R2.14). */
final class SwapFault {
    private SwapFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        throw new UnsupportedOperationException("swap fault");
    }
}
