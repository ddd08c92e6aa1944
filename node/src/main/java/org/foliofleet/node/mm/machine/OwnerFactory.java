package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.anon.AnonVmaRoot;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.id.OwnerId;

/** Makes the owners that come to be with their first message. */
final class OwnerFactory {
    private OwnerFactory() {}

    static Owner create(OwnerId id) {
        if (id instanceof OwnerId.ProcessId process) {
            return new Process(process);
        }
        if (id instanceof OwnerId.VmaId vma) {
            return new Vma(vma);
        }
        if (id instanceof OwnerId.AnonVmaRootId root) {
            return new AnonVmaRoot(root);
        }
        if (id instanceof OwnerId.AddressSpaceId space) {
            return new AddressSpace(space);
        }
        if (id instanceof OwnerId.WorkloadId) {
            return new Workload(null);   // of a snapshot: whoever restores it knows the plan
        }
        throw new InvariantViolation("a message to " + id + ", which does not exist");
    }
}
