package org.foliofleet.node.trace;

import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * The model that a trace is replayed on: the memory of processes. Numbers of address spaces are given by the target.
 *
 * <p>{@link TraceReplay} has already decided what a recording leaves open: where memory was mapped, which threads share
 * an address space, how far a stack grew. A target needs to know nothing of traces.
 */
public interface TraceTarget {
    /** How an access ended. */
    enum Access {
        /** The page was mapped well enough: no fault. */
        NONE,
        /** A fault was taken and resolved. */
        FAULT,
        /** A fault was taken and ended in SIGSEGV or SIGBUS. */
        SIGNAL
    }

    /**
     * What {@code smaps_rollup} says of an address space.
     *
     * @param rssKb      Rss, in KiB
     * @param anonKb     Anonymous, in KiB
     * @param anonHugeKb AnonHugePages, in KiB
     * @param vmas       number of virtual memory areas
     */
    record Memory(long rssKb, long anonKb, long anonHugeKb, int vmas) {
        public static final Memory NOTHING = new Memory(0, 0, 0, 0);
    }

    /** A new, empty address space. */
    int spawn(String comm);

    /** {@code fork()}: a copy of an address space. */
    int fork(int space);

    /** {@code execve()}: empties an address space; processes that share it were given another one before. */
    void exec(int space);

    /** The last process that used the address space ended. */
    void exit(int space);

    /** A system call on memory, of the kinds mapping, madvise, mprotect, mlock, mremap, files. */
    CallResult call(int space, MemoryCall call);

    /** One load, store or instruction fetch. */
    Access access(int space, long page, boolean write, boolean instruction);

    /** Pages copied and reused by write faults so far; a model that does not tell them apart counts nothing. */
    default CopyOnWrite copyOnWrite() {
        return CopyOnWrite.NONE;
    }

    /** What the address space holds now; asked before every call, so it should not take long. */
    Memory memory(int space);

    /**
     * A file, all of its pages in the page cache.
     *
     * @param name  key by which {@code Backing.File} names it
     * @param pages its size, at least 0
     * @param shmem memfd, tmpfs or System V memory: pages exist only once they were touched
     */
    void createFile(String name, long pages, boolean shmem);

    /** A file turned out to be larger than it was said to be. */
    void growFile(String name, long pages);

    /**
     * {@code prctl(PR_SET_THP_DISABLE)}; inherited by fork, kept by exec.
     *
     * @param exceptAdvised areas with {@code MADV_HUGEPAGE} keep getting huge pages
     */
    void setThpDisabled(int space, boolean disabled, boolean exceptAdvised);

    /** {@code prctl(PR_SET_VMA_ANON_NAME)}; false if the model gives areas no names. */
    default boolean nameArea(int space, PageRange range, String name) {
        return false;
    }

    /** {@code /sys/kernel/mm/transparent_hugepage/enabled}: {@code always}, {@code madvise} or {@code never}. */
    void setThp(String mode);

    /** Digest of the whole state. */
    String digest();
}
