package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/** {@code do_fault()}: faults on empty entries of file and shmem mappings (R2.9 to R2.12). */
final class FileFault {
    private FileFault() {}

    static FaultError resolve(Fault fault, Turn turn) {
        throw new UnsupportedOperationException("file fault");
    }
}
