package org.foliofleet.node.mm.machine;

import java.util.TreeMap;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.numa.DeferredQueue;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.protocol.message.Memcg;

/** A node counts for each cgroup what its folios are charged, and queues each folio where its cgroup says. */
final class CgroupCensus {
    private CgroupCensus() {}

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
