package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse.CacheNew;
import org.foliofleet.protocol.message.Collapse.ReplaceCached;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;

/** The folios of a page cache in {@code collapse_file()}: the old ones go, the new one comes (R9.9). */
final class CollapseCache {
    private CollapseCache() {}

    static Void replace(NumaNode node, ReplaceCached replace, Turn turn) {
        turn.emit(new OldFoliosFreed(replace.runs()));
        return null;
    }

    static Void add(NumaNode node, CacheNew add, Turn turn) {
        turn.emit(new NewFolioCached(add));
        return null;
    }

    /** Isolated folios left the page cache. */
    private record OldFoliosFreed(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                Folio after = folio.without(Folio.CACHED | Folio.ACTIVE | Folio.UNEVICTABLE).withGets(folio.gets() - 1);
                for (long i = 0; i < count; i++) {
                    node.put(head + (i << folio.order()), after);
                }
            });
        }
    }

    /** The new folio is in the page cache, dirty as all that shmem has. */
    private record NewFolioCached(CacheNew add) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            long frame = add.frame();
            Folio folio = Folio.shmem(PageOrder.PMD, add.mapping().key(), add.index() - frame).with(Folio.DIRTY)
                    .withCgroup(node.folios.get(frame).cgroup());
            node.folios.set(frame, PageOrder.PMD_PAGES, folio);
            AnonAllocation.store(node, FrameRuns.of(frame, PageOrder.PMD_PAGES), add.contents());
        }
    }
}
