package org.foliofleet.protocol.program;

import java.util.List;

/** How a {@link MemoryCall} or {@link MachineCall} ended. */
public sealed interface CallResult {
    Ok OK = new Ok();

    record Ok() implements CallResult {
        @Override
        public String toString() {
            return "ok";
        }
    }

    record Failed(Errno errno) implements CallResult {
        @Override
        public String toString() {
            return errno.name();
        }
    }

    Killed KILLED = new Killed();

    /** SIGKILL from the OOM killer: the process has no memory any more and is to exit. */
    record Killed() implements CallResult {
        @Override
        public String toString() {
            return "OOM_KILLED";
        }
    }

    /** A read or write raised a signal at this page; the pages before it were touched. */
    record Signal(boolean bus, long page) implements CallResult {
        @Override
        public String toString() {
            return (bus ? "SIGBUS@" : "SIGSEGV@") + page;
        }
    }

    /** {@code migrate_pages} or {@code move_pages} that did not fail. */
    record Moved(long left, List<PageStatus> status) implements CallResult {}

    /** What {@code move_pages} wrote for a run of pages: a node, or {@code error} ({@code unset}: nothing written). */
    record PageStatus(long at, long count, int node, String error) {}

    /** The model does not do this yet; {@code what} names the statement or mechanism. */
    record Unsupported(String what) implements CallResult {}
}
