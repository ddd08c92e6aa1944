package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.anon.AnonVmaRoot;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.control.KernelControl;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.khugepaged.Khugepaged;
import org.foliofleet.node.mm.ksm.Ksmd;
import org.foliofleet.node.mm.memcg.MemoryCgroup;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.swap.Swap;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.id.OwnerId;

/** Makes owners in the state in which they begin. */
public final class OwnerFactory {
    private OwnerFactory() {}

    /** An owner that comes to be with its first message. */
    public static Owner create(OwnerId id) {
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
        if (id instanceof OwnerId.KsmdId) {
            return new Ksmd();
        }
        if (id instanceof OwnerId.KhugepagedId) {
            return new Khugepaged();
        }
        if (id instanceof OwnerId.MemcgId cgroup) {
            return new MemoryCgroup(cgroup);
        }
        throw new InvariantViolation("a message to " + id + ", which does not exist");
    }

    /** An owner of any kind, also of those that are there from the start. */
    static Owner create(OwnerId id, Topology topology) {
        if (id instanceof OwnerId.NumaNodeId node) {
            return new NumaNode(node, topology.nodes().get(node.number()).frames());
        }
        if (id instanceof OwnerId.SwapId) {
            return new Swap(0);
        }
        if (id instanceof OwnerId.NamespaceId) {
            return new Namespace();
        }
        if (id instanceof OwnerId.KernelControlId) {
            return new KernelControl();
        }
        if (id instanceof OwnerId.WorkloadId) {
            return new Workload(null);   // of a snapshot: whoever restores it knows the plan
        }
        return create(id);
    }
}
