package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.Straddling;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies;
import org.foliofleet.protocol.policy.MlockPolicies.SplitShape;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitFolioPolicy;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.Errno;

/**
 * What becomes of large anonymous folios across a new boundary between VMAs: switch vma_split_folio_policy. The kernel leaves
 * them as they are (R8.9). Under {@code mmap_lock}, exclusive.
 */
final class BoundaryFolios {
    /** What a caller sleeps before it tries again: a tick of the kernel at 250 Hz. */
    private static final long RETRY_NANOS = 4_000_000;

    private BoundaryFolios() {}

    /** Whether such a call looks at folios at all; it does not by default. */
    static boolean concerns(VmaSplitTrigger trigger, Turn turn) {
        MlockPolicies policies = turn.context().settings().policies().mlock();
        return policies.vmaSplitFolioPolicy() != VmaSplitFolioPolicy.NONE && trigger != null && policies.vmaSplitTriggers().contains(trigger);
    }

    /**
     * A part of a VMA got other attributes.
     *
     * @param whole the VMA as it was
     * @param part  what was changed of it
     * @return why the call fails after all, and nothing has changed; or null
     */
    static Errno afterChange(Process process, VmaInfo whole, PageRange part, VmaSplitTrigger trigger, Turn turn) {
        if (!concerns(trigger, turn)) {
            return null;
        }
        List<Long> cuts = new ArrayList<>();
        if (part.start() > whole.start()) {
            cuts.add(part.start());
        }
        if (part.end() < whole.end()) {
            cuts.add(part.end());
        }
        Errno refused = split(process, cuts, turn);
        if (refused != null) {
            VmaInfo changed = turn.step(() -> process.vmas.find(part.start()));
            VmaEditing.modify(process, changed, part, changed.withFlags(whole.flags()).withPolicy(whole.policy(), whole.homeNode()), turn);
        }
        return refused;
    }

    /** A part of a VMA is about to move elsewhere: why it can not, or null. */
    static Errno beforeMove(Process process, VmaInfo source, PageRange part, Turn turn) {
        if (!concerns(VmaSplitTrigger.MREMAP, turn)) {
            return null;
        }
        List<Long> cuts = new ArrayList<>();
        for (long end : new long[] {part.start(), part.end()}) {
            if (end > source.start() && end < source.end()) {
                cuts.add(end);
            }
        }
        return split(process, cuts, turn);
    }

    /**
     * VMAs were cut at these pages, and have equal attributes on both sides.
     *
     * @return why the call fails after all, and the VMAs are one again; or null
     */
    static Errno afterCuts(Process process, List<Long> cuts, VmaSplitTrigger trigger, Turn turn) {
        if (!concerns(trigger, turn)) {
            return null;
        }
        Errno refused = split(process, cuts, turn);
        if (refused != null) {
            for (long cut : cuts) {
                VmaInfo after = turn.step(() -> process.vmas.find(cut));
                VmaEditing.modify(process, after, PageRange.between(after.start(), after.end()), after, turn);
            }
        }
        return refused;
    }

    private static Errno split(Process process, List<Long> cuts, Turn turn) {
        MlockPolicies policies = turn.context().settings().policies().mlock();
        for (long cut : cuts) {
            for (Straddling folio : straddling(process, cut, turn)) {
                if (policies.vmaSplitFolioPolicy() == VmaSplitFolioPolicy.QUEUE_DEFERRED) {
                    turn.ask(nodeOf(folio), new FolioCommand.QueueForSplit(folio.head(), folio.order()));
                    continue;
                }
                SplitOutcome outcome = attempts(folio, policies, turn);
                Errno error = error(policies.vmaSplitFolioPolicy());
                if (outcome == SplitOutcome.PINNED && error != null) {
                    turn.run(() -> turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("new_user_errors", -1, 1)));
                    return error;
                }
            }
        }
        return null;
    }

    /** How a call fails if a folio is pinned, or null. */
    private static Errno error(VmaSplitFolioPolicy policy) {
        return switch (policy) {
            case FAIL_ON_PINNED -> Errno.EAGAIN;
            case FAIL_ON_PINNED_EBUSY -> Errno.EBUSY;
            default -> null;
        };
    }

    /** The folios across the page, of the VMAs on both sides. */
    static Set<Straddling> straddling(Process process, long cut, Turn turn) {
        Set<Straddling> folios = new LinkedHashSet<>();
        for (long page = cut - 1; page <= cut; page++) {
            long side = page;
            VmaInfo vma = turn.step(() -> process.vmas.find(side));
            if (vma != null) {
                folios.addAll(turn.ask(vma.id(), new VmaCommand.FindStraddling(cut)));
            }
        }
        return folios;
    }

    private static SplitOutcome attempts(Straddling folio, MlockPolicies policies, Turn turn) {
        SplitOutcome outcome = attempt(folio, policies.splitShape(), turn);
        for (int tries = 1; tries < policies.splitRetries() && outcome != SplitOutcome.SPLIT && outcome != SplitOutcome.GONE; tries++) {
            long ticks = Math.max(1, RETRY_NANOS / turn.context().settings().tickNanos());
            turn.sleepUntil(turn.step(() -> turn.tick() + ticks));
            outcome = attempt(folio, policies.splitShape(), turn);
        }
        return outcome;
    }

    /** A split at the boundary, or into single pages where the switch split_shape or the swap cache want it so. */
    static SplitOutcome attempt(Straddling folio, SplitShape shape, Turn turn) {
        if (shape == SplitShape.NONUNIFORM_AT_BOUNDARY) {
            int largest = Integer.numberOfTrailingZeros(folio.pages());
            SplitOutcome outcome = turn.ask(nodeOf(folio), new SplitFolio(folio.head(), folio.order(), largest == 1 ? 0 : largest,
                folio.pages(), false, Unless.NEVER));
            if (outcome != SplitOutcome.INVALID) {
                return outcome;
            }
        }
        return turn.ask(nodeOf(folio), new SplitFolio(folio.head(), folio.order(), 0, -1, false, Unless.NEVER));
    }

    private static NumaNodeId nodeOf(Straddling folio) {
        return new NumaNodeId(Frame.node(folio.head()));
    }
}
