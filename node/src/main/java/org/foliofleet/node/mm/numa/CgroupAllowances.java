package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Memcg.Allow;
import org.foliofleet.protocol.message.Memcg.Recall;
import org.foliofleet.protocol.message.Memcg.Recalled;

/** How much more a node may charge to cgroups that have a limit: {@code struct memcg_stock_pcp}, kept by node instead of by CPU. */
final class CgroupAllowances {
    /** So long whoever was promised pages has time to allocate them: some round trips of a message. */
    private static final long PROMISE_TICKS = 32;

    private CgroupAllowances() {}

    /** How many folios of an order may be charged to the cgroup; no more than {@code count}. */
    static long grant(NumaNode node, int cgroup, int order, long count) {
        return cgroup == 0 ? count : Math.min(count, Math.max(0, node.folios.chargeable(cgroup)) >> order);
    }

    static Recalled recall(NumaNode node, Recall request, Turn turn) {
        long charged = node.charged(request.cgroup());
        long promised = promised(node, request.cgroup(), turn);
        turn.emit(new AllowanceSet(request.cgroup(), charged + promised, promised, promised == 0 ? 0 : node.folios.promisedUntil(request.cgroup())));
        return new Recalled(charged, promised);
    }

    static Void allow(NumaNode node, Allow request, Turn turn) {
        int cgroup = request.cgroup();
        long now = node.charged(cgroup) + node.folios.chargeable(cgroup);
        turn.emit(new AllowanceSet(cgroup, now + request.pages(), promised(node, cgroup, turn) + request.promised(), turn.tick() + PROMISE_TICKS));
        return null;
    }

    /** Pages that were promised and are not charged yet. */
    private static long promised(NumaNode node, int cgroup, Turn turn) {
        long room = node.folios.chargeable(cgroup);
        boolean holds = room != Long.MAX_VALUE && turn.tick() < node.folios.promisedUntil(cgroup);
        return holds ? Math.max(0, Math.min(node.folios.promised(cgroup), room)) : 0;
    }

    /** As many pages may be charged to the cgroup in all; some of them are promised until a tick. */
    private record AllowanceSet(int cgroup, long pages, long promised, long until) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.folios.allow(cgroup, pages, promised, until);
        }
    }
}
