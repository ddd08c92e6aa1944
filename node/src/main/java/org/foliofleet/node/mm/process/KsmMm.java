package org.foliofleet.node.mm.process;

import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Found;
import org.foliofleet.protocol.message.Ksm.Listed;
import org.foliofleet.protocol.message.Ksm.Merge;
import org.foliofleet.protocol.message.Ksm.Merged;
import org.foliofleet.protocol.message.Ksm.PageRun;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** KSM and a process's VMAs: {@code ksm_madvise()}, and what ksmd asks of an mm, mm/ksm.c (R12.1, R12.7). */
final class KsmMm {
    /** VMAs that are never merged: {@code vma_ksm_compatible()}. */
    private static final long INCOMPATIBLE = VmaFlags.SHARED | VmaFlags.MAYSHARE | VmaFlags.SPECIAL | VmaFlags.DROPPABLE;

    private KsmMm() {}

    // -- system calls --------------------------------------------------------------------------------------------

    static CallResult advise(Process process, VmaInfo vma, PageRange part, Advice advice, Turn turn) {
        if (advice == Advice.MERGEABLE) {
            if (vma.has(VmaFlags.MERGEABLE | INCOMPATIBLE)) {
                return CallResult.OK;
            }
            turn.run(() -> enter(process, turn));
            return AdviceFlags.change(process, vma, part, vma.flags() | VmaFlags.MERGEABLE, turn);
        }
        if (!vma.has(VmaFlags.MERGEABLE)) {
            return CallResult.OK;
        }
        if (!unmerge(process, vma, part, turn)) {
            return new CallResult.Failed(Errno.ENOMEM);
        }
        return AdviceFlags.change(process, vma, part, vma.flags() & ~VmaFlags.MERGEABLE, turn);
    }

    /** {@code ksm_madvise(MADV_UNMERGEABLE)} without the flag; false if memory gave out. */
    static boolean unmerge(Process process, VmaInfo vma, PageRange part, Turn turn) {
        if (!vma.has(VmaFlags.MERGEABLE) || vma.anonVma() == null || part.isEmpty()) {
            return true;
        }
        TaskContext task = turn.step(() -> process.task);
        return turn.ask(vma.id(), new Ksm.BreakPages(part, task));
    }

    /** {@code __ksm_enter()}. Within a step. */
    private static void enter(Process process, Turn turn) {
        if (!process.ksm) {
            turn.emit(new KnownToKsm(true));
            turn.send(new KsmdId(), new Ksm.Enter(process.number()));
        }
    }

    static Void enlist(Process process, Ksm.Enlist request, Turn turn) {
        enter(process, turn);
        return null;
    }

    /** {@code ksm_exit()}: before the memory goes. */
    static void leave(Process process, Turn turn) {
        if (turn.step(() -> process.ksm)) {
            turn.ask(new KsmdId(), new Ksm.Leave(process.number()));
            turn.run(() -> turn.emit(new KnownToKsm(false)));
        }
    }

    // -- for ksmd ------------------------------------------------------------------------------------------------

    static Found nextPages(Process process, Ksm.NextPages request, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        long from = request.from();
        boolean mergeable = false;
        while (true) {
            long at = from;
            VmaInfo vma = turn.step(() -> process.alive ? nextMergeable(process, at) : null);
            if (vma == null) {
                boolean any = mergeable;
                turn.run(() -> {
                    if (!any && !request.seen() && process.ksm && process.alive) {
                        turn.emit(new KnownToKsm(false));
                    }
                });
                return new Found(List.of(), null, -1, mergeable);
            }
            mergeable = true;
            from = vma.end();
            if (vma.anonVma() != null) {
                Listed listed = turn.ask(vma.id(), new Ksm.ListPages(PageRange.between(Math.max(at, vma.start()), vma.end())));
                if (!listed.pages().isEmpty()) {
                    return new Found(listed.pages(), vma.anonVma().root(), listed.next(), true);
                }
            }
        }
    }

    private static VmaInfo nextMergeable(Process process, long from) {
        VmaInfo vma = process.vmas.findOrNext(from);
        while (vma != null && !vma.has(VmaFlags.MERGEABLE)) {
            vma = process.vmas.next(vma);
        }
        return vma;
    }

    /** {@code find_mergeable_vma()}. Within a step. */
    private static VmaInfo mergeable(Process process, long page) {
        VmaInfo vma = process.alive ? process.vmas.find(page) : null;
        return vma != null && vma.has(VmaFlags.MERGEABLE) && vma.anonVma() != null ? vma : null;
    }

    static PageRun peek(Process process, Ksm.Peek request, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        VmaInfo vma = turn.step(() -> mergeable(process, request.page()));
        if (vma == null) {
            return null;
        }
        List<PageRun> pages = turn.ask(vma.id(), new Ksm.ListPages(new PageRange(request.page(), 1))).pages();
        return pages.isEmpty() ? null : pages.get(0);
    }

    /** {@code try_to_merge_one_page()}: splits the folio, then keeps accesses and walks out while entries change. */
    static Merged merge(Process process, Merge merge, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        VmaInfo vma = turn.step(() -> mergeable(process, merge.page()));
        if (vma == null) {
            return new Merged(false, false, null);
        }
        Merged failed = new Merged(false, true, null);
        List<PageRun> pages = turn.ask(vma.id(), new Ksm.ListPages(new PageRange(merge.page(), 1))).pages();
        if (pages.isEmpty() || pages.get(0).frame() != merge.frame()) {
            return failed;
        }
        int order = pages.get(0).order();
        if (order > 0) {
            long head = Frame.head(merge.frame(), order);
            SplitOutcome outcome = turn.ask(new NumaNodeId(Frame.node(head)), new SplitFolio(head, order, 0, -1, false, Unless.NEVER));
            if (outcome != SplitOutcome.SPLIT) {
                return failed;
            }
        }
        turn.lock(Process.STRUCTURE_LOCK, true);
        boolean done = turn.ask(vma.id(), new Ksm.MergeEntry(merge));
        return done ? new Merged(true, true, vma.anonVma().root()) : failed;
    }

    static Void breakCow(Process process, Ksm.Break request, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        VmaInfo vma = turn.step(() -> mergeable(process, request.page()));
        if (vma != null) {
            unmerge(process, vma, new PageRange(request.page(), 1), turn);
        }
        return null;
    }

    /** {@code rmap_walk_ksm()} at one address. */
    static RmapWalk.Result walk(Process process, Ksm.AtAddress request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        VmaInfo vma = turn.step(() -> process.vmas.find(request.page()));
        if (vma == null || vma.anonVma() == null || !vma.anonVma().root().equals(request.root())) {
            return RmapWalk.Result.NOTHING;
        }
        RmapWalk walk = request.walk();
        return turn.ask(vma.id(), new RmapWalk.AtVma(new RmapWalk(request.root().key(), walk.frame(), walk.pages(), walk.order(),
                vma.pageOffsetOf(request.page()) - walk.frame(), walk.action())));
    }

    /** MMF_VM_MERGEABLE. */
    private record KnownToKsm(boolean known) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.ksm = known;
        }
    }
}
