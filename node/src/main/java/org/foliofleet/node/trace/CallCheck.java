package org.foliofleet.node.trace;

import static org.foliofleet.node.trace.SyscallTable.BRK;
import static org.foliofleet.node.trace.SyscallTable.MADVISE;
import static org.foliofleet.node.trace.SyscallTable.MLOCK;
import static org.foliofleet.node.trace.SyscallTable.MMAP;
import static org.foliofleet.node.trace.SyscallTable.MPROTECT;
import static org.foliofleet.node.trace.SyscallTable.MREMAP;
import static org.foliofleet.node.trace.SyscallTable.MUNMAP;

/** Finds granted calls that no kernel can have granted: a damaged recording, rather than a program's mistake. */
final class CallCheck {
    /** End of user addresses with five-level page tables. */
    private static final long USER_END = 1L << 56;

    private CallCheck() {}

    /** What is impossible about the event, in words; null if it may have happened. */
    static String impossible(TraceEvent event) {
        if (event instanceof TraceEvent.Image image && outside(image.image().start(), image.image().length())) {
            return "an area outside the addresses of a process";
        }
        if (!(event instanceof TraceEvent.Call call) || call.failed()) {
            return null;
        }
        long[] args = call.args();
        boolean wrong = switch (call.number()) {
            case MMAP -> (call.result() & 0xfff) != 0 || args[1] == 0 || outside(call.result(), args[1]);
            case MREMAP -> (call.result() & 0xfff) != 0 || args[2] == 0 || outside(call.result(), args[2])
                    || outside(args[0], args[1]);
            case MUNMAP, MPROTECT, MADVISE, MLOCK -> outside(args[0], args[1]);
            case BRK -> outside(call.result(), 0);
            default -> false;
        };
        return wrong ? call.name() + " granted for impossible addresses" : null;
    }

    private static boolean outside(long start, long length) {
        return start < 0 || length < 0 || start > USER_END || length > USER_END - start;
    }
}
