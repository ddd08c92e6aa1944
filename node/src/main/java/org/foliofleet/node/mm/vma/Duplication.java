package org.foliofleet.node.mm.vma;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Duplicated;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Duplicate;
import org.foliofleet.protocol.message.VmaCommand.SetVma;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code copy_page_range()}: what the child of a fork gets of a VMA's page tables (R3.4 to R3.11). */
final class Duplication {
    private Duplication() {}

    static Void duplicate(Vma vma, Duplicate request, Turn turn) {
        VmaInfo child = request.child();
        if (turn.step(() -> !needsCopy(vma.info) || child.has(VmaFlags.WIPEONFORK))) {
            turn.run(() -> turn.send(child.id(), new SetVma(child, PageRuns.NONE)));
            return null;
        }
        List<PageRuns> byNode = turn.step(() -> presentByNode(vma));
        List<Duplicated> answers = new ArrayList<>();
        for (PageRuns runs : byNode) {
            answers.add(turn.ask(nodeOf(runs), new NumaNodeCommand.DuplicateMappings(child.id().process(), runs, request.parentHasPinned())));
        }
        PageRuns.Builder childPages = PageRuns.builder();
        List<PageRuns> parts = new ArrayList<>();
        for (Duplicated answer : answers) {
            parts.add(answer.shared());
            PageRuns copies = answer.mustCopy();
            if (copies.isEmpty()) {
                continue;
            }
            boolean huge = false;
            for (int i = 0; i < copies.size(); i++) {
                huge |= copies.entry(i).isPmd();
            }
            if (huge) {
                turn.run(() -> {
                    for (int i = 0; i < copies.size(); i++) {
                        if (copies.entry(i).isPmd()) {
                            PmdSplit.split(vma, copies.start(i), copies.count(i), copies.entry(i), turn);
                        }
                    }
                });
            }
            FrameRuns frames = turn.ask(new NumaNodeId(request.task().cpuNode()), new NumaNodeCommand.AllocateAnon(child.id().process(),
                    child.anonVma().root(), child.pageOffsetOf(copies.start(0)), 0, copies.pages(), false, false, Purpose.FORK_COPY,
                    answer.contents()));
            parts.add(copied(copies, frames));
        }
        turn.run(() -> {
            writeProtect(vma, answers, turn);
            turn.send(child.id(), new SetVma(child, join(vma, parts, turn)));
        });
        return null;
    }

    /** {@code vma_needs_copy()}: page tables that faults can fill again are left out (R3.4). */
    private static boolean needsCopy(VmaInfo info) {
        return info.has(VmaFlags.PFNMAP | VmaFlags.MIXEDMAP) || info.anonVma() != null;
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** Present entries in runs that lie on one node each; file mappings by PMD are left to faults (R3.9). */
    private static List<PageRuns> presentByNode(Vma vma) {
        List<PageRuns> all = new ArrayList<>();
        PageRuns.Builder[] builder = {PageRuns.builder()};
        int[] node = {-1};
        vma.pages.forEach((start, count, entry) -> {
            if (!entry.isPresent() || entry.has(Pte.SPECIAL) || entry.isPmd() && !entry.isAnon()) {
                return;
            }
            int itsNode = Frame.node(entry.frame(start));
            if (itsNode != node[0] && !builder[0].isEmpty()) {
                all.add(builder[0].build());
                builder[0] = PageRuns.builder();
            }
            node[0] = itsNode;
            builder[0].add(start, count, entry);
        });
        if (!builder[0].isEmpty()) {
            all.add(builder[0].build());
        }
        return all;
    }

    /** Entries of the copies that were made at once because the pages are pinned. */
    private static PageRuns copied(PageRuns copies, FrameRuns frames) {
        PageRuns.Builder entries = PageRuns.builder();
        int run = 0;
        long used = 0;
        for (int i = 0; i < copies.size(); i++) {
            for (long at = copies.start(i); at < copies.end(i);) {
                long count = Math.min(copies.end(i) - at, frames.count(run) - used);
                entries.add(at, count, Pte.present(at, frames.start(run) + used, 0,
                        Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.DIRTY | (copies.entry(i).flags() & Pte.WRITE)));
                at += count;
                used += count;
                if (used == frames.count(run)) {
                    run++;
                    used = 0;
                }
            }
        }
        return entries.build();
    }

    /** What parent and child share is no longer exclusive; of private mappings, no longer writable. Within a step. */
    private static void writeProtect(Vma vma, List<Duplicated> answers, Turn turn) {
        int clear = Pte.EXCLUSIVE | (vma.info.isCow() ? Pte.WRITE : 0);
        for (Duplicated answer : answers) {
            PageRuns shared = answer.shared();
            for (int i = 0; i < shared.size(); i++) {
                if ((shared.entry(i).flags() & clear) != 0) {
                    turn.emit(new VmaEvents.FlagsChanged(shared.start(i), shared.end(i), 0, clear));
                }
            }
        }
        vma.pages.forEach((start, count, entry) -> {
            if (entry.state() == Pte.State.SWAP && entry.has(Pte.EXCLUSIVE)) {
                turn.emit(new VmaEvents.EntrySet(start, count, entry.without(Pte.EXCLUSIVE)));
            }
        });
    }

    /** All the child's entries in ascending order. Within a step. */
    private static PageRuns join(Vma vma, List<PageRuns> parts, Turn turn) {
        org.foliofleet.node.mm.collection.RunMap<Pte> all = new org.foliofleet.node.mm.collection.RunMap<>();
        boolean cow = vma.info.isCow();
        for (PageRuns part : parts) {
            for (int i = 0; i < part.size(); i++) {
                Pte entry = part.entry(i);
                if (!isFresh(entry, vma, part.start(i))) {
                    entry = entry.without(Pte.YOUNG | Pte.EXCLUSIVE | (cow ? Pte.WRITE : Pte.DIRTY));
                }
                all.set(part.start(i), part.count(i), entry);
            }
        }
        PageRuns.Builder swapped = PageRuns.builder();
        vma.pages.forEach((start, count, entry) -> {
            switch (entry.state()) {
                case ZERO, GUARD, POISON -> all.set(start, count, entry);
                case SWAP -> {
                    Pte shared = entry.without(Pte.EXCLUSIVE);
                    swapped.add(start, count, shared);
                    all.set(start, count, shared);
                }
                case MIGRATION -> throw new UnsupportedOperationException("fork meets a migration entry");
                default -> { }
            }
        });
        if (!swapped.isEmpty()) {
            SwapEntries.duplicate(swapped.build(), turn);
        }
        PageRuns.Builder runs = PageRuns.builder();
        all.forEach(runs::add);
        return runs.build();
    }

    private static boolean isFresh(Pte entry, Vma vma, long page) {
        Pte parents = vma.pages.get(page);
        return parents == null || parents.delta() != entry.delta();
    }
}
