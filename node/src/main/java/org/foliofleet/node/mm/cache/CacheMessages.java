package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;

/** What an address space tells the nodes about pages of its cache. */
final class CacheMessages {
    /** Makes the command for the pages of one node. */
    @FunctionalInterface
    interface Command {
        NumaNodeCommand<?> about(PageRuns runs);
    }

    private CacheMessages() {}

    /** The node of pages that lie on one. */
    static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** Entries in ascending parts that lie on one node each. */
    static List<PageRuns> byNode(PageRuns entries) {
        List<PageRuns> all = new ArrayList<>();
        PageRuns.Builder builder = PageRuns.builder();
        int node = -1;
        for (int i = 0; i < entries.size(); i++) {
            int its = Frame.node(entries.entry(i).frame(entries.start(i)));
            if (its != node && !builder.isEmpty()) {
                all.add(builder.build());
                builder = PageRuns.builder();
            }
            node = its;
            builder.add(entries.start(i), entries.count(i), entries.entry(i));
        }
        if (!builder.isEmpty()) {
            all.add(builder.build());
        }
        return all;
    }

    /** The cached pages, swapped ones left out, of {@code [from, to)} by file page. */
    static PageRuns cached(AddressSpace space, long from, long to) {
        PageRuns.Builder entries = PageRuns.builder();
        space.pages.forEach(from, to, (start, count, page) -> {
            if (!page.swapped()) {
                entries.add(start, count, page.entry());
            }
        });
        return entries.build();
    }

    /** Folios leave the cache. Within a step. */
    static void drop(long index, long count, CachePage page, Turn turn) {
        NumaNodeId node = new NumaNodeId(Frame.node(page.frame(index)));
        turn.send(node, new NumaNodeCommand.DropCache(PageRuns.of(index, count, page.entry())));
    }

    /** Tells the nodes of the cached pages of {@code [from, to)}. Within a step. */
    static void tell(AddressSpace space, long from, long to, Command command, Turn turn) {
        for (PageRuns runs : byNode(cached(space, from, to))) {
            turn.send(nodeOf(runs), command.about(runs));
        }
    }
}
