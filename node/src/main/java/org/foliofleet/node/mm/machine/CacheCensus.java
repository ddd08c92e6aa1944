package org.foliofleet.node.mm.machine;

import java.util.HashMap;
import java.util.Map;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.cache.CachePage;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.VmaInfo;

/** Page caches against the folios of the nodes, and against the processes that map them, in a quiet machine. */
final class CacheCensus {
    private final Machine machine;
    /** Pages that caches have on each node. */
    private final Map<Integer, Long> cached = new HashMap<>();

    private CacheCensus(Machine machine) {
        this.machine = machine;
    }

    static void check(Machine machine) {
        CacheCensus census = new CacheCensus(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof AddressSpace space) {
                space.pages().forEach((start, count, page) -> census.compare(space, start, count, page));
            } else if (owner instanceof Process process) {
                process.vmas().forEach(info -> census.attached(process, info));
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                census.countOn(node);
            }
        }
    }

    private void compare(AddressSpace space, long start, long count, CachePage page) {
        if (page.swapped()) {
            return;
        }
        for (long index = start; index < start + count; index++) {
            long frame = index + page.delta();
            Folio folio = machine.node(Frame.node(frame)).folio(frame);
            if (folio == null || !folio.has(Folio.CACHED) || folio.order() != page.order() || folio.mapping() != space.key()
                    || frame + folio.indexDelta() != index) {
                throw Invariants.violation(machine, space, "file page " + index + " is in the cache as " + page + ", but its folio is " + folio);
            }
        }
        cached.merge(Frame.node(start + page.delta()), count, Long::sum);
    }

    private void countOn(NumaNode node) {
        long[] pages = {0};
        node.folios().forEach((start, count, folio) -> pages[0] += folio.has(Folio.CACHED) ? count : 0);
        long known = cached.getOrDefault(node.number(), 0L);
        if (pages[0] != known) {
            throw Invariants.violation(machine, node, "has " + pages[0] + " pages of page caches, which know of " + known);
        }
    }

    private void attached(Process process, VmaInfo info) {
        if (info.file() != null && (!(machine.owner(info.file()) instanceof AddressSpace space) || !space.hasMapper(process.number()))) {
            throw Invariants.violation(machine, process, "maps " + info.file() + ", which does not know it: " + info);
        }
    }
}
