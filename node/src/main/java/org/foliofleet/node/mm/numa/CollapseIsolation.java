package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Collapse.Finding;
import org.foliofleet.protocol.message.Collapse.Inspect;
import org.foliofleet.protocol.message.Collapse.Isolate;
import org.foliofleet.protocol.message.Collapse.Isolated;
import org.foliofleet.protocol.message.Collapse.PutBack;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/**
 * What a collapse asks of the folios that it copies: {@code hpage_collapse_scan_pmd()}, {@code
 * __collapse_huge_page_isolate()} and {@code release_pte_pages()} (R9.4, R9.5).
 *
 * <p>An isolated folio is off the LRU and has one reference more. That keeps splits and migrations away, which in the
 * kernel wait for its lock.
 */
final class CollapseIsolation {
    private CollapseIsolation() {}

    static List<Finding> inspect(NumaNode node, Inspect inspect, Turn turn) {
        List<Finding> findings = new ArrayList<>();
        FolioWalk.over(node, inspect.runs(), (page, head, folio, from, to, count, entry) -> {
            long pages = pages(folio, from, to, count);
            Result result = !folio.has(Folio.LRU) ? Result.PAGE_LRU : check(node, head, folio, count);
            boolean referenced = entry.has(Pte.YOUNG) || folio.has(Folio.REFERENCED);
            boolean shared = SharedUser.KHUGEPAGED.isShared(node, folio, count, turn);
            findings.add(new Finding(page, pages, shared, referenced, result));
        });
        return List.copyOf(findings);
    }

    /** A KSM page that is mapped twice in the block is found locked the second time. */
    static Isolated isolate(NumaNode node, Isolate isolate, Turn turn) {
        long[] shared = {0};
        long[] failedAt = {-1};
        Result[] result = {Result.SUCCEED};
        Set<Long> merged = new TreeSet<>();
        FolioWalk.over(node, isolate.runs(), (page, head, folio, from, to, count, entry) -> {
            if (failedAt[0] >= 0) {
                return;
            }
            if (node.rules.isShared(folio)) {
                shared[0] += pages(folio, from, to, count);
            }
            result[0] = isolate.limits().khugepaged() && shared[0] > isolate.limits().maxPtesShared() ? Result.EXCEED_SHARED_PTE
                    : check(node, head, folio, count);
            if (result[0] == Result.SUCCEED && folio.has(Folio.KSM) && !merged.add(head)) {
                result[0] = Result.PAGE_LOCK;
            }
            if (result[0] == Result.SUCCEED && !folio.has(Folio.LRU)) {
                result[0] = Result.DEL_PAGE_LRU;
            }
            failedAt[0] = result[0] == Result.SUCCEED ? -1 : page;
        });
        if (result[0] != Result.SUCCEED) {
            return new Isolated(result[0], failedAt[0], ContentRuns.NONE);
        }
        ContentRuns contents = Contents.of(node, isolate.runs());
        turn.emit(new FoliosIsolated(isolate.runs()));
        return new Isolated(Result.SUCCEED, -1, contents);
    }

    /** {@code is_refcount_suitable()}, and nobody holds the folio lock. */
    private static Result check(NumaNode node, long head, Folio folio, long count) {
        for (long i = 0; i < count; i++) {
            if (FolioLock.isHeld(node, head + (i << folio.order()))) {
                return Result.PAGE_LOCK;
            }
        }
        return folio.hasUnexpectedReferences() ? Result.PAGE_COUNT : Result.SUCCEED;
    }

    static Void putBack(NumaNode node, PutBack putBack, Turn turn) {
        turn.emit(new FoliosPutBack(putBack.runs()));
        return null;
    }

    private static long pages(Folio folio, int from, int to, long count) {
        return count == 1 ? to - from : count << folio.order();
    }

    /** Folios left their LRU lists. */
    private record FoliosIsolated(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                if (folio.has(Folio.LRU)) {
                    node.folios.set(head, count << folio.order(), folio.without(Folio.LRU).withGets(folio.gets() + 1));
                }
            });
        }
    }

    /** Folios went back to their LRU lists. */
    private record FoliosPutBack(PageRuns runs) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, runs, (page, head, folio, from, to, count, entry) -> {
                if (folio.has(Folio.LRU)) {
                    return;
                }
                Folio after = putBack(folio);
                for (long i = 0; i < count; i++) {
                    node.put(head + (i << folio.order()), after);
                }
            });
        }
    }

    /** {@code folio_putback_lru()}: on the unevictable list, the count of locked VMAs starts anew. */
    static Folio putBack(Folio folio) {
        Folio after = folio.with(Folio.LRU).withGets(folio.gets() - 1);
        return folio.has(Folio.UNEVICTABLE) ? after.withMlockCount(1) : after;
    }
}
