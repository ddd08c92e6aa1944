package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * What may be asked of the holder of {@code mmap_lock}.
 *
 * @param <R> the reply
 */
public interface ProcessCommand<R> extends Command<R> {
    /** A thread of the process makes a system call or an access. */
    record Execute(MemoryCall call) implements ProcessCommand<CallResult> {}

    /** A pin that ends by itself, at that tick. */
    record ReleaseLater(String handle, long tick) implements ProcessCommand<Void> {}

    /** Accesses pages as {@link MemoryCall.Read} and {@link MemoryCall.Write} do, and tells how many faults that took. */
    record Access(PageRange range, VmaCommand.Access access, ContentTag content) implements ProcessCommand<Accessed> {}

    record Accessed(CallResult result, long faults) {}

    /** {@code prctl(PR_SET_THP_DISABLE)}. */
    record SetThpControl(TaskContext.ThpControl thp) implements ProcessCommand<Void> {}

    /**
     * The rest of a {@code madvise()} that began earlier, or all of it.
     *
     * @param hole whether a hole was skipped before
     */
    record AdviseRest(PageRange range, Advice advice, boolean hole) implements ProcessCommand<CallResult> {}

    /** {@code anon_vma_prepare()}: gives the VMA an anon_vma, a neighbour's if that fits (R6.1); {@code start} is its first page. */
    record PrepareAnonVma(VmaId vma, long start) implements ProcessCommand<AnonVma> {}

    /** The process begins, empty; {@code parent} null, or whose fork it is. */
    record Begin(ProcessId parent, TaskContext task) implements ProcessCommand<Void> {}

    /** {@code unmap_mapping_range()}: no VMA maps the file pages any more; {@code evenCows}: nor private copies of them. */
    record UnmapFile(AddressSpaceId file, PageRange range, boolean evenCows) implements ProcessCommand<Void> {}

    /**
     * {@code oom_badness()}: pages of memory, of swap and of page tables, and what {@code oom_score_adj} adds; {@link #NOT_ELIGIBLE}
     * for who can not be chosen.
     *
     * @param cgroup only of who is in it, or {@link Memcg#ALL}
     */
    record OomBadness(int cgroup) implements ProcessCommand<Long> {}

    /** The badness of a process that is not to be killed, has no memory, was killed already, or is being made by fork. */
    long NOT_ELIGIBLE = Long.MIN_VALUE;

    /** A child of fork has its parent's {@code oom_score_adj}. */
    record InheritOomScore(int value) implements ProcessCommand<Void> {}

    /** SIGKILL by the OOM killer; the reaper takes its memory at once, whatever it is doing. */
    record OomKill() implements ProcessCommand<Void> {}

    /** A VMA that fork made for this child. */
    record ForkedVma(VmaInfo info) implements ProcessCommand<Void> {}
}
