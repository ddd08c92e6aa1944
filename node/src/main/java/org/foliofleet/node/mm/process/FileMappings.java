package org.foliofleet.node.mm.process;

import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code i_mmap}: tells files which processes map them. A file knows processes, not VMAs. */
final class FileMappings {
    private FileMappings() {}

    /** A process maps the file from now on. Within a step. */
    static void attach(int process, AddressSpaceId file, Turn turn) {
        turn.send(file, new AddressSpaceCommand.Attach(process));
    }

    /** VMAs were removed: files that no other VMA of the process maps are told. Within a step, after the removal. */
    static void detach(Process process, List<VmaInfo> removed, Turn turn) {
        TreeSet<AddressSpaceId> files = new TreeSet<>();
        for (VmaInfo vma : removed) {
            if (vma.file() != null && !process.families.contains(vma.file())) {
                files.add(vma.file());
            }
        }
        for (AddressSpaceId file : files) {
            turn.send(file, new AddressSpaceCommand.Detach(process.number()));
        }
    }
}
