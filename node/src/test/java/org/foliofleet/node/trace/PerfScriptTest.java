package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what several threads and processes did at once is put into the order in which it took effect. */
class PerfScriptTest {
    @TempDir
    private Path directory;

    private List<TraceEvent> events(String... lines) throws IOException {
        return Traces.events(file(lines));
    }

    private Path file(String... lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.length; i++) {
            String[] parts = lines[i].split(" ", 2);
            text.append(String.format(Locale.ROOT, "some (name) 1/2x %s   5.%09d: %s\n", parts[0], i, parts[1]));
        }
        return Files.writeString(directory.resolve("p.perf.txt"), text);
    }

    private static String enter(int number, String args) {
        return "raw_syscalls:sys_enter: NR " + number + " (" + args + ")";
    }

    private static String exit(int number, long result) {
        return "raw_syscalls:sys_exit: NR " + number + " = " + result;
    }

    private static String fault(String address, int code) {
        return "exceptions:page_fault_user: address=" + address + " ip=0x1 error_code=0x" + Integer.toHexString(code);
    }

    @Test
    void munmapTakesEffectWhereItBeginsAndMmapWhereTheAreaIsReported() throws IOException {
        List<TraceEvent> events = events(
                "7/8 " + enter(11, "10000, 1000, 0, 0, 0, 0"),
                "7/9 " + enter(9, "0, 1000, 3, 22, ffffffff, 0"),
                "7/9 PERF_RECORD_MMAP2 7/9: [0x10000(0x1000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + fault("0x10000", 6),
                "7/9 " + exit(9, 0x10000),
                "7/8 " + exit(11, 0));
        assertEquals(List.of("munmap", "mmap"), events.subList(0, 2).stream().map(e ->
                ((TraceEvent.Call) e).name()).toList());
        assertTrue(events.get(2) instanceof TraceEvent.Fault);
        assertEquals(3, events.size());
    }

    @Test
    void aThreadIsNoProcessAndVforkSharesMemory() throws IOException {
        List<TraceEvent> events = events(
                "7/7 " + enter(435, "7ffe, 58, 0, 0, 0, 0"),
                "7/7 PERF_RECORD_FORK(7:8):(7:7)",
                "7/7 sched:sched_process_fork: comm=a pid=7 child_comm=a child_pid=8",
                "7/7 " + exit(435, 8),
                "7/8 " + exit(435, 0),
                "7/7 " + enter(58, "0, 0, 0, 0, 0, 0"),
                "7/7 PERF_RECORD_FORK(9:9):(7:7)",
                "7/7 sched:sched_process_fork: comm=a pid=7 child_comm=a child_pid=9",
                "9/9 " + exit(58, 0),
                "9/9 " + fault("0x10000", 6));
        assertTrue(events.get(0) instanceof TraceEvent.ThreadStart);
        assertTrue(events.stream().anyMatch(e -> e instanceof TraceEvent.Fork f && f.child() == 9 && f.sharesMemory()));
        assertEquals(1, events.stream().filter(TraceEvent.Fork.class::isInstance).count());
    }

    @Test
    void clone3OfAProcessSharesMemoryIfTheParentWaitsForItsExec() throws IOException {
        String[] start = {
            "7/7 " + enter(435, "7ffe, 58, 0, 0, 0, 0"),
            "7/7 PERF_RECORD_FORK(9:9):(7:7)",
            "9/9 " + fault("0x10000", 7)};
        List<TraceEvent> spawned = events(start[0], start[1], start[2],
                "9/9 PERF_RECORD_COMM exec: b:9/9", "7/7 " + exit(435, 9), "7/7 " + fault("0x20000", 6));
        assertTrue(((TraceEvent.Fork) spawned.get(0)).sharesMemory());
        assertTrue(spawned.get(1) instanceof TraceEvent.Fault);
        List<TraceEvent> forked = events(start[0], start[1], start[2],
                "7/7 " + exit(435, 9), "9/9 PERF_RECORD_COMM exec: b:9/9", "7/7 " + fault("0x20000", 6));
        assertFalse(((TraceEvent.Fork) forked.get(0)).sharesMemory());
    }

    @Test
    void withoutTaskEventsTheChildsFirstLineTellsThreadFromProcess() throws IOException {
        List<TraceEvent> events = events(
                "7/7 " + enter(435, "7ffe, 58, 0, 0, 0, 0"),
                "7/7 sched:sched_process_fork: comm=a pid=7 child_comm=a child_pid=8",
                "7/8 " + fault("0x10000", 6),
                "7/7 " + exit(435, 8),
                "7/7 " + enter(57, "0, 0, 0, 0, 0, 0"),
                "7/7 sched:sched_process_fork: comm=a pid=7 child_comm=a child_pid=9",
                "7/7 " + exit(57, 9),
                "9/9 sched:sched_process_exec: filename=/b pid=9 old_pid=9",
                "9/9 sched:sched_process_exit: comm=b pid=9 prio=120");
        assertTrue(events.get(0) instanceof TraceEvent.ThreadStart);
        assertTrue(events.stream().anyMatch(e -> e instanceof TraceEvent.Fork f && f.child() == 9
                && !f.sharesMemory()));
        assertTrue(events.stream().anyMatch(TraceEvent.Exec.class::isInstance));
        assertTrue(events.get(events.size() - 1) instanceof TraceEvent.Exit);
    }

    @Test
    void severalLinesSayOfOneExec() throws IOException {
        List<TraceEvent> events = events(
                "7/7 " + enter(59, "0, 0, 0, 0, 0, 0"),
                "7/7 PERF_RECORD_MMAP2 7/7: [0x7ffffffdd000(0x22000) @ 0x7ffffffdd000 00:00 0 0]: rw-p [stack]",
                "7/7 PERF_RECORD_COMM exec: b:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x400000(0x1000) @ 0 fe:00 12 0]: r-xp /bin/b with blank",
                "7/7 sched:sched_process_exec: filename=/b pid=7 old_pid=7",
                "7/7 " + exit(59, 0));
        assertEquals(1, events.stream().filter(TraceEvent.Exec.class::isInstance).count());
        TraceEvent.Image image = (TraceEvent.Image) events.get(1);
        assertTrue(image.exec());
        assertEquals("/bin/b with blank", image.image().name());
        assertEquals("fe:00 12", image.image().inode());
        assertEquals("some (name) 1/2x", image.stamp().comm());
    }

    @Test
    void aChildOfVforkTouchesItsParentsMemoryUntilItExecutes() throws IOException {
        TraceResult result = Traces.run(file(
                "7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x10000(0x4000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + exit(59, 0),
                "7/7 " + enter(58, "0, 0, 0, 0, 0, 0"),
                "7/7 PERF_RECORD_FORK(9:9):(7:7)",
                "9/9 " + fault("0x10000", 6),
                "9/9 PERF_RECORD_COMM exec: b:9/9",
                "9/9 PERF_RECORD_MMAP2 9/9: [0x10000(0x4000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + exit(58, 9),
                "9/9 " + fault("0x10000", 6),
                "7/7 " + fault("0x11000", 6)));
        assertEquals(3, result.agreedFaults());
        assertEquals(List.of(8L, 4L), result.processes().stream().map(TraceResult.ProcessResult::rssKb).toList());
    }

    @Test
    void theStackGrowsAndTheHeapFollowsTheBreak() throws IOException {
        TraceResult result = Traces.run(file(
                "7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x7ff000000000(0x22000) @ 0x7ffffffdd000 00:00 0 0]: rw-p [stack]",
                "7/7 " + exit(59, 0),
                "7/7 " + fault("0x7feffffff000", 6),
                "7/7 " + enter(12, "0, 0, 0, 0, 0, 0"), "7/7 " + exit(12, 0x5000),
                "7/7 " + enter(12, "9000, 0, 0, 0, 0, 0"), "7/7 " + exit(12, 0x9000),
                "7/7 " + fault("0x5000", 6), "7/7 " + fault("0x8000", 6),
                "7/7 " + enter(12, "8000, 0, 0, 0, 0, 0"), "7/7 " + exit(12, 0x8000),
                "7/7 " + enter(12, "ffff000000000000, 0, 0, 0, 0, 0"), "7/7 " + exit(12, 0x8000)));
        TraceResult.ProcessResult process = result.processes().get(0);
        assertEquals(3, process.agreedFaults());
        assertEquals(0, process.signals());
        assertEquals(2, process.vmas());
        assertEquals(4 * (2 + 1 + 1), process.rssKb(), "two pages of arguments, one of stack, one of heap");
        assertEquals(20, process.peakRssKb());
    }

    @Test
    void aMemfdKeepsItsPagesFromOneMappingToTheNext() throws IOException {
        String image = "PERF_RECORD_MMAP2 7/7: [0x%x(0x4000) @ 0 00:01 33 0]: rw-s /memfd:x (deleted)";
        TraceResult result = Traces.run(file(
                "7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x400000(0x1000) @ 0 fe:00 12 0]: r-xp /bin/b",
                "7/7 " + exit(59, 0),
                "7/7 " + enter(319, "0, 0, 0, 0, 0, 0"), "7/7 " + exit(319, 3),
                "7/7 " + enter(77, "3, 4000, 0, 0, 0, 0"), "7/7 " + exit(77, 0),
                "7/7 " + enter(9, "0, 4000, 3, 1, 3, 0"),
                "7/7 " + String.format(Locale.ROOT, image, 0x10000), "7/7 " + exit(9, 0x10000),
                "7/7 " + fault("0x10000", 6), "7/7 " + fault("0x11000", 6),
                "7/7 " + enter(9, "0, 4000, 3, 1, 3, 0"),
                "7/7 " + String.format(Locale.ROOT, image, 0x20000), "7/7 " + exit(9, 0x20000),
                "7/7 " + fault("0x20000", 4), "7/7 " + fault("0x22000", 4)));
        assertEquals(4, result.agreedFaults());
        assertEquals(4 * 5, result.processes().get(0).rssKb(),
                "fault-around maps the second page, not the absent ones");
    }

    @Test
    void aModelThatForgetsAPageIsCaughtByReadingAgain() throws IOException {
        Path file = file(
                "7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x10000(0x4000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + exit(59, 0), "7/7 " + fault("0x10000", 6), "7/7 " + fault("0x11000", 6));
        TraceResult result = TraceRun.run(new TraceOptions(file, "madvise", 1, null), () -> new PageSetTarget() {
            @Override
            public Access access(int space, long page, boolean write, boolean instruction) {
                super.access(space, page, write, instruction);
                return Access.FAULT;
            }
        }, new Traces.Silent());
        assertEquals(2, result.agreedFaults());
        assertEquals(4, result.harmlessFaults());
    }

    @Test
    void aFaultTakenBeforeAnotherThreadsFaultOnThePageWasResolvedAgrees() throws IOException {
        String area = "7/7 PERF_RECORD_MMAP2 7/7: [0x10000(0x4000) @ 0x10000 00:00 0 0]: rw-p //anon";
        String[] together = {"7/7 PERF_RECORD_COMM exec: a:7/7", area, "7/7 " + exit(59, 0),
            "7/7 PERF_RECORD_FORK(7:8):(7:7)", "7/7 " + fault("0x10000", 6), "7/8 " + fault("0x10008", 6)};
        TraceResult.ProcessResult agreed = Traces.run(file(together)).processes().get(0);
        assertEquals(List.of(2L, 1L), List.of(agreed.agreedFaults(), agreed.overlapping()));
        String[] after = together.clone();
        after[4] = together[5];
        after[5] = "7/8 " + fault("0x10000", 6); // the same thread: its first fault was resolved
        assertEquals(1, Traces.run(file(after)).agreedFaults());
        List<String> inBetween = new ArrayList<>(List.of(together));
        inBetween.addAll(5, List.of("7/7 " + enter(273, "0, 0, 0, 0, 0, 0"), "7/7 " + exit(273, 0)));
        assertEquals(1, Traces.run(file(inBetween.toArray(String[]::new))).agreedFaults());
    }

    @Test
    void aFaultTheKernelGaveUpIsTakenAgain() throws IOException {
        String kernel = "7/7 exceptions:page_fault_kernel: address=0x10040 ip=copy error_code=0x2";
        TraceResult result = Traces.run(file("7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x10000(0x4000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + exit(59, 0), kernel, kernel));
        assertEquals(2, result.agreedFaults());
    }

    @Test
    void aSampleMaySeeTheMemoryBeforeTheLastFaultOrDuringTheReading() throws IOException {
        Path trace = file("7/7 PERF_RECORD_COMM exec: a:7/7",
                "7/7 PERF_RECORD_MMAP2 7/7: [0x10000(0x800000) @ 0x10000 00:00 0 0]: rw-p //anon",
                "7/7 " + exit(59, 0), "7/7 " + fault("0x10000", 6), "7/7 " + fault("0x11000", 6));
        Files.writeString(directory.resolve("p.smaps.txt"), """
                4.9 4.95 7 before Rss=44
                5.000000003 5.000000003 7 a Rss=0 Anonymous=0 AnonHugePages=0
                5.000000003 5.5 7 a Rss=4 Anonymous=4
                5.6 5.7 7 a Rss=8 Anonymous=8 AnonHugePages=0 Other=1
                5.8 5.9 8 other Rss=8
                """);
        TraceResult result = Traces.run(trace, "madvise", null);
        assertEquals(List.of(0L, 4L, 8L), result.samples().stream().map(TraceResult.SampleResult::modelRssKb).toList());
        assertEquals(2, result.lostSamples());
    }
}
