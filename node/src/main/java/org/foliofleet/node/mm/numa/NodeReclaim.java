package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.ReclaimAll;
import org.foliofleet.protocol.message.FolioCommand.ShrinkFolios;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Migrate;
import org.foliofleet.protocol.message.Migration.Mode;
import org.foliofleet.protocol.message.Migration.Target;

/**
 * {@code memory.force_empty} and {@code memory.reclaim} on one node: every folio on an evictable LRU list is demoted, or else
 * reclaimed, whatever its age: who asks does so until nothing is left (R10.3, R11.12).
 */
final class NodeReclaim {
    private NodeReclaim() {}

    /** Replies the pages that went. */
    static Long reclaim(NumaNode node, ReclaimAll request, Turn turn) {
        boolean demotes = !request.demoteTo().isEmpty();
        List<Group> groups = turn.step(() -> isolate(node, demotes || request.swap(), turn));
        long gone = 0;
        for (Group group : groups) {
            if (demotes) {
                gone += demote(node, group, request.demoteTo(), turn);
            } else {
                gone += turn.ask(node.id(), new ShrinkFolios(group.frame(), group.pages(), group.order()));
            }
        }
        return gone;
    }

    /** {@code demote_folio_list()}: folios that stay are not reclaimed here, as reclaim is proactive. */
    private static long demote(NumaNode node, Group group, List<Integer> nodes, Turn turn) {
        long stayed = turn.ask(node.id(), new Migrate(group, Target.anyOf(nodes), Mode.ASYNC));
        return group.pages() - (stayed << group.order());
    }

    /** Without swap or demotion, anonymous memory is not looked at, unless it is lazyfree ({@code can_reclaim_anon_pages()}). */
    private static List<Group> isolate(NumaNode node, boolean anon, Turn turn) {
        List<Group> groups = new ArrayList<>();
        node.folios.forEach((start, count, folio) -> {
            if (!folio.has(Folio.LRU) || folio.has(Folio.UNEVICTABLE) || !anon && folio.has(Folio.SWAPBACKED)) {
                return;
            }
            long index = start + folio.indexDelta();
            if (folio.isLarge()) {
                for (long head = start; head < start + count; head += folio.pages()) {
                    groups.add(new Group(head, folio.pages(), folio.order(), head - start + index));
                }
            } else {
                groups.add(new Group(start, count, 0, index));
            }
        });
        groups.forEach(group -> turn.emit(new FolioEvents.Got(group.frame(), group.pages(), Reclaim.ISOLATED)));
        return List.copyOf(groups);
    }
}
