package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.LatencyKind;
import org.foliofleet.protocol.message.Migration.Allocate;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Migrate;
import org.foliofleet.protocol.message.Migration.MigrateCounted;
import org.foliofleet.protocol.message.Migration.Migrated;
import org.foliofleet.protocol.message.Migration.Mode;
import org.foliofleet.protocol.message.Migration.MoveCached;
import org.foliofleet.protocol.message.Migration.Moved;
import org.foliofleet.protocol.message.Migration.Release;
import org.foliofleet.protocol.message.Migration.Settle;
import org.foliofleet.protocol.message.Migration.Target;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.policy.CostTable;

/** {@code migrate_pages_batch()}, {@code migrate_folio_unmap()} and {@code migrate_folio_move()}, mm/migrate.c (R11.8 to R11.11). */
final class FolioMigration {
    private static final Migrated FAILED = new Migrated(1, 0, true);

    private FolioMigration() {}

    /** Migrates isolated folios that were alike; replies how many stayed. */
    static Long migrate(NumaNode node, Migrate request, Turn turn) {
        return run(node, request, turn).result();
    }

    static Migrated migrateCounted(NumaNode node, MigrateCounted request, Turn turn) {
        return run(node, new Migrate(request.group(), request.target(), Mode.SYNC), turn);
    }

    private static Migrated run(NumaNode node, Migrate request, Turn turn) {
        Group group = request.group();
        if (group.order() == 0) {
            long failed = 0;
            for (Group alike : turn.step(() -> alike(node, group.frame(), group.pages()))) {
                failed += small(node, alike, request, turn);
            }
            return new Migrated(failed, 0, failed > 0);
        }
        return large(node, group, request, turn);
    }

    /** Isolated small folios in parts that are alike. */
    private static List<Group> alike(NumaNode node, long frame, long pages) {
        List<Group> parts = new ArrayList<>();
        node.folios.forEach(frame, frame + pages, (start, count, folio) -> parts.add(new Group(start, count, 0, start + folio.indexDelta())));
        return List.copyOf(parts);
    }

    private static Migrated large(NumaNode node, Group group, Migrate request, Turn turn) {
        FolioLock lock = new FolioLock(group.frame());
        if (request.mode() == Mode.SYNC) {
            turn.lock(lock, true);
        } else if (!turn.tryLock(lock, true)) {
            turn.run(() -> fail(node, group, turn));
            return FAILED;
        }
        Folio folio = turn.step(() -> node.folios.get(group.frame()));
        if (mustWait(node, folio, group, request.mode(), turn)) {
            return FAILED;
        }
        if (folio.order() > 1 && folio.has(Folio.PARTIALLY_MAPPED) && folio.has(Folio.DEFERRED)) {
            if (FolioSplitting.splitHeld(node, group.frame(), 0, -1, true, turn) == SplitOutcome.SPLIT) {
                turn.run(() -> turn.emit(new MigrationEvents.SplitFirst(group.order())));
                return new Migrated(0, 1, pieces(node, group, request, turn) > 0);
            }
            int again = attempts(request.mode(), folio.isMaybePinned()) - 1;
            turn.run(() -> {
                for (int i = 0; i < again; i++) {
                    turn.emit(new FolioEvents.SplitFailed(group.order(), folio.pins() > 0 ? SplitFailure.PINNED : SplitFailure.SPEC));
                }
            });
        }
        long moved = move(node, group, request.target(), turn);
        return moved == group.pages() ? Migrated.NOTHING : FAILED;
    }

    /** The pieces of a folio that was split first; those that nobody mapped were freed, which is as good as moved; replies those that stayed. */
    private static long pieces(NumaNode node, Group whole, Migrate request, Turn turn) {
        List<Group> left = turn.step(() -> {
            List<Group> all = new ArrayList<>();
            FrameRuns.Builder unmapped = new FrameRuns.Builder();
            long[] pages = {0};
            node.folios.forEach(whole.frame(), whole.frame() + whole.pages(), (start, count, folio) -> {
                if (folio.gets() > 0 && !folio.has(Folio.LRU)) {
                    if (folio.references() == 1) {
                        unmapped.add(start, count);
                    } else {
                        all.add(new Group(start, count, 0, start + folio.indexDelta()));
                        pages[0] += count;
                    }
                }
            });
            turn.emit(new FolioEvents.Put(unmapped.build(), 0));
            turn.emit(new MigrationEvents.Counted(whole.pages() - pages[0], 0, 0, 0));
            return List.copyOf(all);
        });
        long failed = 0;
        for (Group piece : left) {
            failed += small(node, piece, request, turn);
        }
        return failed;
    }

    /** Folios under writeback are waited for by who waits for anything; for others they fail, -EBUSY, and this answers true. */
    private static boolean mustWait(NumaNode node, Folio folio, Group group, Mode mode, Turn turn) {
        if (!folio.has(Folio.WRITEBACK)) {
            return false;
        }
        if (mode == Mode.SYNC) {
            Writeback.await(node, FrameRuns.of(group.frame(), group.pages()), turn);
            return false;
        }
        turn.run(() -> fail(node, group, turn));
        return true;
    }

    /**
     * How often a folio that cannot be moved is met: once in each batch, and as often as may be if it cannot even be unmapped
     * ({@code NR_MAX_MIGRATE_ASYNC_RETRY}, {@code NR_MAX_MIGRATE_SYNC_RETRY}, {@code NR_MAX_MIGRATE_PAGES_RETRY}).
     */
    private static int attempts(Mode mode, boolean staysMapped) {
        return staysMapped ? 10 : mode == Mode.SYNC ? 2 : 1;
    }

    /** Small folios alike; answers how many stayed. */
    private static long small(NumaNode node, Group group, Migrate request, Turn turn) {
        long moved = 0;
        for (long at = 0; at < group.pages();) {
            long frame = group.frame() + at;
            Folio folio = turn.step(() -> node.folios.get(frame));
            if (at == 0 && mustWait(node, folio, group, request.mode(), turn)) {
                return group.pages();
            }
            Placement placement = placement(folio, frame, request.target(), turn);
            long count = Math.min(group.pages() - at, placement.alike());
            moved += move(node, new Group(frame, count, 0, group.index() + at), request.target(), turn);
            at += count;
        }
        return group.pages() - moved;
    }

    private static Placement placement(Folio folio, long head, Target target, Turn turn) {
        if (target.nodes() != null) {
            return new Placement(target.nodes(), Long.MAX_VALUE);
        }
        long index = target.base() + (head + folio.indexDelta() >> folio.order());
        return Placement.of(target.policy(), -1, index, target.cpuNode(), turn.context());
    }

    /**
     * Moves isolated folios alike, large ones locked; what stays is back on its list afterwards.
     *
     * @return pages that moved, or were freed meanwhile
     */
    private static long move(NumaNode node, Group group, Target target, Turn turn) {
        Folio folio = turn.step(() -> node.folios.get(group.frame()));
        if (folio.references() == 1) {
            turn.run(() -> {
                turn.emit(new MigrationEvents.Counted(group.pages(), 0, group.order(), 0));
                turn.emit(new FolioEvents.Put(FrameRuns.of(group.frame(), group.pages()), 0));
            });
            return group.pages();
        }
        FrameRuns to = allocate(placement(folio, group.frame(), target, turn).nodes(), group, turn);
        if (to.frames() < group.pages()) {
            release(to, turn);
            turn.run(() -> fail(node, group, turn));
            return 0;
        }
        RmapWalk away = new RmapWalk(folio.mapping(), group.frame(), group.pages(), group.order(), folio.indexDelta(),
                new RmapWalk.ToMigration(true, folio.isMaybePinned()));
        List<List<Ksm.Mapper>> merged = folio.isMapped() ? RmapWalks.merged(away, turn) : List.of();
        boolean stopped = folio.isMapped() && RmapWalks.walk(away, merged, turn).stopped();
        List<Moved> moved = stopped ? List.of() : detach(node, group, folio, to, turn);
        List<RmapWalk.Move> moves = settle(node, group, moved, to, turn);
        if (folio.isMapped()) {
            List<RmapWalk.Piece> same = List.of(new RmapWalk.Piece(group.frame(), group.pages(), group.order()));
            RmapWalks.walk(new RmapWalk(folio.mapping(), group.frame(), group.pages(), group.order(), folio.indexDelta(),
                    new RmapWalk.FromMigration(same, FrameRuns.NONE, moves)), merged, turn);
        }
        return finish(node, group, moved, to, turn);
    }

    private static FrameRuns allocate(List<Integer> nodes, Group group, Turn turn) {
        FrameRuns.Builder all = new FrameRuns.Builder();
        long got = 0;
        for (int number : nodes) {
            FrameRuns frames = got == group.pages() ? FrameRuns.NONE
                    : turn.ask(new NumaNodeId(number), new Allocate(group.order(), group.pages() - got >> group.order()));
            for (int i = 0; i < frames.size(); i++) {
                all.add(frames.start(i), frames.count(i));
            }
            got += frames.frames();
        }
        return all.build();
    }

    private static List<Moved> detach(NumaNode node, Group group, Folio folio, FrameRuns to, Turn turn) {
        if (folio.isAnon()) {
            return turn.step(() -> MigrationEvents.detach(node, group, turn));
        }
        if (!folio.has(Folio.CACHED)) {
            return List.of();
        }
        long index = group.frame() + folio.indexDelta();
        PageRuns pages = PageRuns.of(index, group.pages(), Pte.present(index, group.frame(), group.order(), 0));
        return turn.ask((AddressSpaceId) OwnerId.of(folio.mapping()), new MoveCached(pages, to, group.order()));
    }

    /** The new folios become what the old ones were; those of page caches are already. */
    private static List<RmapWalk.Move> settle(NumaNode node, Group group, List<Moved> moved, FrameRuns to, Turn turn) {
        List<RmapWalk.Move> moves = new ArrayList<>();
        for (Moved run : moved) {
            FrameRuns its = MigrationFrames.part(to, run.frame() - group.frame(), run.pages());
            long offset = 0;
            for (int i = 0; i < its.size(); i++) {
                moves.add(new RmapWalk.Move(run.frame() + offset, its.count(i), its.start(i)));
                long from = run.frame() + offset;
                Moved part = new Moved(from, its.count(i), run.order(), run.flags(), run.mapping(), run.index() + offset,
                        run.slot() < 0 ? -1 : run.slot() + offset);
                FrameRuns frames = FrameRuns.of(its.start(i), its.count(i));
                if ((part.flags() & Folio.CACHED) == 0) {
                    ContentRuns contents = turn.step(() -> Contents.of(node, PageRuns.of(from, part.pages(), Pte.present(from, from, 0, 0))));
                    turn.ask(MigrationFrames.node(its.start(i)), new Settle(List.of(part), frames, contents));
                }
                turn.run(() -> {
                    chargeMove(part.pages(), from, frames.start(0), turn);
                    HintFaults.moved(node, from, part.pages(), frames.start(0), turn);
                });
                if (part.slot() >= 0) {
                    turn.run(() -> turn.send(new SwapId(), new SwapCommand.MoveCache(part.slot(), part.pages(), frames.start(0))));
                }
                offset += its.count(i);
            }
        }
        return List.copyOf(moves);
    }

    private static void chargeMove(long pages, long from, long to, Turn turn) {
        CostTable costs = turn.context().costs();
        int distance = turn.context().topology().nodes().get(Frame.node(from)).distance().get(Frame.node(to));
        turn.chargeStall(LatencyKind.MIGRATION, pages * costs.migratePage() + costs.remote(pages, distance));
    }

    /** Gives up the references: old folios that are empty are freed, what stayed goes back to its list. */
    private static long finish(NumaNode node, Group group, List<Moved> moved, FrameRuns to, Turn turn) {
        long pages = 0;
        FrameRuns.Builder unused = new FrameRuns.Builder();
        long at = group.frame();
        for (Moved run : moved) {
            MigrationFrames.add(unused, to, at - group.frame(), run.frame() - at);
            at = run.frame() + run.pages();
            pages += run.pages();
        }
        MigrationFrames.add(unused, to, at - group.frame(), group.frame() + group.pages() - at);
        for (Moved run : moved) {
            release(MigrationFrames.part(to, run.frame() - group.frame(), run.pages()), turn);
        }
        release(unused.build(), turn);
        long done = pages;
        turn.run(() -> {
            FrameRuns.Builder old = new FrameRuns.Builder();
            moved.forEach(run -> old.add(run.frame(), run.pages()));
            FrameRuns stayed = MigrationFrames.without(group, moved);
            turn.emit(new MigrationEvents.Counted(done, group.pages() - done, group.order(), stayed.isEmpty() ? 0 : 1));
            turn.emit(new FolioEvents.Put(old.build(), 0));
            if (!stayed.isEmpty()) {
                turn.emit(new Reclaim.PutBack(stayed, false));
            }
        });
        return pages;
    }

    private static void release(FrameRuns frames, Turn turn) {
        for (FrameRuns its : MigrationFrames.byNode(frames)) {
            turn.ask(MigrationFrames.node(its.start(0)), new Release(its));
        }
    }

    private static void fail(NumaNode node, Group group, Turn turn) {
        turn.emit(new MigrationEvents.Counted(0, group.pages(), group.order(), 1));
        turn.emit(new Reclaim.PutBack(FrameRuns.of(group.frame(), group.pages()), false));
    }
}
