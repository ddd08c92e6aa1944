package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** What an address space tells the nodes about pages of its cache. */
final class CacheMessages {
    /** Makes the command for the pages of one node. */
    @FunctionalInterface
    interface Command {
        NumaNodeCommand<?> about(PageRuns runs);
    }

    private CacheMessages() {}

    /** Entries in ascending parts that lie on one node each. */
    static List<PageRuns> byNode(RunMap<Pte> entries) {
        List<PageRuns> all = new ArrayList<>();
        PageRuns.Builder[] builder = {PageRuns.builder()};
        int[] node = {-1};
        entries.forEach((start, count, entry) -> {
            int its = Frame.node(entry.frame(start));
            if (its != node[0] && !builder[0].isEmpty()) {
                all.add(builder[0].build());
                builder[0] = PageRuns.builder();
            }
            node[0] = its;
            builder[0].add(start, count, entry);
        });
        if (!builder[0].isEmpty()) {
            all.add(builder[0].build());
        }
        return all;
    }

    /** The cached pages, swapped ones left out, of {@code [from, to)} by file page. */
    static RunMap<Pte> cached(AddressSpace space, long from, long to) {
        RunMap<Pte> entries = new RunMap<>();
        space.pages.forEach(from, to, (start, count, page) -> {
            if (!page.swapped()) {
                entries.set(start, count, page.entry());
            }
        });
        return entries;
    }

    /** Folios leave the cache. Within a step. */
    static void drop(long index, long count, CachePage page, Turn turn) {
        NumaNodeId node = new NumaNodeId(Frame.node(page.frame(index)));
        turn.send(node, new NumaNodeCommand.DropCache(PageRuns.of(index, count, page.entry())));
    }

    /** Tells the nodes of the cached pages of {@code [from, to)}. Within a step. */
    static void tell(AddressSpace space, long from, long to, Command command, Turn turn) {
        for (PageRuns runs : byNode(cached(space, from, to))) {
            turn.send(new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0)))), command.about(runs));
        }
    }
}
