package org.foliofleet.node.mm.cache;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.TaskContext;

/** Where pages of a cache go: {@code shmem_get_pgoff_policy()}; without a policy of the file, that of the task (R11.2). */
final class CachePlacement {
    private CachePlacement() {}

    static Placement of(AddressSpace space, long index, int order, TaskContext task, Turn turn) {
        Mempolicy shared = turn.step(() -> space.policies.get(index));
        return Placement.of(shared != null ? shared : task.policy(), -1, index >> order, task.cpuNode(), turn.context());
    }
}
