package org.foliofleet.node.mm.machine;

import java.util.TreeMap;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.memcg.MemoryCgroup;
import org.foliofleet.node.mm.numa.DeferredQueue;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.protocol.message.Memcg;

/** A node counts for each cgroup what its folios are charged, and queues each folio where its cgroup says. */
final class CgroupCensus {
    private CgroupCensus() {}

    /**
     * No more is charged to a cgroup than its limit, nor may be. Folios that migrate are charged to nobody meanwhile, so that some may be
     * more then, as in the kernel.
     */
    static void check(Machine machine) {
        for (int node = 0; node < machine.topology().nodes().size(); node++) {
            if (machine.node(node).statistics().get(VmEvent.PGMIGRATE_SUCCESS) > 0) {
                return;
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof MemoryCgroup cgroup && cgroup.max() > 0) {
                long sum = 0;
                for (int node = 0; node < machine.topology().nodes().size(); node++) {
                    sum += machine.node(node).charged(cgroup.number()) + Math.max(0, machine.node(node).chargeable(cgroup.number()));
                }
                if (sum > cgroup.max()) {
                    throw new InvariantViolation(cgroup.id() + " has a limit of " + cgroup.max() + " pages, but nodes may have charged " + sum);
                }
            }
        }
    }

    static void check(NumaNode node) {
        TreeMap<Integer, Long> charged = new TreeMap<>();
        node.folios().forEach((start, count, folio) -> charged.merge(folio.cgroup(), count, Long::sum));
        charged.remove(Memcg.ROOT);
        if (!charged.isEmpty() && charged.lastKey() > node.highestCgroup()) {
            throw new InvariantViolation(node.id() + " has folios of cgroup " + charged.lastKey() + ", which was never charged");
        }
        for (int cgroup = 1; cgroup <= node.highestCgroup(); cgroup++) {
            long pages = charged.getOrDefault(cgroup, 0L);
            if (node.charged(cgroup) != pages) {
                throw new InvariantViolation(node.id() + " counts " + node.charged(cgroup) + " pages of cgroup " + cgroup + ", whose folios have " + pages);
            }
        }
        DeferredQueue queue = node.deferredQueue();
        for (int cgroup : queue.cgroups()) {
            for (long at = queue.first(cgroup); at >= 0;) {
                Folio folio = node.folio(queue.headAt(at));
                if (folio.cgroup() != cgroup) {
                    throw new InvariantViolation(node.id() + " has a folio on the deferred split queue of cgroup " + cgroup + " that is charged to "
                            + folio.cgroup() + ": " + folio);
                }
                at = queue.next(at + folio.pages());
            }
        }
    }
}
