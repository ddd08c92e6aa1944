package org.foliofleet.node.trace;

import java.util.SplittableRandom;
import org.foliofleet.node.trace.TraceTarget.Access;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Protection;

/**
 * Compares recorded faults with the model.
 *
 * <p>Every recorded fault is one access; the model agrees if it faults there too, be it that the fault ends in a
 * signal, or that it is one of several taken at once, of which the model resolved the first (see
 * {@link FaultsInFlight}). A model that faulted always would agree always, so after each fault the same page,
         and one drawn from those
 * faulted earlier that nothing has touched since, are read again: a fault there is harmless to the program but one that
 * the kernel did not take.
 */
final class FaultScore {
    private static final long STACK_LIMIT = 2048;
    private static final long USER_PAGES = 1L << 35;

    private final TraceTarget target;
    private final Mapper mapper;
    private final SplittableRandom random;

    FaultScore(TraceTarget target, Mapper mapper, long seed) {
        this.target = target;
        this.mapper = mapper;
        this.random = new SplittableRandom(seed);
    }

    void fault(TraceProcess process, TraceEvent.Fault fault) {
        process.recordedFaults++;
        TraceSpace space = process.space;
        long page = fault.address() >>> 12;
        if (page >= USER_PAGES) {
            process.agreedFaults++; // no process can map it, so every access faults
            process.signalFaults++;
            return;
        }
        if (!space.known.contains(page) && !mapper.grow(space, page, STACK_LIMIT)) {
            mapper.assume(space, new PageRange(page, 1), new Protection(true, true, fault.instruction()));
        }
        long hugeBefore = space.concurrent ? target.memory(space.id).anonHugeKb() : 0;
        boolean copies = space.isForked() && fault.write() && (fault.errorCode() & 1) != 0;
        CopyOnWrite before = copies ? target.copyOnWrite() : null;
        Access access = target.access(space.id, page, fault.write(), fault.instruction());
        if (copies) {
            process.copyOnWrite = process.copyOnWrite.and(target.copyOnWrite().since(before));
        }
        if (access != Access.NONE) {
            process.agreedFaults++;
            space.inFlight.began(fault, space.concurrent && target.memory(space.id).anonHugeKb() > hugeBefore);
        } else if (space.inFlight.overlaps(fault)) {
            process.agreedFaults++;
            process.overlappingFaults++;
            space.inFlight.ended(fault.stamp().tid());
        } else {
            process.disagreements.merge(kind(fault), 1L, Long::sum);
            space.inFlight.ended(fault.stamp().tid());
        }
        if (access == Access.SIGNAL) {
            process.signalFaults++;
            space.faulted.remove(page);
        } else {
            readAgain(process, page);
            space.faulted.add(page);
        }
        long earlier = space.faulted.draw(random);
        if (earlier >= 0) {
            readAgain(process, earlier);
        }
    }

    private void readAgain(TraceProcess process, long page) {
        if (target.access(process.space.id, page, false, false) != Access.NONE) {
            process.harmlessFaults++;
        }
    }

    private static String kind(TraceEvent.Fault fault) {
        return ((fault.errorCode() & 1) != 0 ? "protection fault" : "page not present")
                + (fault.write() ? ", write" : fault.instruction() ? ", instruction fetch" : ", read")
                + (fault.kernel() ? " by the kernel" : "");
    }
}
