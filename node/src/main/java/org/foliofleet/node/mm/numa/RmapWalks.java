package org.foliofleet.node.mm.numa;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.Result;

/** {@code rmap_walk()}, mm/rmap.c, from the side of the folio: which processes may map it (R6.4). */
final class RmapWalks {
    private RmapWalks() {}

    /** Walks the mappings of a folio, or of folios alike. */
    static Result walk(long mapping, long frame, long pages, int order, long indexDelta, RmapWalk.Action action, Turn turn) {
        return walk(new RmapWalk(mapping, frame, pages, order, indexDelta, action), turn);
    }

    static Result walk(RmapWalk walk, Turn turn) {
        Result sum = Result.NOTHING;
        for (ProcessId process : mappers(OwnerId.of(walk.mapping()), turn)) {
            sum = sum.and(turn.ask(process, new RmapWalk.AtProcess(walk)));
            if (sum.stopped()) {
                break;
            }
        }
        return sum;
    }

    private static List<ProcessId> mappers(OwnerId mapping, Turn turn) {
        if (mapping instanceof AnonVmaRootId) {
            return turn.ask(mapping, new AnonVmaRootCommand.Members());
        }
        return mapping instanceof AddressSpaceId ? turn.ask(mapping, new AddressSpaceCommand.Mappers()) : List.of();
    }
}
