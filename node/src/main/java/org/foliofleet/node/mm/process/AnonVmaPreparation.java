package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.ProcessCommand.PrepareAnonVma;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code __anon_vma_prepare()} and {@code find_mergeable_anon_vma()} (R6.1). */
final class AnonVmaPreparation {
    private AnonVmaPreparation() {}

    static AnonVma prepare(Process process, PrepareAnonVma request, Turn turn) {
        VmaInfo vma = process.vmas.find(request.start());
        if (vma == null || !vma.id().equals(request.vma())) {
            throw new InvariantViolation(process.id() + ": " + request.vma() + " is not at page " + request.start() + ", there is " + vma);
        }
        return prepare(process, vma, turn);
    }

    /** The VMA's anon_vma; a neighbour's or a new one if it has none yet. Within a step. */
    static AnonVma prepare(Process process, VmaInfo vma, Turn turn) {
        if (vma.anonVma() != null) {
            return vma.anonVma();
        }
        AnonVma anonVma = choose(process, vma, turn);
        turn.emit(new ProcessEvents.VmaChanged(vma, vma.withAnonVma(anonVma)));
        KhugepagedMm.enter(process, vma.withAnonVma(anonVma), turn);
        turn.send(anonVma.root(), new AnonVmaRootCommand.Join(process.number()));
        return anonVma;
    }

    /** The anon_vma of a neighbour of this range, or a new one, which nobody has joined yet. Within a step. */
    static AnonVma choose(Process process, VmaInfo range, Turn turn) {
        AnonVma anonVma = reusable(range, process.vmas.findOrNext(range.end()), true);
        if (anonVma == null) {
            anonVma = reusable(range, process.vmas.previous(range.start()), false);
        }
        if (anonVma == null) {
            int serial = process.nextRoot;
            turn.emit(new ProcessEvents.RootNamed(serial));
            anonVma = AnonVma.newRoot(new AnonVmaRootId(process.number(), serial));
        }
        return anonVma;
    }

    /** {@code anon_vma_compatible()} and a chain of one: the neighbour's anon_vma, or null. */
    private static AnonVma reusable(VmaInfo vma, VmaInfo neighbour, boolean isNext) {
        if (neighbour == null || neighbour.anonVma() == null || neighbour.anonVma().isForkChild()) {
            return null;
        }
        boolean touching = isNext ? vma.end() == neighbour.start() : neighbour.end() == vma.start();
        boolean continuous = isNext ? vma.pageOffset() + vma.pages() == neighbour.pageOffset()
                : neighbour.pageOffset() + neighbour.pages() == vma.pageOffset();
        boolean sameFlags = ((vma.flags() ^ neighbour.flags()) & ~(VmaFlags.ACCESS | VmaFlags.MAYBE_GUARD)) == 0;
        return touching && continuous && sameFlags && vma.sameObjectAndPolicy(neighbour) ? neighbour.anonVma() : null;
    }
}
