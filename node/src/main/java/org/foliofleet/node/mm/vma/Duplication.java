package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.collection.RunCursor;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Placement;
import org.foliofleet.node.mm.pressure.Effort;
import org.foliofleet.node.mm.pressure.PageAllocation;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Duplicated;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.PressureCommand.Watermark;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Duplicate;
import org.foliofleet.protocol.message.VmaCommand.KeepTables;
import org.foliofleet.protocol.message.VmaCommand.SetVma;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code copy_page_range()}: what the child of a fork gets of a VMA's page tables (R3.4 to R3.11). */
final class Duplication {
    private Duplication() {}

    /** @return false if memory or a reference count gave out: the child keeps what it got so far and is to be ended */
    static Boolean duplicate(Vma vma, Duplicate request, Turn turn) {
        VmaInfo child = request.child();
        if (turn.step(() -> !needsCopy(vma.info) && !child.has(VmaFlags.UFFD_WP) || child.has(VmaFlags.WIPEONFORK))) {
            turn.run(() -> turn.send(child.id(), new SetVma(child, PageRuns.NONE)));
            return true;
        }
        List<PageRuns> shared = new ArrayList<>();
        List<PageRuns> copies = new ArrayList<>();
        boolean complete = true;
        for (PageRuns runs = next(vma, 0, turn); !runs.isEmpty(); runs = next(vma, runs.end(runs.size() - 1), turn)) {
            Duplicated answer = turn.ask(nodeOf(runs), new NumaNodeCommand.DuplicateMappings(child.id().process(), runs, request.parentHasPinned()));
            if (answer.shared() == null) {
                complete = false;
                break;
            }
            shared.add(answer.shared());
            if (!answer.mustCopy().isEmpty() && !copy(vma, request, answer, copies, turn)) {
                complete = false;
                break;
            }
        }
        turn.run(() -> {
            List<PageRuns> parts = new ArrayList<>(shared);
            parts.addAll(copies);
            SharedEntries parents = SharedEntries.of(vma, child, parts);
            writeProtect(vma, shared, parents, turn);
            shared.forEach(entries -> Charges.fork(entries, turn));
            PageRuns childs = parents.childs();
            turn.send(child.id(), new SetVma(child, childs != null ? childs : join(vma, child, shared, copies, turn)));
            FrameRuns tables = tablesWithoutEntries(vma, parents);
            if (!tables.isEmpty()) {
                turn.send(child.id(), new KeepTables(tables));
            }
        });
        return complete;
    }

    /** {@code copy_pte_range()} makes a page table wherever the parent has one, even if there is nothing to copy. */
    private static FrameRuns tablesWithoutEntries(Vma vma, SharedEntries parents) {
        FrameRuns.Builder tables = new FrameRuns.Builder();
        if (vma.emptyTables != null) {
            vma.emptyTables.forEach(tables::add);
        }
        if (parents.has(Pte.State.WP_MARKER)) {
            vma.pages.forEach((start, count, entry) -> {
                if (entry.state() == Pte.State.WP_MARKER) {
                    long first = start >> PageOrder.PMD;
                    tables.add(first, ((start + count - 1) >> PageOrder.PMD) - first + 1);
                }
            });
        }
        return tables.build();
    }

    /**
     * {@code copy_present_page()}: the child gets a copy of each page that is pinned and exclusive.
     *
     * @param copies of what the child maps; more are added
     * @return false if memory gave out
     */
    private static boolean copy(Vma vma, Duplicate request, Duplicated answer, List<PageRuns> copies, Turn turn) {
        PageRuns pinned = answer.mustCopy();
        turn.run(() -> {
            for (int i = 0; i < pinned.size(); i++) {
                if (pinned.entry(i).isPmd()) {
                    PmdSplit.split(vma, pinned.start(i), pinned.count(i), pinned.entry(i), false, turn);
                }
            }
        });
        long before = 0;
        for (int i = 0; i < pinned.size();) {
            long start = pinned.start(i);
            long end = start;
            while (i < pinned.size() && pinned.start(i) == end) {
                end = pinned.end(i++);
            }
            long copied = before;
            long from = start;
            while (from < end) {
                FrameRuns frames = allocate(vma.mm(), request, PageRange.between(from, end), answer.contents().part(copied, end - from), turn);
                if (frames.isEmpty()) {
                    return false;
                }
                copies.add(copies(from, frames, request.child()));
                turn.run(() -> Charges.forkCopy(frames.frames(), turn));
                from += frames.frames();
                copied += frames.frames();
            }
            before += end - start;
        }
        return true;
    }

    /** Order-0 folios of the child, from the first node that has any. */
    private static FrameRuns allocate(int parent, Duplicate request, PageRange pages, ContentRuns contents, Turn turn) {
        VmaInfo child = request.child();
        Placement placement = Placement.of(child, pages.start(), 0, request.task(), turn.context());
        NumaNodeCommand.AllocateAnon wanted = new NumaNodeCommand.AllocateAnon(child.id().process(), child.anonVma().root(),
                child.pageOffsetOf(pages.start()), 0, Math.min(pages.count(), placement.alike()), false, false, Purpose.FORK_COPY, contents,
                Watermark.LOW, request.task().cgroup());
        return PageAllocation.allocate(placement.nodes(), 0, () -> Effort.FULL, parent, request.task().cgroup(),
                (node, mark) -> turn.ask(node, wanted.with(mark)).charged(), turn);
    }

    /** {@code vma_needs_copy()}: page tables that faults can fill again are left out (R3.4). */
    private static boolean needsCopy(VmaInfo info) {
        return info.has(VmaFlags.PFNMAP | VmaFlags.MIXEDMAP | VmaFlags.MAYBE_GUARD) || info.anonVma() != null;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** The next entries that lie on one node, as they are now that the nodes of those before have answered. */
    private static PageRuns next(Vma vma, long from, Turn turn) {
        PageRuns runs = turn.step(() -> presentOnOneNode(vma, from));
        while (runs == null) {
            turn.park(new Touching.MigrationWait());
            runs = turn.step(() -> presentOnOneNode(vma, from));
        }
        return runs;
    }

    /**
     * Present entries in a row that lie on one node; file mappings by PMD are left to faults (R3.9). Null if there are
     * migration entries before or among them: the kernel copies them, here fork waits until the folios have been split or moved.
     */
    private static PageRuns presentOnOneNode(Vma vma, long from) {
        PageRuns.Builder runs = PageRuns.builder(from == 0 ? vma.pages.runs() : 0);
        RunCursor<Pte> cursor = new RunCursor<>();
        int node = -1;
        for (long page = from; page < Long.MAX_VALUE; page = cursor.end()) {
            Pte entry = vma.pages.find(page, cursor) ? cursor.value() : null;
            if (entry == null) {
                continue;
            }
            if (entry.state() == Pte.State.MIGRATION) {
                return null;
            }
            if (!entry.isPresent() || entry.has(Pte.SPECIAL) || entry.isPmd() && !entry.isAnon()) {
                continue;
            }
            int itsNode = Frame.node(entry.frame(page));
            if (itsNode != node && !runs.isEmpty()) {
                break;
            }
            node = itsNode;
            runs.add(page, cursor.end() - page, entry);
        }
        return runs.build();
    }

    /** Entries of copies, in the order of the pages. */
    private static PageRuns copies(long start, FrameRuns frames, VmaInfo child) {
        int flags = Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.DIRTY | (child.has(VmaFlags.WRITE) ? Pte.WRITE : 0);
        PageRuns.Builder entries = PageRuns.builder();
        long at = start;
        for (int i = 0; i < frames.size(); i++) {
            entries.add(at, frames.count(i), Pte.present(at, frames.start(i), 0, flags));
            at += frames.count(i);
        }
        return entries.build();
    }

    /** What parent and child share is no longer exclusive; of private mappings, no longer writable. Within a step. */
    private static void writeProtect(Vma vma, List<PageRuns> parts, SharedEntries parents, Turn turn) {
        int clear = Pte.EXCLUSIVE | (vma.info.isCow() ? Pte.WRITE : 0);
        for (PageRuns shared : parts) {
            for (int i = 0; parents.mayHave(clear) && i < shared.size(); i++) {
                if ((shared.entry(i).flags() & clear) != 0) {
                    int last = i;
                    while (last + 1 < shared.size() && shared.start(last + 1) == shared.end(last)) {
                        last++;
                    }
                    turn.emit(new VmaEvents.FlagsChanged(shared.start(i), shared.end(last), 0, clear));
                    i = last;
                }
            }
        }
        if (!parents.has(Pte.State.SWAP)) {
            return;
        }
        PageRuns.Builder swapped = PageRuns.builder();
        vma.pages.forEach((start, count, entry) -> {
            if (entry.state() == Pte.State.SWAP && entry.has(Pte.EXCLUSIVE)) {
                swapped.add(start, count, entry.without(Pte.EXCLUSIVE));
            }
        });
        if (!swapped.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(swapped.build()));
        }
    }

    /** All the child's entries in ascending order. Within a step. */
    private static PageRuns join(Vma vma, VmaInfo child, List<PageRuns> shared, List<PageRuns> copies, Turn turn) {
        RunMap<Pte> all = new RunMap<>();
        int clear = SharedEntries.cleared(vma.info, child);
        int protection = clear & Pte.UFFD_WP;
        for (PageRuns part : shared) {
            for (int i = 0; i < part.size(); i++) {
                all.set(part.start(i), part.count(i), part.entry(i).without(clear));
            }
        }
        for (PageRuns part : copies) {
            for (int i = 0; i < part.size(); i++) {
                all.set(part.start(i), part.count(i), part.entry(i));
            }
        }
        PageRuns.Builder swapped = PageRuns.builder();
        vma.pages.forEach((start, count, entry) -> {
            switch (entry.state()) {
                case ZERO, GUARD, POISON -> addWhereNothingIs(all, start, count, entry.without(protection));
                case WP_MARKER -> {
                    if (protection == 0) {
                        addWhereNothingIs(all, start, count, entry);
                    }
                }
                case SWAP -> {
                    // What was swapped out after its mapping was copied stays mapped in the child.
                    Pte childs = entry.without(Pte.EXCLUSIVE | protection);
                    all.forEachWithGaps(start, start + count, (from, pages, copied) -> {
                        if (copied == null) {
                            swapped.add(from, pages, childs);
                        }
                    });
                }
                case PRESENT -> {
                    if (entry.has(Pte.SPECIAL)) {
                        all.set(start, count, entry);
                    }
                }
                default -> { }
            }
        });
        PageRuns duplicated = swapped.build();
        for (int i = 0; i < duplicated.size(); i++) {
            all.set(duplicated.start(i), duplicated.count(i), duplicated.entry(i));
        }
        if (!duplicated.isEmpty()) {
            SwapEntries.duplicate(duplicated, turn);
        }
        PageRuns.Builder runs = PageRuns.builder();
        all.forEach(runs::add);
        return runs.build();
    }

    /** Pages that were copied before a split found them to be zeros stay copies. */
    private static void addWhereNothingIs(RunMap<Pte> all, long start, long count, Pte entry) {
        PageRuns.Builder free = PageRuns.builder();
        all.forEachWithGaps(start, start + count, (from, pages, copied) -> {
            if (copied == null) {
                free.add(from, pages, entry);
            }
        });
        PageRuns gaps = free.build();
        for (int i = 0; i < gaps.size(); i++) {
            all.set(gaps.start(i), gaps.count(i), entry);
        }
    }
}
