package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: strace logs are read as the kernel meant them. */
class StraceReaderTest {
    @TempDir
    private Path directory;

    private List<TraceEvent> events(String text) throws IOException {
        return Traces.events(Files.writeString(directory.resolve("a.strace"), text));
    }

    @Test
    void flagsBecomeNumbers() throws IOException {
        List<TraceEvent> events = events("""
                5 1.000001 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|0x8000000, -1, 0) = 0x7f4506b12000
                5 1.000002 madvise(0x7f4506b12000, 4096, MADV_DONTNEED) = -1 EINVAL (Invalid argument)
                5 1.000003 mmap(NULL, 8192, PROT_READ, MAP_SHARED|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, 3</a|b>, 0x1000) = 0x7f4506b10000
                """);
        TraceEvent.Call mmap = (TraceEvent.Call) events.get(0);
        assertEquals(List.of(0L, 8192L, 3L, 0x8000022L, -1L, 0L),
                Arrays.stream(mmap.args()).boxed().toList());
        assertEquals(0x7f4506b12000L, mmap.result());
        assertEquals(-22, ((TraceEvent.Call) events.get(1)).result());
        assertEquals(3, ((TraceEvent.Call) events.get(2)).args()[4]);
        assertEquals(0x1000, ((TraceEvent.Call) events.get(2)).args()[5]);
    }

    @Test
    void aChildThatSpeaksBeforeItsParentIsAnsweredIsItsChild() throws IOException {
        List<TraceEvent> events = events("""
                [pid 5] 1.000001 vfork( <unfinished ...>
                [pid 6] 1.000002 execve("/bin/a, (b)", ["a"], 0x7ff /* 3 vars */ <unfinished ...>
                [pid 5] 1.000003 <... vfork resumed>) = 6
                [pid 6] 1.000004 <... execve resumed>) = 0
                [pid 6] 1.000005 +++ exited with 0 +++
                """);
        TraceEvent.Fork fork = (TraceEvent.Fork) events.get(0);
        assertEquals(6, fork.child());
        assertEquals(5, fork.stamp().pid());
        assertTrue(fork.sharesMemory());
        assertEquals(1, events.stream().filter(TraceEvent.Fork.class::isInstance).count());
        assertEquals("a, (b)", events.stream().filter(TraceEvent.Exec.class::isInstance).findFirst().orElseThrow()
                .stamp().comm());
        assertTrue(events.get(events.size() - 1) instanceof TraceEvent.Exit);
    }

    @Test
    void threadsShareTheProcessAndTheLastOneEndsIt() throws IOException {
        List<TraceEvent> events = events("""
                5 1.000001 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD|CLONE_SETTLS, child_tid=0x7f, stack=0x7f, stack_size=0x7f} => {parent_tid=[6]}, 88) = 6
                6 1.000002 munmap(0x1000, 4096) = 0
                5 1.000003 +++ exited with 0 +++
                6 1.000004 +++ exited with 0 +++
                """);
        assertTrue(events.get(0) instanceof TraceEvent.ThreadStart);
        assertEquals(5, events.get(2).stamp().pid());
        assertEquals(1, events.stream().filter(TraceEvent.Exit.class::isInstance).count());
    }
}
