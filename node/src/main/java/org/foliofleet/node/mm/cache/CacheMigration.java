package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.Detach;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.MoveCached;
import org.foliofleet.protocol.message.Migration.Moved;

/** The cache's part of a migration: {@code folio_migrate_mapping()} under {@code i_pages} (R11.8). */
final class CacheMigration {
    private CacheMigration() {}

    static List<Moved> move(AddressSpace space, MoveCached request, Turn turn) {
        turn.lock(AddressSpace.PAGES_LOCK, true);
        long index = request.pages().start(0);
        long frame = request.pages().entry(0).frame(index);
        List<Group> cached = turn.step(() -> cached(space, index, request.pages().count(0), frame, request.order()));
        List<Moved> moved = new ArrayList<>();
        for (Group group : cached) {
            moved.addAll(turn.ask(new NumaNodeId(Frame.node(frame)), new Detach(group)));
        }
        turn.run(() -> moved.forEach(run -> replace(space, run, run.frame() - frame, request.frames(), turn)));
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

    /** Within a step. */
    private static void replace(AddressSpace space, Moved run, long from, FrameRuns frames, Turn turn) {
        long before = 0;
        for (int i = 0; i < frames.size(); i++) {
            long start = Math.max(from, before);
            long end = Math.min(from + run.pages(), before + frames.count(i));
            if (start < end) {
                long index = run.index() + start - from;
                boolean uptodate = space.pages.get(index).uptodate();
                turn.emit(new CacheEvents.PagesSet(index, end - start, CachePage.folio(index, frames.start(i) + start - before, run.order(), uptodate)));
            }
            before += frames.count(i);
        }
    }
}
