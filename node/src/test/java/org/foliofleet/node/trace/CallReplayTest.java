package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: each system call becomes the call on the model that it stands for. Method: a target that writes them down. */
class CallReplayTest {
    private static final String MAP = "5 1.0 mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS%s, -1, 0)"
            + " = 0x10000\n";

    @TempDir
    private Path directory;
    private final List<String> calls = new ArrayList<>();
    private TraceResult result;

    private final class Noting extends PageSetTarget {
        @Override
        public CallResult call(int id, MemoryCall call) {
            calls.add(call.getClass().getSimpleName() + call.toString().replaceFirst("^[A-Za-z]+", ""));
            return super.call(id, call);
        }
    }

    private void replay(String log) throws IOException {
        Path file = Files.writeString(directory.resolve("a.strace"), log);
        result = TraceRun.run(new TraceOptions(file, "madvise", 1, null), Noting::new, new Traces.Silent());
    }

    private static String map(String flags) {
        return MAP.replace("%s", flags);
    }

    @Test
    void stacksOfThreadsHaveNoHugePages() throws IOException {
        replay(map("|MAP_STACK|MAP_NORESERVE"));
        assertEquals(List.of("Mmap[range=16+4, protection=rw, shared=false, backing=Anonymous[], flags=[NORESERVE]]",
                "Madvise[range=16+4, advice=NOHUGEPAGE]"), calls);
    }

    @Test
    void lengthsAreRoundedAsTheKernelDoes() throws IOException {
        replay(map("") + "5 1.1 mlock(0x10010, 4096) = 0\n5 1.2 munlock(0x11fff, 2) = 0\n"
                + "5 1.3 mprotect(0x10000, 1, PROT_NONE) = 0\n5 1.4 munmap(0x10000, 4097) = 0\n");
        assertEquals(List.of("Mlock[range=16+2, onFault=false]", "Munlock[range=17+2]",
                "Mprotect[range=16+1, protection=none]", "Munmap[range=16+2]"), calls.subList(1, 5));
    }

    @Test
    void refusedCallsAreNotAskedOfTheModel() throws IOException {
        replay(map("") + "5 1.1 munmap(0x10001, 4096) = -1 EINVAL (Invalid argument)\n"
                + "5 1.2 madvise(0x10000, 409600, MADV_DONTNEED) = -1 ENOMEM (Cannot allocate memory)\n"
                + "5 1.3 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = -1 ENODEV (No such device)\n");
        assertEquals(4, result.syscallsReplayed());
        assertEquals("Madvise[range=16+100, advice=DONTNEED]", calls.get(calls.size() - 1), "the part before the hole");
    }

    @Test
    void lockingAllLocksWhatIsMappedAndWhatWillBe() throws IOException {
        replay(map("") + "5 1.1 mlockall(MCL_CURRENT|MCL_FUTURE) = 0\n"
                + "5 1.2 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x20000\n"
                + "5 1.3 munlockall() = 0\n");
        assertEquals(List.of("Mlock[range=16+4, onFault=false]",
                "Mmap[range=32+1, protection=r, shared=false, backing=Anonymous[], flags=[]]",
                "Mlock[range=32+1, onFault=false]", "Munlock[range=16+4]", "Munlock[range=32+1]"), calls.subList(1, 6));
    }

    @Test
    void mremapMovesOnlyWhereTheKernelMoved() throws IOException {
        replay(map("") + "5 1.1 mremap(0x10000, 16384, 8192, MREMAP_MAYMOVE) = 0x10000\n"
                + "5 1.2 mremap(0x10000, 8192, 16384, MREMAP_MAYMOVE) = 0x40000\n");
        assertEquals(List.of("Mremap[from=16+4, newCount=2, newStart=-1, mayMove=false, dontUnmap=false, relocate=NONE]",
                "Mremap[from=16+2, newCount=4, newStart=64, mayMove=true, dontUnmap=false, relocate=NONE]"), calls.subList(1, 3));
    }

    @Test
    void memoryFromBeforeTheLogIsAssumed() throws IOException {
        replay("5 1.1 madvise(0x10000, 8192, MADV_DONTNEED) = 0\n");
        assertEquals(1, result.assumedAreas());
        assertEquals("Madvise[range=16+2, advice=DONTNEED]", calls.get(1));
    }

    @Test
    void whatIsNotModelledIsCountedByName() throws IOException {
        replay(map("") + "5 1.1 userfaultfd(O_CLOEXEC) = 3\n5 1.2 mbind(0x10000, 4096, MPOL_BIND, [0x1], 64, 0) = 0\n"
                + "5 1.3 madvise(0x10000, 4096, MADV_SOFT_OFFLINE) = 0\n5 1.4 wait4(-1, NULL, 0, NULL) = 7\n"
                + "5 1.5 prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x10000, 4096, \"heap\") = 0\n");
        assertEquals("{madvise(MADV_SOFT_OFFLINE)=1, mbind=1, prctl(PR_SET_VMA)=1, userfaultfd=1}", result.notReplayed().toString());
        assertEquals("{wait4=1}", result.otherCalls().toString());
    }

    @Test
    void afterExecAndMunmapNothingIsKnown() throws IOException {
        replay(map("") + "5 1.1 execve(\"/bin/a\", [\"a\"], 0x7f /* 1 var */) = 0\n5 1.2 brk(NULL) = 0x5000\n"
                + "5 1.3 brk(0x6800) = 0x6800\n5 1.4 brk(0x5100) = 0x5100\n5 1.5 +++ exited with 0 +++\n");
        assertEquals(List.of("Mmap[range=5+2, protection=rw, shared=false, backing=Anonymous[], flags=[]]",
                "Munmap[range=6+1]"), calls.subList(1, 3));
        assertEquals("a", result.processes().get(0).comm());
    }
}
