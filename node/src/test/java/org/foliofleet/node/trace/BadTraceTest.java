package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: whatever a file holds, a person gets one message that says where and what to do, or a result. */
class BadTraceTest {
    private static final String EXEC = "a 1/1 1.000000001: PERF_RECORD_COMM exec: a:1/1\n";

    @TempDir
    private Path directory;

    private String message(byte[] content) throws IOException {
        Path file = Files.write(directory.resolve("t.perf.txt"), content);
        String message = assertThrows(BadInput.class, () -> Traces.run(file)).getMessage();
        assertTrue(message.startsWith(file.toString()) && message.contains("; "), message);
        return message;
    }

    private String message(String content) throws IOException {
        return message(content.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void filesThatAreNoTraces() throws IOException {
        assertTrue(message("").contains("line 1: this is no trace: the file is empty"));
        assertTrue(message("hello\nworld\n").contains("this is no trace"));
        assertTrue(message("x\n".repeat(5000)).contains("line 1001: this is no trace"));
        assertTrue(message("PERFILE2\0\0").contains("line 1: a zero byte"));
        assertTrue(message(new byte[] {'a', (byte) 0xff, '\n'}).contains("line 1: not UTF-8"));
        assertTrue(message("y".repeat(2_000_000)).contains("line 1: the line is longer"));
        assertThrows(BadInput.class, () -> Traces.run(directory));
        assertThrows(BadInput.class, () -> Traces.run(directory.resolve("absent")));
    }

    @Test
    void gzipFilesCutShortOrDamaged() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            for (String line : Traces.lines("gcc.perf.txt.gz")) {
                gzip.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        byte[] whole = out.toByteArray();
        assertTrue(message(Arrays.copyOf(whole, whole.length / 2)).contains("cut short"));
        assertTrue(message(Arrays.copyOf(whole, 5)).contains("cut short"));
        Arrays.fill(whole, 1000, 1100, (byte) 0x55);
        String damaged = message(whole);
        assertTrue(damaged.contains("damaged") || damaged.contains("line "), damaged);
    }

    @Test
    void eventsThatCannotBeReadNameTheirLine() throws IOException {
        for (String event : new String[] {
            "exceptions:page_fault_user: address=0xzz ip=0x1 error_code=0x4",
            "exceptions:page_fault_user: address=0x11112222333344445 ip=0x1 error_code=0x4",
            "exceptions:page_fault_user: ip=0x1",
            "raw_syscalls:sys_enter: NR 9 (0, 1, 2)",
            "raw_syscalls:sys_enter: NR 99999999999 (0, 0, 0, 0, 0, 0)",
            "raw_syscalls:sys_exit: NR 9 = many",
            "PERF_RECORD_MMAP2 1/1: [0x1000(0x10",
            "PERF_RECORD_MMAP2 1/1: [0xffffffffff000000(0x1000) @ 0 00:00 0 0]: rw-p //anon",
            "PERF_RECORD_FORK(2:2)",
            "sched:sched_process_fork: comm=a pid=1",
        }) {
            String message = message(EXEC + "a 1/1 1.000000002: " + event + "\n" + EXEC);
            assertTrue(message.contains(": line 2: "), message);
        }
        String noThread = message(EXEC
                + "a 1/99999999999 1.0: exceptions:page_fault_user: address=0x1 error_code=0x4\n");
        assertTrue(noThread.contains("line 2: an event without a readable thread and time"), noThread);
        String cut = message(EXEC + "a 1/1 1.000000002: exceptions:page_fault_user: addr");
        assertTrue(cut.contains("line 2") && cut.contains("the file ends within this line"), cut);
    }

    @Test
    void grantedCallsThatNoKernelGrants() throws IOException {
        String message = message(EXEC
                + "a 1/1 1.1: raw_syscalls:sys_enter: NR 9 (0, 7fffffffffffffff, 3, 22, ffffffff, 0)\n"
                + "a 1/1 1.2: raw_syscalls:sys_exit: NR 9 = 4096\n");
        assertTrue(message.contains("line 2: mmap granted for impossible addresses"), message);
    }

    @Test
    void linesOfOtherKindsAreCountedAndNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("odd.perf.txt"), "# captured on\n\n" + EXEC
                + "a 1/1 1.1: kmem:mm_page_alloc: page=0x1\na 1/1 1.1: kmem:mm_page_alloc: page=0x2\nLost 3 chunks\n"
                + "a 1/1 1.2: raw_syscalls:sys_exit: NR 11 = 0\n");
        assertEquals("{answer without a call: munmap=1, event kmem:mm_page_alloc=2, unknown line: Lost…=1}",
                Traces.run(file).notReplayed().toString());
    }

    @Test
    void anUnreadableCallOfAnStraceLogIsRefusedOnlyIfMemoryDependsOnIt() throws IOException {
        Path file = directory.resolve("mixed.strace");
        Files.writeString(file, "5 1.0 brk(NULL) = 0x5000\n5 1.1 read(3, strace: Process 6 attached\n");
        assertEquals("{unreadable call: read=1}", Traces.run(file).notReplayed().toString());
        Files.writeString(file, "5 1.0 brk(NULL) = 0x5000\n5 1.1 munmap(0x5000, strace: Process 6 attached\n");
        String message = assertThrows(BadInput.class, () -> Traces.run(file)).getMessage();
        assertTrue(message.contains("mixed.strace: line 2: cannot read this line"), message);
    }

    @Test
    void samplesThatCannotBeReadNameTheirLine() throws IOException {
        Path trace = Files.writeString(directory.resolve("s.perf.txt"), EXEC);
        for (String line : new String[] {"1.0 2.0 1", "1.0 2.0 x a Rss=1", "2.0 1.0 1 a Rss=1",
                "1.0 2.0 1 a Rss=one"}) {
            Files.writeString(directory.resolve("s.smaps.txt"), "1.0 1.1 1 a Rss=4\n" + line + "\n");
            String message = assertThrows(BadInput.class, () -> Traces.run(trace)).getMessage();
            assertTrue(message.contains("s.smaps.txt: line 2: "), message);
        }
    }

    /** Random damage never gives anything but a result or a message. */
    @Test
    void damagedTextIsReadOrRefused() throws IOException {
        for (String name : new String[] {"gcc.perf.txt.gz", "gcc.strace"}) {
            byte[] text = String.join("\n", Traces.lines(name).subList(0, 300)).getBytes(StandardCharsets.UTF_8);
            for (int seed = 0; seed < 300; seed++) {
                Random random = new Random(seed);
                byte[] damaged = text.clone();
                for (int i = 0; i < 20; i++) {
                    damaged[random.nextInt(damaged.length)] = (byte) (32 + random.nextInt(95));
                }
                Path file = Files.write(directory.resolve("damaged.txt"), damaged);
                try {
                    Traces.run(file, "madvise", null);
                } catch (BadInput e) {
                    assertTrue(e.getMessage().contains("line "), e.getMessage());
                } catch (RuntimeException | OutOfMemoryError e) {
                    throw new AssertionError(name + " damaged with seed " + seed, e);
                }
            }
        }
    }
}
