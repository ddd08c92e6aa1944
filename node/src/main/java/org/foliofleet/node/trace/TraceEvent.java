package org.foliofleet.node.trace;

import java.util.List;

/** What a trace says happened, in the order in which it took effect. */
public sealed interface TraceEvent {
    /** Where and when the event was recorded. */
    Stamp stamp();

    /**
     * Where an event stands.
     *
     * @param line  line of the file, from 1
     * @param nanos recorded time in nanoseconds
     * @param pid   process (thread group)
     * @param tid   thread
     * @param comm  name of the thread, empty if the format has none
     */
    record Stamp(long line, long nanos, int pid, int tid, String comm) {}

    /**
     * A system call that was answered, with x86-64 numbering.
     *
     * @param args   six register values
     * @param result what the kernel returned, a negative errno on failure
     * @param images the areas the kernel reported while it ran; may be empty
     * @param words  arguments the registers only point to, where the format decodes them (strace); may be empty
     */
    record Call(Stamp stamp, int number, long[] args, long result, List<MappedImage> images, List<String> words)
            implements TraceEvent {
        /** Name of the system call. */
        public String name() {
            return SyscallTable.name(number);
        }

        public boolean failed() {
            return result < 0 && result >= -4095;
        }
    }

    /**
     * A page fault.
     *
     * @param address   faulting byte address
     * @param errorCode x86 error code
     * @param kernel    taken in kernel mode
     */
    record Fault(Stamp stamp, long address, long errorCode, boolean kernel) implements TraceEvent {
        public boolean write() {
            return (errorCode & 2) != 0;
        }

        public boolean instruction() {
            return (errorCode & 16) != 0;
        }
    }

    /**
     * A new process.
     *
     * @param child        its pid
     * @param sharesMemory runs in its parent's memory until it executes a program or exits ({@code CLONE_VM})
     */
    record Fork(Stamp stamp, int child, boolean sharesMemory) implements TraceEvent {}

    /** A new thread of the same process. */
    record ThreadStart(Stamp stamp, int thread) implements TraceEvent {}

    /** {@code execve} gave the process an empty address space. */
    record Exec(Stamp stamp) implements TraceEvent {}

    /**
     * The kernel reported an area outside any call known to make one.
     *
     * @param exec while a program was being loaded: the area is new, whatever was there before
     */
    record Image(Stamp stamp, MappedImage image, boolean exec) implements TraceEvent {}

    /** A process ended. */
    record Exit(Stamp stamp) implements TraceEvent {}
}
