package org.foliofleet.protocol.program;

import org.foliofleet.protocol.id.PageRange;
import java.util.List;
import java.util.Set;

/**
 * What a process may do to memory: the system calls and accesses that scenarios, traces and experiments are made of.
 * Addresses and lengths are in pages of 4 KiB; where a system call takes bytes, whoever makes the call has rounded as
 * the kernel does.
 */
public sealed interface MemoryCall {
    // -- mapping -------------------------------------------------------------------------------------------------

    /** {@code mmap(MAP_FIXED)}: replaces what was mapped, unless {@link MapFlag#NOREPLACE}. */
    record Mmap(PageRange range, Protection protection, boolean shared, Backing backing, Set<MapFlag> flags)
            implements MemoryCall {}

    record Munmap(PageRange range) implements MemoryCall {}

    record Mprotect(PageRange range, Protection protection) implements MemoryCall {}

    record Madvise(PageRange range, Advice advice) implements MemoryCall {}

    /** {@code mlock}, or with {@code onFault} {@code mlock2(MLOCK_ONFAULT)}. */
    record Mlock(PageRange range, boolean onFault) implements MemoryCall {}

    record Munlock(PageRange range) implements MemoryCall {}

    /**
     * {@code mremap}.
     *
     * @param newStart  where to ({@code MREMAP_FIXED}), or -1: nothing may move unless {@code mayMove}
     * @param dontUnmap {@code MREMAP_DONTUNMAP}
     * @param relocate  whether moved anonymous memory shall look as if it had always been there; kernels that do not know
     *                  the flag are not given it
     */
    record Mremap(PageRange from, long newCount, long newStart, boolean mayMove, boolean dontUnmap, RelocateFlag relocate)
            implements MemoryCall {
        /** The call that every kernel knows. */
        public Mremap(PageRange from, long newCount, long newStart, boolean mayMove, boolean dontUnmap) {
            this(from, newCount, newStart, mayMove, dontUnmap, RelocateFlag.NONE);
        }
    }

    /** MREMAP_RELOCATE_ANON and MREMAP_MUST_RELOCATE_ANON, flags of a series of 2025. */
    enum RelocateFlag { NONE, RELOCATE, MUST }

    /** A {@code prctl()} that the debate of MREMAP_RELOCATE_ANON names: all moves of the process, and of those that it forks, relocate. */
    record RelocateMoves(boolean on) implements MemoryCall {}

    /**
     * Writes {@code /proc/self/oom_score_adj}: how much sooner or later than others the process is killed when memory gives out.
     *
     * @param value thousandths of all memory that are added to its badness, -1000 (never) to 1000; EINVAL else
     */
    record OomScoreAdj(int value) implements MemoryCall {
        /** OOM_SCORE_ADJ_MIN. */
        public static final int NEVER = -1000;
        /** OOM_SCORE_ADJ_MAX. */
        public static final int FIRST = 1000;
    }

    // -- access --------------------------------------------------------------------------------------------------

    /** Loads one word of each page, ascending; ends with a signal at the first page that raises one. */
    record Read(PageRange range) implements MemoryCall {}

    /** Stores into each page, ascending. */
    record Write(PageRange range, ContentTag content) implements MemoryCall {}

    /** The same through {@code /proc/self/mem}: GUP with FOLL_FORCE. */
    record MemWrite(PageRange range, ContentTag content) implements MemoryCall {}

    // -- processes -----------------------------------------------------------------------------------------------

    /** {@code fork()}; the child gets the given name and none of the parent's pins, references and userfaultfds. */
    record Fork(String child) implements MemoryCall {}

    /** {@code execve()}: a new, empty address space. */
    record Exec() implements MemoryCall {}

    /** Releases pins and references, then exits. */
    record Exit() implements MemoryCall {}

    // -- references ----------------------------------------------------------------------------------------------

    /**
     * A pin (FOLL_PIN, FOLL_WRITE), kept under a handle.
     *
     * @param holdNanos 0 for a long-term one (FOLL_LONGTERM), which stays until it is given up; else it ends by itself after
     *                  that many nanoseconds, as one of direct I/O does
     */
    record Pin(String handle, PageRange range, long holdNanos) implements MemoryCall {
        /** A long-term pin. */
        public Pin(String handle, PageRange range) {
            this(handle, range, 0);
        }
    }

    record Unpin(String handle) implements MemoryCall {}

    /** A device stores into the pages pinned under a handle, without page tables: the first marks them dirty, as bio does. */
    record DmaWrite(String handle, ContentTag content) implements MemoryCall {}

    /** One plain read reference a page (FOLL_GET), kept under a handle. */
    record GetRef(String handle, PageRange range) implements MemoryCall {}

    record PutRef(String handle) implements MemoryCall {}

    // -- userfaultfd ---------------------------------------------------------------------------------------------

    /** Modes of a userfaultfd registration. */
    enum UffdMode { MISSING, WP, MINOR }

    record UffdRegister(PageRange range, Set<UffdMode> modes) implements MemoryCall {}

    /**
     * A monitor reads the userfaultfd from now on, so that faults wait for it instead of raising SIGBUS. It is one thread: it
     * takes event after event, fills missing pages (UFFDIO_COPY), maps those of the page cache (UFFDIO_CONTINUE) and lifts
     * write protection.
     *
     * @param nanos   that it needs for an event, apart from the ioctl: to wake up and to get the page
     * @param pages   that it resolves with it: the aligned block of so many pages around the fault; a power of two
     * @param content what it copies into missing pages
     * @param events  that it is told of besides faults: who causes them waits until it has read them
     * @param unpopulated UFFD_FEATURE_WP_UNPOPULATED: write protection covers anonymous pages that are not there yet
     */
    record UffdMonitor(long nanos, long pages, ContentTag content, Set<UffdEvent> events, boolean unpopulated) implements MemoryCall {
        public UffdMonitor(long nanos, long pages, ContentTag content) {
            this(nanos, pages, content, Set.of(), false);
        }
    }

    /** UFFD_FEATURE_EVENT_*: changes of the address space that a monitor can be told of. */
    enum UffdEvent { FORK, REMAP, REMOVE, UNMAP }

    record UffdUnregister(PageRange range) implements MemoryCall {}

    record UffdCopy(PageRange range, boolean writeProtect, ContentTag content) implements MemoryCall {}

    record UffdZeropage(PageRange range) implements MemoryCall {}

    record UffdContinue(PageRange range) implements MemoryCall {}

    record UffdPoison(PageRange range) implements MemoryCall {}

    record UffdWriteProtect(PageRange range, boolean protect) implements MemoryCall {}

    record UffdMove(long source, long destination, long count) implements MemoryCall {}

    // -- files ---------------------------------------------------------------------------------------------------

    /** {@code fallocate(FALLOC_FL_PUNCH_HOLE)}, in file pages. */
    record PunchHole(String file, PageRange range) implements MemoryCall {}

    record Fallocate(String file, PageRange range) implements MemoryCall {}

    record Ftruncate(String file, long pages) implements MemoryCall {}

    /** {@code pwrite} of a content tag into each file page. */
    record Pwrite(String file, PageRange range, ContentTag content) implements MemoryCall {}

    // -- NUMA ----------------------------------------------------------------------------------------------------

    /** {@code sched_setaffinity} to the first CPU of the node. */
    record Cpu(int node) implements MemoryCall {}

    /** Mode words as in {@code numa_maps}: default local preferred bind interleave weighted-interleave preferred-many. */
    record NumaPolicy(String mode, Set<String> modeFlags, List<Integer> nodes) {}

    record SetMempolicy(NumaPolicy policy) implements MemoryCall {}

    /** Flags: {@code move}, {@code moveall}, {@code strict}. */
    record Mbind(PageRange range, NumaPolicy policy, Set<String> flags) implements MemoryCall {}

    record SetHomeNode(PageRange range, int node) implements MemoryCall {}

    record MigratePages(List<Integer> from, List<Integer> to) implements MemoryCall {}

    /** @param node the target, or -1: only asks where the pages are */
    record MovePages(PageRange range, int node, boolean all) implements MemoryCall {}

    record NumaScan() implements MemoryCall {}

    /** debugfs {@code split_huge_pages}; {@code offset} -1 for a uniform split. */
    record Split(PageRange range, int order, int offset) implements MemoryCall {}
}
