package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.vma.ThpEligibility;
import org.foliofleet.protocol.id.OwnerId.KhugepagedId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Outcome;
import org.foliofleet.protocol.message.Collapse.Passed;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Collapse.ScannedMm;
import org.foliofleet.protocol.message.VmaInfo;

/** What khugepaged knows of a process and does with it: {@code khugepaged_enter_vma()}, {@code khugepaged_scan_mm_slot()} (R9.1). */
final class KhugepagedMm {
    /** Blocks after which the pass goes on with an empty log. */
    private static final int BLOCKS_PER_FLIGHT = 64;

    /** Where the pass goes on: the next block of a VMA, or nothing; and VMAs that were passed over. */
    private record Next(long block, long skipped) {}

    private KhugepagedMm() {}

    /**
     * khugepaged learns of the process with the first VMA that it could work on: here when the VMA gets its anon_vma, is
     * advised, or is new or grown by a merge. Within a step.
     */
    static void enter(Process process, VmaInfo vma, Turn turn) {
        KernelSettings settings = turn.context().settings();
        if (!process.khugepaged && settings.isPmdEnabled() && ThpEligibility.isCollapsible(vma, settings, process.task.thp(), false)) {
            enter(process, turn);
        }
    }

    private static void enter(Process process, Turn turn) {
        turn.emit(new Entered());
        list(process, turn);
    }

    /** Tells the daemon, where there is one. Within a step. */
    private static void list(Process process, Turn turn) {
        if (process.khugepaged && !process.listed && turn.context().settings().khugepaged().run()) {
            turn.emit(new Listed(true));
            turn.send(new KhugepagedId(), new Collapse.Listed(process.number()));
        }
    }

    static Void register(Process process, Collapse.Register register, Turn turn) {
        if (process.alive) {
            list(process, turn);
        }
        return null;
    }

    static Void inherit(Process process, Collapse.Enter enter, Turn turn) {
        enter(process, turn);
        return null;
    }

    /** {@code khugepaged_exit()}: before {@code mmap_lock} is taken, as a scan that is under way may need it. */
    static void leave(Process process, Turn turn) {
        if (turn.step(() -> process.listed)) {
            turn.ask(new KhugepagedId(), new Collapse.Leave(process.number()));
            turn.run(() -> turn.emit(new Listed(false)));
        }
    }

    /** The daemon's scan; a process whose {@code mmap_lock} somebody else holds is passed over. */
    static ScannedMm scan(Process process, Collapse.ScanMm scan, Turn turn) {
        if (!turn.tryLock(Process.MMAP_LOCK, false)) {
            return new ScannedMm(-1, 0, 0, null);
        }
        turn.unlock(Process.MMAP_LOCK);
        long collapsed = 0;
        long progress = 1;
        long from = scan.from();
        Result last = null;
        for (int blocks = 0;; blocks++) {
            long at = from;
            Next next = turn.step(() -> process.alive ? next(process, at, turn) : new Next(-1, 0));
            progress += next.skipped();
            if (next.block() < 0) {
                return new ScannedMm(-1, progress, collapsed, last);
            }
            if (progress >= scan.pages() || blocks == BLOCKS_PER_FLIGHT || last == Result.ALLOC_HUGE_PAGE_FAIL) {
                return new ScannedMm(next.block(), progress, collapsed, last);
            }
            last = turn.ask(process.id(), new Collapse.Block(next.block(), scan.limits(), 0)).result();
            collapsed += last == Result.SUCCEED ? 1 : 0;
            from = next.block() + PageOrder.PMD_PAGES;
            progress += PageOrder.PMD_PAGES;
        }
    }

    static Passed pass(Process process, Collapse.Pass pass, Turn turn) {
        if (turn.step(() -> !process.khugepaged)) {
            return new Passed(pass.collapsed(), pass.progress());
        }
        Limits limits = pass.limits();
        long collapsed = pass.collapsed();
        long progress = pass.progress();
        long from = pass.from();
        for (int blocks = 0;; blocks++) {
            long at = from;
            Next next = turn.step(() -> next(process, at, turn));
            progress += next.skipped();
            if (next.block() < 0 || progress >= pass.budget()) {
                return new Passed(collapsed, progress);
            }
            if (blocks == BLOCKS_PER_FLIGHT) {
                return turn.continueAs(new Collapse.Pass(limits, next.block(), collapsed, progress, pass.budget()));
            }
            Outcome outcome = turn.ask(process.id(), new Collapse.Block(next.block(), limits, 0));
            collapsed += outcome.result() == Result.SUCCEED ? 1 : 0;
            from = next.block() + PageOrder.PMD_PAGES;
            progress += PageOrder.PMD_PAGES;
        }
    }

    private static Next next(Process process, long from, Turn turn) {
        long skipped = 0;
        long at = from;
        while (true) {
            VmaInfo vma = process.vmas.findOrNext(at);
            if (vma == null) {
                return new Next(-1, skipped);
            }
            long block = PageOrder.alignUp(Math.max(at, vma.start()), PageOrder.PMD);
            boolean eligible = ThpEligibility.isCollapsible(vma, turn.context().settings(), process.task.thp(), false);
            if (eligible && block + PageOrder.PMD_PAGES <= vma.end()) {
                return new Next(block, skipped);
            }
            skipped += eligible ? 0 : 1;
            at = vma.end();
        }
    }

    /** Whether the daemon has the process in its list. */
    private record Listed(boolean listed) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.listed = listed;
        }
    }

    /** khugepaged knows the process now. */
    private record Entered() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.khugepaged = true;
        }
    }
}
