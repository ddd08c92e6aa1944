package org.foliofleet.node.trace;

import static org.foliofleet.node.trace.SyscallTable.*;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.node.trace.TraceEvent.Call;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** Turns answered system calls into calls on the model. What the kernel refused is not asked of the model. */
final class CallReplay {
    private static final long ENOMEM = -12;
    private static final long PROT_GROWSDOWN = 0x01000000;
    private static final long MCL_FUTURE = 2;
    private static final long MCL_ONFAULT = 4;
    private static final long PR_SET_NAME = 15;
    private static final long PR_SET_MM = 35;
    private static final long PR_SET_THP_DISABLE = 41;
    private static final long PR_SET_VMA = 0x53564d41;
    private static final long EXCEPT_ADVISED = 2;

    private final TraceTarget target;
    private final Mapper mapper;
    private final TraceFiles files;
    private final NotReplayed notReplayed;
    private final SortedMap<String, Long> otherCalls = new TreeMap<>();

    CallReplay(TraceTarget target, Mapper mapper, TraceFiles files, NotReplayed notReplayed) {
        this.target = target;
        this.mapper = mapper;
        this.files = files;
        this.notReplayed = notReplayed;
    }

    /** Calls that have nothing to do with memory, by name. */
    SortedMap<String, Long> otherCalls() {
        return otherCalls;
    }

    void replay(TraceProcess process, Call call) {
        if (!call.failed() || partial(call)) {
            switch (call.number()) {
                case MMAP -> mapper.mmap(process, call);
                case BRK -> mapper.brk(process, call);
                case SHMAT -> mapper.shmat(process, call);
                case SHMDT -> mapper.shmdt(process, call);
                case MREMAP -> mapper.mremap(process, call);
                case MUNMAP -> mapper.munmap(process, range(call, 0));
                case MPROTECT, PKEY_MPROTECT -> mprotect(process, call);
                case MADVISE -> madvise(process, call);
                case MLOCK -> lock(process, call, false);
                case MLOCK2 -> lock(process, call, (call.args()[2] & 1) != 0);
                case MUNLOCK -> tell(process, call, new MemoryCall.Munlock(wideRange(call)), wideRange(call));
                case MLOCKALL -> lockAll(process, call);
                case MUNLOCKALL -> unlockAll(process, call);
                case PRCTL -> prctl(process, call);
                case MEMFD_CREATE -> process.descriptors.put((int) call.result(), files.memfd());
                case FTRUNCATE -> ftruncate(process, call);
                case FALLOCATE -> fallocate(process, call);
                case MSYNC -> process.space.faulted.remove(range(call, 0));
                case MINCORE, SHMGET, SHMCTL, GET_MEMPOLICY, SET_ROBUST_LIST, GET_ROBUST_LIST,
                        CLONE, FORK, VFORK, CLONE3, EXECVE, EXECVEAT, EXIT, EXIT_GROUP -> { }
                case REMAP_FILE_PAGES, MBIND, SET_MEMPOLICY, MIGRATE_PAGES, MOVE_PAGES, VMSPLICE, PROCESS_VM_READV,
                        PROCESS_VM_WRITEV, USERFAULTFD, IO_URING_REGISTER, PROCESS_MADVISE, MSEAL -> {
                    notReplayed.count(call.name());
                    return;
                }
                default -> {
                    otherCalls.merge(call.name(), 1L, Long::sum);
                    return;
                }
            }
        } else if (call.number() == BRK) {
            mapper.brk(process, call);
        }
        process.callsReplayed++;
    }

    /**
     * Whether the refused call may have done a part of its work: madvise goes on behind a hole, mprotect stops there.
     */
    private static boolean partial(Call call) {
        return call.result() == ENOMEM && (call.number() == MADVISE || call.number() == MPROTECT);
    }

    /** The range of arguments {@code at} and {@code at + 1}; the length is rounded up. */
    static PageRange range(Call call, int at) {
        return Mapper.pages(call.args()[at], call.args()[at + 1]);
    }

    /** mlock and munlock also round the start down. */
    private static PageRange wideRange(Call call) {
        long offset = call.args()[0] & 0xfff;
        return Mapper.pages(call.args()[0] - offset, call.args()[1] + offset);
    }

    private void tell(TraceProcess process, Call call, MemoryCall memoryCall, PageRange range) {
        mapper.assume(process.space, range);
        process.space.faulted.remove(range);
        judge(call, target.call(process.space.id, memoryCall), notReplayed);
    }

    /** Counts a call that the kernel granted and the model did not. */
    static void judge(Call call, CallResult result, NotReplayed notReplayed) {
        if (!(result instanceof CallResult.Ok) && !(result instanceof CallResult.Moved) && !call.failed()) {
            notReplayed.count(call.name() + ": the model says " + result);
        }
    }

    private void mprotect(TraceProcess process, Call call) {
        PageRange range = range(call, 0);
        if ((call.args()[2] & PROT_GROWSDOWN) != 0) {
            PageRange area = process.space.known.at(range.start());
            if (area != null) {
                range = PageRange.between(area.start(), range.end());
            }
            process.space.stackProtection = Mapper.protection(call.args()[2]);
        }
        tell(process, call, new MemoryCall.Mprotect(range, Mapper.protection(call.args()[2])), range);
    }

    private void madvise(TraceProcess process, Call call) {
        Advice advice = advice(call.args()[2]);
        PageRange range = range(call, 0);
        if (range.isEmpty()) {
            return;
        }
        if (advice == null) {
            notReplayed.count("madvise(" + (call.words().size() > 2 ? call.words().get(2) : call.args()[2]) + ")");
            return;
        }
        mapper.assume(process.space, range);
        process.space.faulted.remove(range);
        CallResult result = target.call(process.space.id, new MemoryCall.Madvise(range, advice));
        if (!(result instanceof CallResult.Ok) && !call.failed()) {
            notReplayed.count("madvise(" + advice.name().toLowerCase(Locale.ROOT) + "): the model says " + result);
        }
    }

    private static Advice advice(long number) {
        return switch ((int) number) {
            case 0 -> Advice.NORMAL;
            case 1 -> Advice.RANDOM;
            case 2 -> Advice.SEQUENTIAL;
            case 3 -> Advice.WILLNEED;
            case 4 -> Advice.DONTNEED;
            case 8 -> Advice.FREE;
            case 9 -> Advice.REMOVE;
            case 10 -> Advice.DONTFORK;
            case 11 -> Advice.DOFORK;
            case 12 -> Advice.MERGEABLE;
            case 13 -> Advice.UNMERGEABLE;
            case 14 -> Advice.HUGEPAGE;
            case 15 -> Advice.NOHUGEPAGE;
            case 16 -> Advice.DONTDUMP;
            case 17 -> Advice.DODUMP;
            case 18 -> Advice.WIPEONFORK;
            case 19 -> Advice.KEEPONFORK;
            case 20 -> Advice.COLD;
            case 21 -> Advice.PAGEOUT;
            case 22 -> Advice.POPULATE_READ;
            case 23 -> Advice.POPULATE_WRITE;
            case 24 -> Advice.DONTNEED_LOCKED;
            case 25 -> Advice.COLLAPSE;
            case 102 -> Advice.GUARD_INSTALL;
            case 103 -> Advice.GUARD_REMOVE;
            default -> null;
        };
    }

    private void lock(TraceProcess process, Call call, boolean onFault) {
        PageRange range = wideRange(call);
        tell(process, call, new MemoryCall.Mlock(range, onFault), range);
    }

    private void lockAll(TraceProcess process, Call call) {
        TraceSpace space = process.space;
        long flags = call.args()[0];
        space.lockFuture = (flags & MCL_FUTURE) != 0;
        space.lockOnFault = (flags & MCL_ONFAULT) != 0;
        if ((flags & 1) != 0) {
            space.faulted.clear();
            for (PageRange range : space.known.ordinary()) {
                // Areas that cannot be filled are passed over.
                target.call(space.id, new MemoryCall.Mlock(range, space.lockOnFault));
            }
        }
    }

    private void unlockAll(TraceProcess process, Call call) {
        process.space.lockFuture = false;
        process.space.faulted.clear();
        for (PageRange range : process.space.known.ordinary()) {
            judge(call, target.call(process.space.id, new MemoryCall.Munlock(range)), notReplayed);
        }
    }

    private void prctl(TraceProcess process, Call call) {
        long[] args = call.args();
        if (args[0] == PR_SET_THP_DISABLE) {
            target.setThpDisabled(process.space.id, args[1] != 0, (args[2] & EXCEPT_ADVISED) != 0);
        } else if (args[0] == PR_SET_VMA) {
            PageRange range = Mapper.pages(args[2], args[3]);
            String name = call.words().isEmpty() ? Long.toHexString(args[4])
                    : call.words().get(call.words().size() - 1);
            mapper.assume(process.space, range);
            process.space.faulted.remove(range);
            if (!target.nameArea(process.space.id, range, name)) {
                notReplayed.count("prctl(PR_SET_VMA)");
            }
        } else if (args[0] == PR_SET_MM) {
            notReplayed.count("prctl(PR_SET_MM)");
        } else if (args[0] == PR_SET_NAME && call.stamp().pid() == call.stamp().tid() && !call.words().isEmpty()) {
            process.comm = call.words().get(0);
        }
    }

    /** Descriptors are closed and reused unseen, so a size counts only for a file that is surely behind this one. */
    private void ftruncate(TraceProcess process, Call call) {
        int fd = (int) call.args()[0];
        TraceFiles.Descriptor file = process.descriptors.computeIfAbsent(fd, f -> new TraceFiles.Descriptor());
        file.pages = (call.args()[1] + 0xfff) >>> 12;
        if (file.key != null) {
            mapper.forgetFaults();
            files.resized(file.key, file.pages);
            judge(call, target.call(process.space.id, new MemoryCall.Ftruncate(file.key, file.pages)), notReplayed);
        }
    }

    private void fallocate(TraceProcess process, Call call) {
        TraceFiles.Descriptor file = process.descriptors.get((int) call.args()[0]);
        PageRange range = Mapper.pages(call.args()[2] & ~0xfffL, call.args()[3] + (call.args()[2] & 0xfff));
        if (file == null) {
            return; // no mapped file: nothing a process has in memory changes
        }
        if (file.key == null) {
            file.allocated = call.args()[1] <= 1 ? range : file.allocated;
            return;
        }
        mapper.forgetFaults();
        if (call.args()[1] == 3) {
            judge(call, target.call(process.space.id, new MemoryCall.PunchHole(file.key, range)), notReplayed);
        } else if (call.args()[1] == 0 || call.args()[1] == 1) {
            if (call.args()[1] == 0) {
                file.pages = Math.max(file.pages, range.end());
                files.resized(file.key, file.pages);
            }
            judge(call, target.call(process.space.id, new MemoryCall.Fallocate(file.key, range)), notReplayed);
        } else {
            notReplayed.count("fallocate(mode " + call.args()[1] + ")");
        }
    }
}
