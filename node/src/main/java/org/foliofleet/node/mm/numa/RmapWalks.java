package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.Ksm;
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
        return walk(walk, List.of(), turn);
    }

    /**
     * Where ksmd says that KSM pages are mapped, page by page; nothing for others. A migration comes back to these too: the kernel's
     * ksmd waits for the folio lock before it forgets any.
     */
    static List<List<Ksm.Mapper>> merged(RmapWalk walk, Turn turn) {
        List<List<Ksm.Mapper>> mappers = new ArrayList<>();
        if (OwnerId.of(walk.mapping()) instanceof KsmdId ksmd) {
            for (long page = 0; page < walk.pages(); page++) {
                mappers.add(turn.ask(ksmd, new Ksm.Mappers(walk.index() + page)));
            }
        }
        return mappers;
    }

    /** @param known of KSM pages, what {@link #merged} said earlier: a migration takes no other entries away, as it comes back to these */
    static Result walk(RmapWalk walk, List<List<Ksm.Mapper>> known, Turn turn) {
        if (OwnerId.of(walk.mapping()) instanceof KsmdId ksmd) {
            return walkMerged(walk, known, ksmd, turn);
        }
        List<ProcessId> processes = mappers(OwnerId.of(walk.mapping()), turn);
        Result sum = Result.NOTHING;
        if (IntervalOrder.matters(walk, processes)) {
            IntervalOrder.Visits visits = IntervalOrder.of(walk, processes, turn);
            for (IntervalOrder.Visit visit : visits.first()) {
                sum = sum.and(turn.ask(visit.process(), new RmapWalk.AtVmas(walk, visit.vmas())));
                if (sum.stopped()) {
                    return sum;
                }
            }
            processes = visits.last();
        }
        for (ProcessId process : processes) {
            sum = sum.and(turn.ask(process, new RmapWalk.AtProcess(walk)));
            if (sum.stopped()) {
                break;
            }
        }
        return sum;
    }

    /**
     * {@code rmap_walk_ksm()}: goes to the addresses at which the page was merged, first of the processes in which it was, then
     * of others of the family, which fork may have made since (R12.6).
     */
    private static Result walkMerged(RmapWalk walk, List<List<Ksm.Mapper>> known, KsmdId ksmd, Turn turn) {
        Result sum = Result.NOTHING;
        for (long page = 0; page < walk.pages() && !sum.stopped(); page++) {
            RmapWalk one = new RmapWalk(walk.mapping(), walk.frame() + page, 1, 0, walk.indexDelta(), walk.action());
            sum = sum.and(walkMergedPage(one, known.isEmpty() ? null : known.get((int) page), ksmd, turn));
        }
        return sum;
    }

    private static Result walkMergedPage(RmapWalk walk, List<Ksm.Mapper> known, KsmdId ksmd, Turn turn) {
        Set<Ksm.Mapper> mappers = new LinkedHashSet<>();
        if (known == null || !(walk.action() instanceof RmapWalk.ToMigration)) {
            mappers.addAll(turn.ask(ksmd, new Ksm.Mappers(walk.index())));
        }
        if (known != null) {
            mappers.addAll(known);
        }
        Result sum = Result.NOTHING;
        for (int forks = 0; forks < 2; forks++) {
            for (Ksm.Mapper mapper : mappers) {
                for (ProcessId process : turn.ask(mapper.root(), new AnonVmaRootCommand.Members())) {
                    if ((process.number() == mapper.process()) == (forks == 0) && !sum.stopped()) {
                        sum = sum.and(turn.ask(process, new Ksm.AtAddress(walk, mapper.page(), mapper.root())));
                    }
                }
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
