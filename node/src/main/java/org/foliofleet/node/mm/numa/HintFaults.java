package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.KeepToucher;
import org.foliofleet.protocol.message.Migration.Looked;
import org.foliofleet.protocol.message.Migration.Misplaced;
import org.foliofleet.protocol.message.Migration.Toucher;

/** NUMA hint faults on the side of the folios: {@code should_numa_migrate_memory()}, kernel/sched/fair.c (R11.7). */
final class HintFaults {
    private HintFaults() {}

    static Looked misplaced(NumaNode node, Misplaced request, Turn turn) {
        Looked[] found = {null};
        FolioWalk.over(node, request.run(), (page, head, folio, from, to, count, entry) -> {
            Toucher last = node.touchers.get(head);
            turn.emit(new Touched(FrameRuns.of(head, folio.pages()), request.toucher()));
            boolean moves = request.target() != node.number() && follows(node, last, request, turn) && isPrepared(node, folio, request);
            List<Group> groups = new ArrayList<>();
            if (moves) {
                MigrationIsolation.isolate(head, folio, 1, groups, turn);
            }
            found[0] = new Looked(1, moves ? groups.get(0) : null, node.number(), null);
        });
        return found[0];
    }

    /** The folio follows its only user at once, and one of several users at the second fault in a row from one node. */
    private static boolean follows(NumaNode node, Toucher last, Misplaced request, Turn turn) {
        if (last == null) {
            return isTopTier(node.number(), turn.context().topology());
        }
        return last.process() == request.toucher().process() || last.node() == request.target();
    }

    /** {@code node_is_toptier()}: no slower than the slowest tier that has CPUs. */
    private static boolean isTopTier(int number, Topology topology) {
        int slowest = 0;
        for (Topology.Node other : topology.nodes()) {
            slowest = other.cpus() > 0 ? Math.max(slowest, other.tier()) : slowest;
        }
        return topology.nodes().get(number).tier() <= slowest;
    }

    private static boolean isPrepared(NumaNode node, Folio folio, Misplaced request) {
        boolean ofFile = !folio.has(Folio.SWAPBACKED);
        boolean stays = ofFile && (request.exec() && node.rules.isShared(folio) || folio.has(Folio.DIRTY));
        return !stays && folio.has(Folio.LRU);
    }

    static Void keep(NumaNode node, KeepToucher request, Turn turn) {
        FrameRuns.Builder still = new FrameRuns.Builder();
        for (int i = 0; i < request.frames().size(); i++) {
            long start = request.frames().start(i);
            node.folios.forEach(start, start + request.frames().count(i), (frame, count, folio) -> still.add(frame, count));
        }
        turn.emit(new Touched(still.build(), request.toucher()));
        return null;
    }

    /** Tells the nodes to which folios moved who touched them last. Within a step. */
    static void moved(NumaNode node, long frame, long pages, long to, Turn turn) {
        node.touchers.forEach(frame, frame + pages, (start, count, toucher) -> {
            FrameRuns frames = FrameRuns.of(to + start - frame, count);
            turn.send(MigrationFrames.node(to), new KeepToucher(frames, toucher));
        });
    }

    /** Somebody touched folios that were made inaccessible for that. */
    private record Touched(FrameRuns frames, Toucher toucher) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            for (int i = 0; i < frames.size(); i++) {
                node.touchers.set(frames.start(i), frames.count(i), toucher);
            }
        }
    }
}
