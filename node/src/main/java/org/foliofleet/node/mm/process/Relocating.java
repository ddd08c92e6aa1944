package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.Relocate.Mode;
import org.foliofleet.protocol.message.Relocate.Obstacle;
import org.foliofleet.protocol.message.Relocate.Rewritten;
import org.foliofleet.protocol.message.Relocate.Undone;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.RelocationPolicies;
import org.foliofleet.protocol.policy.RelocationPolicies.MremapRelocate;
import org.foliofleet.protocol.policy.RelocationPolicies.MremapSpan;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateFailure;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateKsm;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateLargeCross;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateNonpresent;
import org.foliofleet.protocol.policy.RelocationPolicies.RelocateSharedTest;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.Mremap;
import org.foliofleet.protocol.program.MemoryCall.RelocateFlag;

/**
 * MREMAP_RELOCATE_ANON, a series of 2025 that no release has (R7.38, 17.3): before anonymous memory is moved, its folios get
 * the anon_vma and index that they would have if they had been touched at the target, so that the VMA there merges with its
 * neighbours. All that the series' debate left open is a switch of thread C.
 */
final class Relocating {
    /** What a range of a move does: whether its folios were rewritten. */
    record Part(PageRange range, boolean relocated) {}

    /**
     * What became of the wish.
     *
     * @param parts   of the range, ascending; empty if it moves as ever
     * @param anonVma of the relocated parts
     * @param error   why the move does not happen, or null
     */
    record Plan(List<Part> parts, AnonVma anonVma, Errno error) {
        static final Plan AS_EVER = new Plan(List.of(), null, null);

        Plan {
            parts = List.copyOf(parts);
        }

        private static Plan failed(boolean must) {
            return must ? new Plan(List.of(), null, Errno.EFAULT) : AS_EVER;
        }
    }

    private Relocating() {}

    private static RelocationPolicies policies(Turn turn) {
        return turn.context().settings().policies().relocation();
    }

    // -- what the call asks for ----------------------------------------------------------------------------------

    /** {@code prctl()}. */
    static CallResult setForAll(Process process, MemoryCall.RelocateMoves call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        turn.run(() -> {
            if (process.relocates != call.on()) {
                turn.emit(new MovesRelocate(call.on()));
            }
        });
        return CallResult.OK;
    }

    static Void inherit(Process process, Relocate.Inherit request, Turn turn) {
        turn.emit(new MovesRelocate(true));
        return null;
    }

    private record MovesRelocate(boolean on) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.relocates = on;
        }
    }

    /** Whether one call may move several VMAs. */
    static boolean maySpan(Turn turn) {
        RelocationPolicies policies = policies(turn);
        return policies.mremapSpan() == MremapSpan.MULTI_VMA_MOVE || policies.mremapRelocate() == MremapRelocate.LAZY_ON_SPAN;
    }

    /** A pure move of more than one VMA is refused, and noted. */
    static void noteSpan(Process process, Mremap call, Turn turn) {
        turn.run(() -> {
            VmaInfo vma = process.vmas.find(call.from().start());
            boolean refused = vma != null && call.newStart() >= 0 && call.from().count() == call.newCount() && call.from().end() > vma.end();
            count("new_user_errors", refused ? 1 : 0, turn);
        });
    }

    /** What each part of a call that spans VMAs is asked: where only one VMA can be moved, all must become one. */
    static RelocateFlag ofSpan(Mremap call, boolean spans, Turn turn) {
        boolean lazy = spans && policies(turn).mremapRelocate() == MremapRelocate.LAZY_ON_SPAN;
        return !lazy ? call.relocate() : policies(turn).mremapSpan() == MremapSpan.SINGLE_VMA ? RelocateFlag.MUST : RelocateFlag.RELOCATE;
    }

    private static boolean isWanted(Process process, Moving.Order order, Turn turn) {
        return switch (policies(turn).mremapRelocate()) {
            case OFF -> false;
            case FLAG, FLAG_MUST -> order.wish() != RelocateFlag.NONE;
            case AUTO_IF_NEIGHBOUR, AUTO_ALWAYS -> true;
            case PRCTL -> turn.step(() -> process.relocates);
            case LAZY_ON_SPAN -> order.spans();
        };
    }

    private static boolean isMust(Moving.Order order, Turn turn) {
        MremapRelocate when = policies(turn).mremapRelocate();
        return order.wish() == RelocateFlag.MUST && (when == MremapRelocate.FLAG_MUST || when == MremapRelocate.LAZY_ON_SPAN);
    }

    // -- whether it can be done ----------------------------------------------------------------------------------

    /** Rewrites the folios of a range that is about to be moved, as far as the call and the switches say. Under {@code mmap_lock}, exclusive. */
    static Plan plan(Process process, VmaInfo source, Moving.Order order, Turn turn) {
        if (order.from().isEmpty() || !isWanted(process, order, turn)) {
            return Plan.AS_EVER;
        }
        boolean must = isMust(order, turn);
        if (!source.isAnonymous() || source.has(VmaFlags.SHARED | VmaFlags.SPECIAL) || order.keep()) {
            return refused("kind", must, turn);
        }
        if (source.anonVma() == null || !turn.step(() -> isOfUse(process, source, order, turn))) {
            return Plan.AS_EVER;
        }
        String shared = sharers(process, source, turn);
        if (shared != null) {
            return refused(shared, must, turn);
        }
        boolean mergedPagesStay = policies(turn).relocateKsm() != RelocateKsm.UNMERGE_FIRST;
        if (!mergedPagesStay && !KsmMm.unmerge(process, source, order.from(), turn)) {
            return new Plan(List.of(), null, Errno.ENOMEM);
        }
        AnonVma anonVma = turn.step(() -> anonVmaThere(process, source, order, turn));
        return new Rewriting(source, order, anonVma, must, turn).run(process);
    }

    /** Whether an ordinary move does not merge, and a relocated one merges or is wanted without that. Within a step. */
    private static boolean isOfUse(Process process, VmaInfo source, Moving.Order order, Turn turn) {
        VmaInfo ordinary = Moving.copy(process, source, order.from().start(), order.target(), order.newCount());
        if (ordinary.pageOffset() == order.target() || sides(process, ordinary, turn) != VmaMerge.Sides.NONE) {
            return false;
        }
        RelocationPolicies policies = policies(turn);
        boolean alone = policies.relocateOffsetsWhenNoMerge() && policies.mremapRelocate() != MremapRelocate.AUTO_IF_NEIGHBOUR;
        return alone || order.spans() || sides(process, relocated(process, source, order), turn) != VmaMerge.Sides.NONE;
    }

    private static VmaInfo relocated(Process process, VmaInfo source, Moving.Order order) {
        return Moving.relocatedCopy(process, source, order.target(), order.newCount());
    }

    private static VmaMerge.Sides sides(Process process, VmaInfo range, Turn turn) {
        return VmaMerge.ofNew(range, process.vmas.previous(range.start()), process.vmas.findOrNext(range.end()), VmaEditing.rule(turn));
    }

    /** Why the family of the VMA forbids it, or null. */
    private static String sharers(Process process, VmaInfo source, Turn turn) {
        if (policies(turn).relocateSharedTest() != RelocateSharedTest.CHAIN_CHILDREN_MAPCOUNT) {
            return null;
        }
        if (source.anonVma().isForkChild()) {
            return "forked";
        }
        List<ProcessId> members = turn.ask(source.anonVma().root(), new AnonVmaRootCommand.Members());
        return members.size() > 1 ? "children" : null;
    }

    /** The anon_vma that the folios will belong to: that of a neighbour with which the VMA merges, or as at a first fault. Within a step. */
    private static AnonVma anonVmaThere(Process process, VmaInfo source, Moving.Order order, Turn turn) {
        VmaInfo range = relocated(process, source, order);
        VmaMerge.Sides sides = sides(process, range, turn);
        AnonVma found = sides.left() ? process.vmas.previous(range.start()).anonVma() : null;
        if (found == null && sides.right()) {
            found = process.vmas.findOrNext(range.end()).anonVma();
        }
        return found == null ? AnonVmaPreparation.choose(process, range, turn) : found;
    }

    private static Plan refused(String why, boolean must, Turn turn) {
        turn.run(() -> {
            count("relocate_refused_" + why, 1, turn);
            count("new_user_errors", must ? 1 : 0, turn);
        });
        return Plan.failed(must);
    }

    private static void count(String event, long times, Turn turn) {
        if (times > 0) {
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count(event, -1, times));
        }
    }

    // -- doing it ------------------------------------------------------------------------------------------------

    /** The walk over the range. What it remembers follows from the answers that it got. */
    private static final class Rewriting {
        private final VmaInfo source;
        private final Moving.Order order;
        private final AnonVma anonVma;
        private final boolean must;
        private final Turn turn;
        private final RelocationPolicies policies;
        private final long shift;
        private final List<Part> parts = new ArrayList<>();
        private long page;
        private long folios;
        private long visits;

        Rewriting(VmaInfo source, Moving.Order order, AnonVma anonVma, boolean must, Turn turn) {
            this.source = source;
            this.order = order;
            this.anonVma = anonVma;
            this.must = must;
            this.turn = turn;
            policies = policies(turn);
            shift = order.distance();
            page = order.from().start();
        }

        Plan run(Process process) {
            boolean checksFirst = policies.relocateFailure() == RelocateFailure.PRECHECK_THEN_COMMIT;
            turn.lock(Process.STRUCTURE_LOCK, true);
            while (page < order.from().end()) {
                Rewritten step = ask(PageRange.between(page, order.from().end()), checksFirst ? Mode.CHECK : Mode.UP_TO_OBSTACLE);
                visits += step.visits();
                folios += step.folios();
                add(step.pages(), true);
                if (step.obstacle() == null) {
                    break;
                }
                String refusal = overcome(step, checksFirst);
                if (refusal != null) {
                    return failed(refusal);
                }
            }
            if (checksFirst) {
                for (Part part : parts) {
                    folios += part.relocated() ? ask(part.range(), Mode.ALL).folios() : 0;
                }
            }
            return done(process);
        }

        private Rewritten ask(PageRange range, Mode mode) {
            return turn.ask(source.id(), new Relocate.Rewrite(range, anonVma.root(), shift, mode));
        }

        private void add(long pages, boolean relocated) {
            if (pages == 0) {
                return;
            }
            Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
            if (last != null && last.relocated() == relocated) {
                parts.set(parts.size() - 1, new Part(PageRange.between(last.range().start(), page + pages), relocated));
            } else {
                parts.add(new Part(new PageRange(page, pages), relocated));
            }
            page += pages;
        }

        /** Does away with the obstacle, or goes around it; says why not. */
        private String overcome(Rewritten met, boolean checksFirst) {
            if (met.obstacle() == Obstacle.MIGRATION) {
                boolean loses = policies.relocateNonpresent() == RelocateNonpresent.SKIP;
                // Nobody would find the entry at its new place when the folio arrives; nothing could go on then, so it is counted and waited for.
                turn.run(() -> count("rmap_stale", loses ? met.blocked() : 0, turn));
                turn.unlock(Process.STRUCTURE_LOCK);
                turn.ask(source.id(), new Userfault.AwaitMigration(page));
                again(true);
                folios = 0;
                return null;
            }
            if (met.obstacle() != Obstacle.LARGE_CROSS || policies.relocateLargeCross() == RelocateLargeCross.FAIL) {
                return met.obstacle().name().toLowerCase(Locale.ROOT);
            }
            if (policies.relocateLargeCross() == RelocateLargeCross.SKIP_KEEP_OLD_OFFSETS) {
                add(met.blocked(), false);
                return null;
            }
            turn.unlock(Process.STRUCTURE_LOCK);
            SplitOutcome outcome = split(met.entry());
            again(checksFirst);
            return outcome == SplitOutcome.SPLIT || outcome == SplitOutcome.GONE ? null : "split";
        }

        /** Walks were let in: what was only looked at may be otherwise now; what was rewritten may be so again. */
        private void again(boolean fromStart) {
            turn.lock(Process.STRUCTURE_LOCK, true);
            if (fromStart) {
                parts.clear();
                page = order.from().start();
            }
        }

        private SplitOutcome split(Pte entry) {
            return turn.ask(new NumaNodeId(Frame.node(entry.frame(page))),
                    new SplitFolio(entry.head(page), entry.order(), 0, -1, true, Unless.NEVER));
        }

        private Plan failed(String why) {
            turn.run(() -> {
                count("relocate_refused_" + why, 1, turn);
                count("new_user_errors", must ? 1 : 0, turn);
            });
            boolean any = parts.stream().anyMatch(Part::relocated);
            if (policies.relocateFailure() == RelocateFailure.PARTIAL_KEEP_PREFIX && any && !must) {
                add(order.from().end() - page, false);
                return done(null);
            }
            if (policies.relocateFailure() != RelocateFailure.PRECHECK_THEN_COMMIT && any) {
                undo();
            }
            turn.unlock(Process.STRUCTURE_LOCK);
            return Plan.failed(must);
        }

        private void undo() {
            Undone sum = new Undone(0, 0, 0);
            for (Part part : parts) {
                if (part.relocated()) {
                    Undone undone = turn.ask(source.id(), new Relocate.Undo(part.range(), source.anonVma().root(),
                            source.pageOffset() - source.start()));
                    sum = new Undone(sum.folios() + undone.folios(), sum.failed() + undone.failed(), sum.pages() + undone.pages());
                }
            }
            Undone all = sum;
            turn.run(() -> {
                count("relocate_undo", 1, turn);
                count("relocate_undo_failed", all.failed(), turn);
                count("rmap_stale", all.pages(), turn);
                count("relocate_visits", visits + all.folios() + all.failed(), turn);
            });
        }

        private Plan done(Process process) {
            turn.run(() -> {
                turn.send(anonVma.root(), new AnonVmaRootCommand.Join(source.id().process()));
                count("relocations", 1, turn);
                count("relocated_folios", folios, turn);
                count("relocate_visits", visits, turn);
            });
            return new Plan(parts, anonVma, null);
        }
    }

    /** A part that was left out moves as ever. */
    static boolean unmergeKept(Process process, PageRange part, Turn turn) {
        return policies(turn).relocateKsm() != RelocateKsm.REFUSE
                || KsmMm.unmerge(process, turn.step(() -> process.vmas.find(part.start())), part, turn);
    }

    /** Tells ksmd of KSM pages that were moved without being unmerged. */
    static void settleKsm(Process process, Moving.Order order, Plan plan, Turn turn) {
        if (policies(turn).relocateKsm() != RelocateKsm.MOVE_RMAP_ITEMS || !turn.step(() -> process.ksm)) {
            return;
        }
        for (Part part : plan.parts()) {
            VmaInfo there = turn.step(() -> process.vmas.find(part.range().start() + order.distance()));
            turn.ask(new KsmdId(), new Relocate.MoveItems(process.number(), part.range(), order.distance(), there.anonVma().root()));
        }
    }
}
