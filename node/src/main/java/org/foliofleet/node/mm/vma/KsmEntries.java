package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.BreakPages;
import org.foliofleet.protocol.message.Ksm.Kind;
import org.foliofleet.protocol.message.Ksm.ListPages;
import org.foliofleet.protocol.message.Ksm.Listed;
import org.foliofleet.protocol.message.Ksm.Merge;
import org.foliofleet.protocol.message.Ksm.MergeEntry;
import org.foliofleet.protocol.message.Ksm.PageRun;
import org.foliofleet.protocol.message.Ksm.Protected;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;

/**
 * Page-table entries and KSM, mm/ksm.c: which pages may be merged, how one gives way to another ({@code write_protect_page()},
 * {@code replace_page()}), and how it gets a copy of its own again ({@code break_ksm()}) (R12.3, R12.7).
 */
final class KsmEntries {
    /** Runs of pages that ksmd is told at once. */
    private static final int RUNS = 64;
    /** Pages after which the flight goes on with an empty log. */
    private static final int PAGES_PER_FLIGHT = 16;

    private KsmEntries() {}

    static Listed list(Vma vma, ListPages request, Turn turn) {
        PageRuns runs = turn.step(() -> anonymous(vma, request.range()));
        List<PageRun> pages = new ArrayList<>();
        for (PageRuns before : byNode(runs)) {
            // while other nodes were asked, folios may have moved, or gone
            PageRuns part = turn.step(() -> SeenEntries.still(vma, before));
            if (!part.isEmpty()) {
                pages.addAll(turn.ask(nodeOf(part), new Ksm.Inspect(part)));
            }
        }
        return new Listed(pages, runs.size() < RUNS ? request.range().end() : runs.end(runs.size() - 1));
    }

    /** The first of the anonymous pages that are mapped. Within a step. */
    private static PageRuns anonymous(Vma vma, PageRange range) {
        PageRuns.Builder runs = PageRuns.builder();
        int found = 0;
        for (long page = vma.pages.nextKey(range.start()); page < range.end() && found < RUNS; page = vma.pages.nextKey(page)) {
            Pte entry = vma.pages.get(page);
            long until = Math.min(range.end(), vma.pages.runEnd(page));
            if (entry.isPresent() && entry.isAnon()) {
                runs.add(page, until - page, entry);
                found++;
            }
            page = until;
        }
        return runs.build();
    }

    private static List<PageRuns> byNode(PageRuns runs) {
        List<PageRuns> parts = new ArrayList<>();
        for (int i = 0; i < runs.size();) {
            NumaNodeId node = new NumaNodeId(Frame.node(runs.entry(i).frame(runs.start(i))));
            PageRuns.Builder part = PageRuns.builder();
            for (; i < runs.size() && Frame.node(runs.entry(i).frame(runs.start(i))) == node.number(); i++) {
                part.add(runs.start(i), runs.count(i), runs.entry(i));
            }
            parts.add(part.build());
        }
        return parts;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** {@code try_to_merge_one_page()} of a small folio. Nobody else gets at the entries meanwhile. */
    static Boolean merge(Vma vma, MergeEntry request, Turn turn) {
        Merge merge = request.merge();
        long page = merge.page();
        Pte entry = turn.step(() -> vma.pages.get(page));
        if (entry == null || !entry.isPresent() || !entry.isAnon() || entry.order() != 0 || entry.frame(page) != merge.frame()) {
            return false;
        }
        PageRuns old = PageRuns.of(page, 1, entry);
        Protected result = turn.ask(nodeOf(old), new Ksm.Protect(old, merge.kind(), merge.node(), merge.content()));
        if (result == Protected.REFUSED) {
            return false;
        }
        turn.run(() -> turn.emit(new VmaEvents.FlagsChanged(page, page + 1, 0, Pte.WRITE | Pte.DIRTY | Pte.EXCLUSIVE)));
        if (result == Protected.DIFFERENT || merge.kind() == Kind.MAKE) {
            return result == Protected.DONE;
        }
        PageRuns shared = merge.kind() == Kind.ZERO ? PageRuns.of(page, 1, Pte.ZERO_PAGE.with(Pte.DIRTY))
                : turn.ask(new NumaNodeId(Frame.node(merge.target())),
                        new Ksm.MapShared(vma.mm(), page, merge.target(), merge.node(), turn.step(() -> vma.isMlocking()))).runs();
        return turn.step(() -> {
            if (shared.isEmpty()) {
                return false;
            }
            turn.emit(new VmaEvents.EntriesSet(shared));
            Zapping.release(vma, PageRuns.of(page, 1, entry.without(Pte.WRITE | Pte.DIRTY | Pte.EXCLUSIVE)), turn);
            return true;
        });
    }

    /** Copies of their own for what KSM has merged, zero pages that it mapped among them. */
    static Boolean breakPages(Vma vma, BreakPages request, Turn turn) {
        long end = request.range().end();
        PageRuns found = turn.step(() -> candidates(vma, request.range()));
        PageRuns.Builder merged = PageRuns.builder();
        for (PageRuns before : parts(found)) {
            PageRuns part = before.entry(0).isPresent() ? turn.step(() -> SeenEntries.still(vma, before)) : before;
            if (part.isEmpty()) {
                continue;
            }
            PageRuns shared = part.entry(0).isPresent() ? turn.ask(nodeOf(part), new Ksm.Select(part)) : part;
            for (int i = 0; i < shared.size(); i++) {
                merged.add(shared.start(i), shared.count(i), shared.entry(i));
            }
        }
        PageRuns pages = merged.build();
        for (int i = 0; i < pages.size(); i++) {
            if (i == PAGES_PER_FLIGHT) {
                return turn.continueAs(new BreakPages(PageRange.between(pages.start(i), end), request.task()));
            }
            Fault fault = new Fault(vma, pages.start(i), pages.end(i), end, false, true, request.task(), pages.entry(i));
            FaultError error = Touching.resolve(fault, turn);
            if (error == FaultError.OOM) {
                return false;
            }
        }
        if (found.size() < RUNS) {
            return true;
        }
        return turn.continueAs(new BreakPages(PageRange.between(found.end(found.size() - 1), end), request.task()));
    }

    /** Entries that may map KSM pages, and those that map the zero page for KSM; some of the first. Within a step. */
    private static PageRuns candidates(Vma vma, PageRange range) {
        PageRuns.Builder runs = PageRuns.builder();
        int found = 0;
        for (long page = vma.pages.nextKey(range.start()); page < range.end() && found < RUNS; page = vma.pages.nextKey(page)) {
            Pte entry = vma.pages.get(page);
            long until = Math.min(range.end(), vma.pages.runEnd(page));
            boolean present = entry.isPresent() && entry.isAnon() && entry.order() == 0 && !entry.has(Pte.EXCLUSIVE);
            if (present || entry.state() == Pte.State.ZERO && entry.has(Pte.DIRTY)) {
                runs.add(page, until - page, entry);
                found++;
            }
            page = until;
        }
        return runs.build();
    }

    /** Runs that lie on one node, or map the zero page. */
    private static List<PageRuns> parts(PageRuns runs) {
        List<PageRuns> parts = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            parts.add(PageRuns.of(runs.start(i), runs.count(i), runs.entry(i)));
        }
        return parts;
    }
}
