package org.foliofleet.node.trace;

import java.util.TreeMap;

/**
 * The faults of an address space that may not have been resolved yet.
 *
 * <p>A fault is recorded when it is taken. Until its page is mapped, others that touch the page fault as well, and a
 * recording shows a fault on a page that a model resolving one fault after the other has mapped already. A fault is in
 * flight until the next line of its thread, but not longer than resolving one can take.
 */
final class FaultsInFlight {
    /** What allocating and clearing a page takes at most, with time for a slow virtual machine. */
    private static final long SMALL_NANOS = 50_000;
    /** The same for 2 MiB. */
    private static final long HUGE_NANOS = 10_000_000;
    private static final long WINDOW = 16;
    private static final long BLOCK = 512;

    private record InFlight(TraceEvent.Fault fault, boolean huge) {}

    private final TreeMap<Integer, InFlight> byThread = new TreeMap<>();

    /** The model resolved this fault; {@code huge} if with a huge page. */
    void began(TraceEvent.Fault fault, boolean huge) {
        byThread.put(fault.stamp().tid(), new InFlight(fault, huge));
    }

    /** The thread went on to something else than a fault. */
    void ended(int thread) {
        byThread.remove(thread);
    }

    void clear() {
        byThread.clear();
    }

    /** Whether the fault may have been taken before another one that covers its page was resolved. */
    boolean overlaps(TraceEvent.Fault fault) {
        for (InFlight other : byThread.values()) {
            if (covers(other, fault)) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(InFlight other, TraceEvent.Fault fault) {
        long page = fault.address() >>> 12;
        long otherPage = other.fault.address() >>> 12;
        if (other.fault.stamp().tid() == fault.stamp().tid()) {
            // With page faults disabled the kernel gives up a fault, and takes it again where it may resolve it.
            return other.fault.kernel() && fault.kernel() && page == otherPage
                    && other.fault.errorCode() == fault.errorCode();
        }
        long elapsed = fault.stamp().nanos() - other.fault.stamp().nanos();
        boolean samePages = page == otherPage || !other.fault.write() && page / WINDOW == otherPage / WINDOW;
        return elapsed <= SMALL_NANOS && samePages
                || elapsed <= HUGE_NANOS && other.huge && page / BLOCK == otherPage / BLOCK;
    }
}
