package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Isolated;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * The second half of {@code collapse_huge_page()}: the pages of a block are isolated and copied, and the new folio is mapped
 * instead of them (R9.5, R9.6). The process holds {@code mmap_lock} exclusively.
 */
final class CollapseReplacement {
    /** {@code FOLIO_BATCH_SIZE}: folios that a CPU collects before they go to the LRU. */
    private static final int LRU_BATCH = 31;

    private CollapseReplacement() {}

    static Outcome replace(Vma vma, Collapse.Replace request, Turn turn) {
        long block = request.block();
        Result state = turn.step(() -> CollapseScan.blockState(vma, block));
        if (state != Result.SUCCEED) {
            return new Outcome(state, request.lruBatch());
        }
        CollapseScan.Layout layout = turn.step(() -> CollapseScan.layout(vma, block, request.limits(), true));
        TreeMap<Integer, PageRuns> parts = CollapseScan.byNode(batched(layout.present()));
        List<NumaNodeId> nodes = new ArrayList<>();
        List<Collapse.Isolate> requests = new ArrayList<>();
        parts.forEach((node, runs) -> {
            nodes.add(new NumaNodeId(node));
            requests.add(new Collapse.Isolate(runs, request.limits()));
        });
        List<Isolated> answers = turn.askAll(nodes, requests);
        Result result = worst(layout, answers);
        return turn.step(() -> {
            boolean unchanged = batched(CollapseScan.layout(vma, block, request.limits(), true).present()).equals(batched(layout.present()));
            if (result != Result.SUCCEED || !unchanged) {
                putBack(nodes, requests, answers, turn);
                return new Outcome(result == Result.SUCCEED ? Result.PTE_NON_PRESENT : result, request.lruBatch());
            }
            return new Outcome(Result.SUCCEED, commit(vma, request, parts, answers, turn));
        });
    }

    /** What ended the isolation first, by address. */
    private static Result worst(CollapseScan.Layout layout, List<Isolated> answers) {
        Result result = layout.result();
        long at = layout.stop();
        for (Isolated answer : answers) {
            if (answer.result() != Result.SUCCEED && answer.page() < at) {
                at = answer.page();
                result = answer.result();
            }
        }
        return result;
    }

    private static void putBack(List<NumaNodeId> nodes, List<Collapse.Isolate> requests, List<Isolated> answers, Turn turn) {
        for (int i = 0; i < nodes.size(); i++) {
            if (answers.get(i).result() == Result.SUCCEED) {
                turn.send(nodes.get(i), new Collapse.PutBack(requests.get(i).runs()));
            }
        }
    }

    /**
     * {@code __collapse_huge_page_copy_succeeded()} and the new PMD entry. Within a step.
     *
     * @return pages left in the LRU batch
     */
    private static int commit(Vma vma, Collapse.Replace request, TreeMap<Integer, PageRuns> parts,
            List<Isolated> answers, Turn turn) {
        boolean locked = vma.info.has(VmaFlags.LOCKED) && !vma.info.has(VmaFlags.SPECIAL);
        int lruBatch = request.lruBatch();
        ContentRuns contents = contents(request.block(), parts, answers);
        for (var part : parts.entrySet()) {
            turn.send(new NumaNodeId(part.getKey()), new Collapse.Unmapped(vma.mm(), part.getValue(), vma.info.has(VmaFlags.LOCKED), lruBatch));
            lruBatch = left(lruBatch, part.getValue());
        }
        long frame = request.frame();
        turn.send(new NumaNodeId(Frame.node(frame)), new Collapse.MapNew(vma.mm(), vma.info.anonVma().root(),
                vma.info.pageOffsetOf(request.block()), frame, locked, contents));
        int flags = Pte.PMD | Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.DIRTY | (vma.info.has(VmaFlags.WRITE) ? Pte.WRITE : 0);
        turn.emit(new VmaEvents.EntrySet(request.block(), PageOrder.PMD_PAGES, Pte.present(request.block(), frame, PageOrder.PMD, flags)));
        return locked ? lruBatch : 0;
    }

    /** Small folios fill the batch; a large one empties it. */
    private static int left(int lruBatch, PageRuns runs) {
        long small = 0;
        for (int i = 0; i < runs.size(); i++) {
            if (runs.entry(i).order() > 0) {
                return 0;
            }
            small += runs.count(i);
        }
        return (int) ((lruBatch + small) % LRU_BATCH);
    }

    /**
     * The same pages in the batches of {@code folio_pte_batch()}: differences in write permission and dirtiness do not part
     * the pages of a large folio, so that it is never partially mapped on the way.
     */
    private static PageRuns batched(PageRuns runs) {
        PageRuns.Builder batches = PageRuns.builder();
        Pte previous = null;
        long end = -1;
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i).without(Pte.WRITE | Pte.DIRTY | Pte.YOUNG);
            boolean goesOn = previous != null && end == runs.start(i) && previous.delta() == entry.delta()
                    && previous.order() == entry.order() && previous.order() > 0
                    && previous.head(end - 1) == entry.head(end)
                    && previous.without(Pte.EXCLUSIVE).equals(entry.without(Pte.EXCLUSIVE));
            if (goesOn) {
                entry = previous;
            }
            batches.add(runs.start(i), runs.count(i), entry);
            previous = entry;
            end = runs.end(i);
        }
        return batches.build();
    }

    /** The contents of all pages of the block, zero where there were none. */
    private static ContentRuns contents(long block, TreeMap<Integer, PageRuns> parts, List<Isolated> answers) {
        TreeMap<Long, ContentRuns.Run> byPage = new TreeMap<>();
        int answer = 0;
        for (PageRuns runs : parts.values()) {
            int run = 0;
            long at = runs.isEmpty() ? 0 : runs.start(0);
            for (ContentRuns.Run content : answers.get(answer++).contents().runs()) {
                long used = 0;
                while (used < content.count()) {
                    if (at == runs.end(run)) {
                        at = runs.start(++run);
                    }
                    long count = Math.min(content.count() - used, runs.end(run) - at);
                    byPage.put(at, new ContentRuns.Run(count, content.tag(), content.source() < 0 ? -1 : content.source() + used));
                    at += count;
                    used += count;
                }
            }
        }
        List<ContentRuns.Run> all = new ArrayList<>();
        long next = block;
        for (var content : byPage.entrySet()) {
            if (content.getKey() > next) {
                all.add(new ContentRuns.Run(content.getKey() - next, 0, -1));
            }
            all.add(content.getValue());
            next = content.getKey() + content.getValue().count();
        }
        if (next < block + PageOrder.PMD_PAGES) {
            all.add(new ContentRuns.Run(block + PageOrder.PMD_PAGES - next, 0, -1));
        }
        return new ContentRuns(all);
    }
}
