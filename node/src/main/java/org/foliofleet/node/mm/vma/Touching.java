package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.Access;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaCommand.Touch;
import org.foliofleet.protocol.message.VmaCommand.Touched;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * Loads and stores, and the faults they take: {@code handle_mm_fault()}, {@code handle_pte_fault()}, mm/memory.c (R2.1).
 *
 * <p>Pages are accessed in ascending order. What the entries permit is done at once for whole runs; at the first page that
 * they do not permit, a fault is resolved for as many pages as have the same outcome one by one.
 */
final class Touching {
    /** Faults after which the flight goes on with an empty log, so that long ranges do not grow it. */
    private static final int FAULTS_PER_FLIGHT = 32;

    /**
     * Where the access stands.
     *
     * @param page  first page that needs a fault, or the end
     * @param entry what it has, or null
     * @param until the run of pages that have the same entry ends here, at the latest at the end of the access
     */
    record Stop(long page, Pte entry, long until) {}

    private Touching() {}

    static Touched touch(Vma vma, Touch touch, Turn turn) {
        long page = touch.range().start();
        long end = touch.range().end();
        boolean write = touch.access() == Access.WRITE;
        FaultError refusal = turn.step(() -> vma.unstable ? FaultError.OOM : mayAccess(vma, touch.access()) ? null : FaultError.SIGSEGV);
        if (refusal != null) {
            return new Touched(page, refusal, touch.faults());
        }
        for (int faults = 0;; faults++) {
            long from = page;
            Stop stop = turn.step(() -> access(vma, from, end, touch, turn));
            page = stop.page();
            if (page == end) {
                return new Touched(end, null, touch.faults() + faults);
            }
            if (faults == FAULTS_PER_FLIGHT) {
                return turn.continueAs(new Touch(PageRange.between(page, end), touch.access(), touch.task(), touch.content(),
                        touch.faults() + faults));
            }
            Fault fault = new Fault(vma, page, stop.until(), end, write, false, touch.task(), stop.entry());
            FaultError error = resolve(fault, turn);
            if (error != null) {
                return new Touched(page, error, touch.faults() + faults + 1);
            }
        }
    }

    private static boolean mayAccess(Vma vma, Access access) {
        long flags = vma.info.flags();
        return switch (access) {
            case WRITE -> (flags & VmaFlags.WRITE) != 0;
            case EXECUTE -> (flags & VmaFlags.EXEC) != 0;
            case READ -> (flags & VmaFlags.ACCESS) != 0;
        };
    }

    /** Resolves the fault, or says why it can not be; faults for userfaultfd are counted. */
    static FaultError resolve(Fault fault, Turn turn) {
        FaultError error = handle(fault, turn);
        if (error != null && error.isUserfault()) {
            turn.run(() -> Charges.userfault(error, turn));
        }
        return error;
    }

    /** {@code handle_pte_fault()}: who resolves the fault. */
    private static FaultError handle(Fault fault, Turn turn) {
        Pte entry = fault.entry();
        if (fault.write() && !fault.unshare() && entry != null && (entry.isPresent() || entry.state() == Pte.State.ZERO)
                && turn.step(() -> UserfaultProtection.isNotified(fault.vma().info, entry))) {
            return FaultError.UFFD_WP;
        }
        if (entry == null) {
            if (fault.vma().info().has(VmaFlags.PFNMAP | VmaFlags.MIXEDMAP)) {
                return SpecialFault.resolve(fault, turn);
            }
            return fault.vma().info().isAnonymous() ? AnonFault.resolve(fault, turn) : FileFault.resolve(fault, turn);
        }
        if (entry.has(Pte.NUMA_HINT)) {
            return HintFault.resolve(fault, turn);
        }
        return switch (entry.state()) {
            case PRESENT, ZERO -> WriteFault.resolve(fault, turn);
            case SWAP -> SwapFault.resolve(fault, turn);
            case MIGRATION -> {
                turn.park(new MigrationWait());
                yield null;
            }
            case GUARD -> FaultError.SIGSEGV;
            case POISON -> FaultError.SIGBUS;
            case WP_MARKER -> fault.vma().info().isAnonymous() ? MarkerFault.resolve(fault, turn) : FileFault.resolve(fault, turn);
        };
    }

    /** What flights wait for that met a migration entry. */
    record MigrationWait() {}

    /** Accesses what may be accessed from {@code from} on; stops at the first page that may not. */
    private static Stop access(Vma vma, long from, long end, Touch touch, Turn turn) {
        boolean write = touch.access() == Access.WRITE;
        PageRuns.Builder stored = PageRuns.builder();
        int node = -1;
        long page = from;
        Stop stop = null;
        while (page < end) {
            Pte entry = vma.pages.get(page);
            long until = Math.min(end, vma.pages.runEnd(page));
            if (!permits(entry, write)) {
                stop = new Stop(page, entry, until);
                break;
            }
            markAccessed(vma, page, until, entry, write, turn);
            if (write && !entry.has(Pte.SPECIAL)) {
                int itsNode = Frame.node(entry.frame(page));
                if (itsNode != node && !stored.isEmpty()) {
                    store(node, stored.build(), touch, turn);
                    stored = PageRuns.builder();
                }
                node = itsNode;
                stored.add(page, until - page, entry);
            }
            page = until;
        }
        if (!stored.isEmpty()) {
            store(node, stored.build(), touch, turn);
        }
        return stop == null ? new Stop(end, null, end) : stop;
    }

    private static void store(int node, PageRuns runs, Touch touch, Turn turn) {
        if (touch.content() != null) {
            turn.send(new NumaNodeId(node), new NumaNodeCommand.StoreContents(runs, touch.content().tag(), touch.content().same()));
        }
    }

    private static boolean permits(Pte entry, boolean write) {
        if (entry == null || entry.has(Pte.NUMA_HINT)) {
            return false;
        }
        return switch (entry.state()) {
            case PRESENT -> !write || entry.has(Pte.WRITE);
            case ZERO -> !write;
            default -> false;
        };
    }

    private static void markAccessed(Vma vma, long page, long until, Pte entry, boolean write, Turn turn) {
        int set = write ? Pte.YOUNG | Pte.DIRTY : Pte.YOUNG;
        if ((entry.flags() & set) == set) {
            return;
        }
        long start = page;
        long end = until;
        if (entry.isPmd()) {
            start = PageOrder.alignDown(page, PageOrder.PMD);
            end = PageOrder.alignUp(until, PageOrder.PMD);
        }
        turn.emit(new VmaEvents.FlagsChanged(start, end, set, 0));
    }
}
