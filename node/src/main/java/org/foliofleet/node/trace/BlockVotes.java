package org.foliofleet.node.trace;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.foliofleet.protocol.id.PageRange;

/**
 * Tells from the pattern of faults whether anonymous memory got huge pages by itself: of the aligned 2 MiB blocks
 * inside large writable private mappings, a huge page takes one fault where small ones take many.
 */
final class BlockVotes {
    private static final long BLOCK = 512;
    private static final int VOTES_NEEDED = 4;

    private final Map<Integer, Map<Long, Long>> firstFaults = new HashMap<>();
    private final Map<Integer, Set<Long>> eligible = new HashMap<>();
    private final Set<String> manyFaults = new HashSet<>();
    private final Set<String> touched = new HashSet<>();

    void see(TraceEvent event) {
        int pid = event.stamp().pid();
        if (event instanceof TraceEvent.Exec || event instanceof TraceEvent.Fork || event instanceof TraceEvent.Exit) {
            eligible.remove(pid);
            firstFaults.remove(pid);
        } else if (event instanceof TraceEvent.Call call && !call.failed()) {
            call(pid, call);
        } else if (event instanceof TraceEvent.Fault fault && fault.write() && (fault.errorCode() & 1) == 0) {
            fault(pid, fault.address() >>> 12);
        }
    }

    private void call(int pid, TraceEvent.Call call) {
        long[] args = call.args();
        switch (call.number()) {
            case SyscallTable.MMAP -> {
                PageRange range = Mapper.pages(call.result(), args[1]);
                forget(pid, range);
                if ((args[2] & 2) != 0 && (args[3] & 0x20023) == 0x22) {
                    long block = (range.start() + BLOCK - 1) / BLOCK;
                    for (; (block + 1) * BLOCK <= range.end(); block++) {
                        eligible.computeIfAbsent(pid, p -> new HashSet<>()).add(block);
                    }
                }
            }
            case SyscallTable.MUNMAP, SyscallTable.MADVISE, SyscallTable.MPROTECT, SyscallTable.MREMAP,
                    SyscallTable.MLOCK ->
                    forget(pid, Mapper.pages(args[0], args[1]));
            default -> { }
        }
    }

    private void forget(int pid, PageRange range) {
        Set<Long> blocks = eligible.get(pid);
        if (blocks != null) {
            blocks.removeIf(block -> range.overlaps(new PageRange(block * BLOCK, BLOCK)));
            Map<Long, Long> faults = firstFaults.getOrDefault(pid, new HashMap<>());
            faults.keySet().retainAll(blocks);
        }
    }

    private void fault(int pid, long page) {
        long block = page / BLOCK;
        if (eligible.getOrDefault(pid, Set.of()).contains(block)) {
            Long before = firstFaults.computeIfAbsent(pid, p -> new HashMap<>()).putIfAbsent(block, page);
            touched.add(pid + " " + block);
            if (before != null && before != page) {
                manyFaults.add(pid + " " + block);
            }
        }
    }

    boolean always() {
        int single = touched.size() - manyFaults.size();
        return single >= VOTES_NEEDED && single > 3 * manyFaults.size();
    }
}
