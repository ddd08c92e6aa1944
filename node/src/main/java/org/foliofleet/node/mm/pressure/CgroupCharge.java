package org.foliofleet.node.mm.pressure;

import java.util.List;
import java.util.function.Supplier;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.MemcgId;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory.Verdict;
import org.foliofleet.protocol.message.Memcg;

/** {@code mem_cgroup_charge()} for whoever allocates: a node may charge no more to the cgroup without asking. */
final class CgroupCharge {
    private CgroupCharge() {}

    /**
     * Has the cgroup let the node charge a folio more.
     *
     * @param node   that is to have the folio
     * @param mm     the process that wants it
     * @param cgroup not the root
     * @return false if it can not be charged
     */
    static boolean extend(int node, int order, Supplier<Effort> allowed, int mm, int cgroup, Turn turn) {
        Effort effort = turn.step(allowed);
        Memcg.Trying trying = effort == Effort.FULL ? Memcg.Trying.FULL : effort == Effort.ONCE ? Memcg.Trying.ONCE : Memcg.Trying.NOT;
        while (true) {
            Memcg.Charged charged = turn.ask(new MemcgId(cgroup), new Memcg.Charge(node, 1L << order, trying));
            if (charged != Memcg.Charged.STUCK) {
                return charged == Memcg.Charged.DONE;
            }
            Verdict verdict = turn.ask(new KernelControlId(), new OutOfMemory(mm, List.of(), cgroup));
            if (verdict != Verdict.WAIT) {
                return false;
            }
            turn.sleepUntil(turn.step(() -> turn.tick() + PageAllocation.VICTIM_TICKS));
        }
    }
}
