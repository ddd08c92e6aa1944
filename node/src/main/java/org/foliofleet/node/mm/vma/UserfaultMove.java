package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Relocate.CachedRun;
import org.foliofleet.protocol.message.Relocate.RewriteCached;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.SwapCommand.SlotRun;
import org.foliofleet.protocol.message.Userfault.AwaitMigration;
import org.foliofleet.protocol.message.Userfault.Describe;
import org.foliofleet.protocol.message.Userfault.Described;
import org.foliofleet.protocol.message.Userfault.MoveAnon;
import org.foliofleet.protocol.message.Userfault.MoveOut;
import org.foliofleet.protocol.message.Userfault.MovedOut;
import org.foliofleet.protocol.message.Userfault.Next;
import org.foliofleet.protocol.message.VmaCommand.Adopt;
import org.foliofleet.protocol.program.Errno;

/**
 * {@code move_pages()}, mm/userfaultfd.c (R7.39, R13.6): exclusive anonymous pages get another address and their folios
 * another index. The process holds {@code mmap_lock} and keeps rmap walks out.
 */
final class UserfaultMove {
    /**
     * What can be done about the next pages.
     *
     * @param runs  entries of folios that move, or of what is no folio
     * @param folio the entries map folios
     * @param table the target's block gets a page table
     */
    private record Step(PageRuns runs, boolean folio, boolean table, MovedOut end) {}

    private UserfaultMove() {}

    static Described describe(Vma vma, Describe request, Turn turn) {
        FrameRuns.Builder tables = new FrameRuns.Builder();
        long last = (request.range().end() - 1) >> PageOrder.PMD;
        for (long block = request.range().start() >> PageOrder.PMD; block <= last; block++) {
            if (vma.hasTable(block << PageOrder.PMD)) {
                tables.add(block, 1);
            }
        }
        return new Described(vma.entries(request.range().start(), request.range().end()), tables.build());
    }

    static Void await(Vma vma, AwaitMigration request, Turn turn) {
        while (turn.step(() -> {
            Pte entry = vma.pages.get(request.page());
            return entry != null && entry.state() == Pte.State.MIGRATION;
        })) {
            turn.park(new Touching.MigrationWait());
        }
        return null;
    }

    /** Moves one run of pages that are alike. */
    static MovedOut move(Vma vma, MoveOut request, Turn turn) {
        Step step = turn.step(() -> next(vma, request, turn));
        if (step.end() != null) {
            turn.run(() -> {
                if (step.table()) {
                    arrive(request, PageRuns.NONE, request.target(), turn);
                }
            });
            return step.end();
        }
        PageRuns runs = step.runs();
        if (runs.entry(0).state() == Pte.State.SWAP) {
            return moveSwapped(vma, request, runs, turn);
        }
        if (!step.folio()) {
            turn.run(() -> transfer(vma, request, runs, step.table(), turn));
            return new MovedOut(runs.pages(), Next.GO_ON, null, null);
        }
        long moved = turn.ask(new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0)))), new MoveAnon(runs,
                request.receiver().anonVma().root(), request.receiver().pageOffsetOf(request.target()) - request.range().start()));
        turn.run(() -> transfer(vma, request, runs.first(moved), step.table(), turn));
        return moved < runs.pages() ? new MovedOut(moved, Next.FAIL, null, Errno.EBUSY) : new MovedOut(moved, Next.GO_ON, null, null);
    }

    /** {@code move_swap_pte()}: folios in the swap cache get the other index too; large ones stay where they are. */
    private static MovedOut moveSwapped(Vma vma, MoveOut request, PageRuns runs, Turn turn) {
        long start = runs.start(0);
        long slot = runs.entry(0).frame(start);
        long until = slot + runs.pages();
        TreeMap<Integer, List<CachedRun>> cached = new TreeMap<>();
        for (SlotRun run : turn.ask(new SwapId(), new SwapCommand.Lookup(slot, runs.pages())).runs()) {
            if (run.frame() >= 0 && run.order() > 0) {
                until = Math.min(until, run.slot());
            } else if (run.frame() >= 0 && run.slot() < until) {
                cached.computeIfAbsent(Frame.node(run.frame()), node -> new ArrayList<>())
                        .add(new CachedRun(start + run.slot() - slot, run.frame(), run.count(), run.slot()));
            }
        }
        long shift = request.receiver().pageOffsetOf(request.target()) - request.range().start();
        List<Boolean> found = turn.askAll(cached.keySet().stream().map(NumaNodeId::new).toList(), cached.values().stream()
                .map(folios -> new RewriteCached(folios, request.receiver().anonVma().root(), shift)).toList());
        if (found.contains(false)) {
            return new MovedOut(0, Next.GO_ON, null, null);   // one was reclaimed or demoted just now: the call looks again
        }
        PageRuns moved = runs.first(until - slot);
        turn.run(() -> transfer(vma, request, moved, true, turn));
        return moved.pages() < runs.pages() ? new MovedOut(moved.pages(), Next.FAIL, null, Errno.EBUSY) : new MovedOut(moved.pages(), Next.GO_ON, null, null);
    }

    private static Step fail(Errno errno, boolean table) {
        return new Step(null, false, table, new MovedOut(0, Next.FAIL, null, errno));
    }

    private static Step wait(Next what, Pte entry, boolean table) {
        return new Step(null, false, table, new MovedOut(0, what, entry, null));
    }

    /** Looks at the first page. Within a step. */
    private static Step next(Vma vma, MoveOut request, Turn turn) {
        long page = request.range().start();
        long target = request.target();
        Pte there = at(request.there().entries(), target);
        if (there != null && there.isPmd()) {
            return fail(Errno.EEXIST, false);
        }
        Pte entry = vma.pages.get(page);
        if (entry != null && entry.isPmd()) {
            boolean whole = PageOrder.isAligned(page, PageOrder.PMD) && PageOrder.isAligned(target, PageOrder.PMD)
                    && request.range().count() >= PageOrder.PMD_PAGES;
            if (entry.isPresent() && !entry.has(Pte.EXCLUSIVE)) {
                return fail(Errno.EBUSY, false);
            }
            if (whole && !hasTable(request.there(), target)) {
                return new Step(PageRuns.of(page, PageOrder.PMD_PAGES, entry), entry.isPresent(), false, null);
            }
            PmdSplit.at(vma, page, turn);
            return wait(Next.GO_ON, null, false);
        }
        if (vma.isPmdNone(page)) {
            return fail(Errno.ENOENT, false);
        }
        if (there != null) {
            return fail(Errno.EEXIST, true);
        }
        if (entry == null) {
            return fail(Errno.ENOENT, true);
        }
        return switch (entry.state()) {
            case PRESENT -> present(vma, request, entry);
            case ZERO -> new Step(run(vma, request, entry, false), false, true, null);
            case SWAP -> entry.has(Pte.EXCLUSIVE) ? new Step(run(vma, request, entry, false), false, true, null) : fail(Errno.EBUSY, true);
            case MIGRATION -> wait(Next.MIGRATION, entry, true);
            default -> fail(Errno.EFAULT, true);
        };
    }

    private static Step present(Vma vma, MoveOut request, Pte entry) {
        long page = request.range().start();
        if (entry.has(Pte.SPECIAL) || !entry.isAnon()) {
            return fail(Errno.EBUSY, true);
        }
        if (entry.order() == 0) {
            return entry.has(Pte.EXCLUSIVE) ? new Step(run(vma, request, entry, true), true, true, null) : fail(Errno.EBUSY, true);
        }
        Pte head = vma.pages.get(page - (entry.frame(page) - entry.head(page)));
        boolean sameFolio = head != null && head.isPresent() && head.delta() == entry.delta();
        boolean exclusive = (sameFolio ? head : entry).has(Pte.EXCLUSIVE);
        return exclusive ? wait(Next.SPLIT, entry, true) : fail(Errno.EBUSY, true);
    }

    /** Pages with entries alike, within both page tables, up to what is occupied there. */
    private static PageRuns run(Vma vma, MoveOut request, Pte entry, boolean folios) {
        long page = request.range().start();
        long target = request.target();
        long end = Math.min(request.range().end(), vma.pages.runEnd(page));
        end = Math.min(end, PageOrder.alignDown(page, PageOrder.PMD) + PageOrder.PMD_PAGES);
        end = Math.min(end, page + PageOrder.alignDown(target, PageOrder.PMD) + PageOrder.PMD_PAGES - target);
        PageRuns occupied = request.there().entries();
        for (int i = 0; i < occupied.size(); i++) {
            if (occupied.end(i) > target) {
                end = Math.min(end, page + occupied.start(i) - target);
                break;
            }
        }
        if (folios) {
            int node = Frame.node(entry.frame(page));
            while (Frame.node(entry.frame(end - 1)) != node) {
                end--;
            }
        }
        return PageRuns.of(page, end - page, entry);
    }

    private static Pte at(PageRuns runs, long page) {
        for (int i = 0; i < runs.size(); i++) {
            if (runs.start(i) <= page && page < runs.end(i)) {
                return runs.entry(i);
            }
        }
        return null;
    }

    private static boolean hasTable(Described there, long page) {
        long block = page >> PageOrder.PMD;
        for (int i = 0; i < there.tables().size(); i++) {
            if (there.tables().start(i) <= block && block < there.tables().start(i) + there.tables().count(i)) {
                return true;
            }
        }
        return false;
    }

    /** Entries go to the receiver. Within a step. */
    private static void transfer(Vma vma, MoveOut request, PageRuns runs, boolean table, Turn turn) {
        long distance = request.target() - request.range().start();
        PageRuns.Builder arrived = PageRuns.builder();
        for (int i = 0; i < runs.size(); i++) {
            arrived.add(runs.start(i) + distance, runs.count(i), arrived(runs.entry(i), distance));
            turn.emit(new VmaEvents.EntriesCleared(runs.start(i), runs.count(i)));
        }
        Charges.move(runs, turn);
        PageRuns entries = arrived.build();
        if (!entries.isEmpty() || table) {
            arrive(request, entries, table ? request.target() : -1, turn);
        }
    }

    private static void arrive(MoveOut request, PageRuns entries, long table, Turn turn) {
        FrameRuns tables = table < 0 ? FrameRuns.NONE : FrameRuns.of(table >> PageOrder.PMD, 1);
        turn.send(request.receiver().id(), new Adopt(request.receiver(), entries, tables));
    }

    /** Moved pages may be written at once; nothing else of the old entry stays but that it was dirty. */
    private static Pte arrived(Pte entry, long distance) {
        return switch (entry.state()) {
            case PRESENT -> {
                int flags = Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.WRITE | entry.flags() & (Pte.DIRTY | Pte.PMD);
                yield new Pte(Pte.State.PRESENT, entry.delta() - distance, entry.order(), entry.isPmd() ? flags | Pte.DIRTY : flags);
            }
            case SWAP -> new Pte(Pte.State.SWAP, entry.delta() - distance, 0, entry.flags());
            default -> entry.isPmd() ? Pte.HUGE_ZERO : Pte.ZERO_PAGE;
        };
    }
}
