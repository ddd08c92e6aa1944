package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.Detach;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.MoveCached;
import org.foliofleet.protocol.message.Migration.Moved;
import org.foliofleet.protocol.message.Migration.Settle;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/**
 * The cache's part of a migration: {@code folio_migrate_mapping()} under {@code i_pages} (R11.8). The new folios are what the old
 * ones were before the cache has them: the kernel holds their locks until then.
 */
final class CacheMigration {
    private CacheMigration() {}

    static List<Moved> move(AddressSpace space, MoveCached request, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, true);
        long index = request.pages().start(0);
        long frame = request.pages().entry(0).frame(index);
        NumaNodeId node = new NumaNodeId(Frame.node(frame));
        List<Group> cached = turn.step(() -> cached(space, index, request.pages().count(0), frame, request.order()));
        List<Moved> moved = new ArrayList<>();
        for (Group group : cached) {
            moved.addAll(turn.ask(node, new Detach(group)));
        }
        for (Moved run : moved) {
            for (Settle part : parts(run, run.frame() - frame, request.frames())) {
                long from = part.folios().get(0).frame();
                ContentRuns contents = turn.ask(node, new NumaNodeCommand.ReadContents(
                        PageRuns.of(from, part.frames().frames(), Pte.present(from, from, 0, 0))));
                turn.ask(new NumaNodeId(Frame.node(part.frames().start(0))), new Settle(part.folios(), part.frames(), contents));
                turn.run(() -> replace(space, part, turn));
            }
        }
        return List.copyOf(moved);
    }

    /** The frames that are still in the cache where the caller says. */
    private static List<Group> cached(AddressSpace space, long index, long count, long frame, int order) {
        List<Group> groups = new ArrayList<>();
        space.pages.forEach(index, index + count, (start, pages, page) -> {
            if (!page.swapped() && page.order() == order && page.frame(start) == frame + start - index) {
                groups.add(new Group(page.frame(start), pages, order, start));
            }
        });
        return List.copyOf(groups);
    }

    /** What moved, from the {@code from}-th of the new frames on, in parts that lie in a row in them; without contents. */
    private static List<Settle> parts(Moved run, long from, FrameRuns frames) {
        List<Settle> parts = new ArrayList<>();
        long before = 0;
        for (int i = 0; i < frames.size(); i++) {
            long start = Math.max(from, before);
            long end = Math.min(from + run.pages(), before + frames.count(i));
            if (start < end) {
                long offset = start - from;
                Moved part = new Moved(run.frame() + offset, end - start, run.order(), run.flags(), run.mapping(), run.index() + offset, run.slot());
                parts.add(new Settle(List.of(part), FrameRuns.of(frames.start(i) + start - before, end - start), null));
            }
            before += frames.count(i);
        }
        return parts;
    }

    /** Within a step. */
    private static void replace(AddressSpace space, Settle part, Turn turn) {
        Moved run = part.folios().get(0);
        boolean uptodate = space.pages.get(run.index()).uptodate();
        turn.emit(new CacheEvents.PagesSet(run.index(), run.pages(), CachePage.folio(run.index(), part.frames().start(0), run.order(), uptodate)));
    }
}
