package org.foliofleet.node.mm.interleaving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: what meets migration entries waits, copies, drops, downgrades or moves them (R16.9), and faults run beside writers of
 * mmap_lock (R16.2). Method: pairs of operations at all distances, with the table of what may come out.
 */
class MigrationRacesTest {
    private static Race race(boolean huge, String... more) {
        String[] all = new String[3 + more.length];
        all[0] = "p0 mmap 0 512 rw private anon";
        all[1] = "p0 madvise 0 512 " + (huge ? "hugepage" : "nohugepage");
        all[2] = "p0 write 0 512 tag 1";
        System.arraycopy(more, 0, all, 3, more.length);
        return new Race(() -> StatementBench.ofNodes(2, false, Map.of()), all);
    }

    private static String at(StatementBench bench, String process, long page) {
        return bench.page(process, page) == null ? "none" : bench.page(process, page).tag() + " on " + bench.node(process, page);
    }

    @ParameterizedTest(name = "R16.9 R16(g): migration and {1}, {0}")
    @CsvSource(delimiter = '|', textBlock = """
        small | write 5 1 tag 2        | ok: 2 on 1, 1 on 1
        thp   | write 5 1 tag 2        | ok: 2 on 1, 1 on 1
        small | fork p1                | ok: 1 on 1, 1 on 1, child 1 on 1 shared; ok: 1 on 0, 1 on 0, child 1 on 0 shared
        thp   | fork p1                | ok: 1 on 1, 1 on 1, child 1 on 1 shared; ok: 1 on 0, 1 on 0, child 1 on 0 shared
        small | madvise 0 256 dontneed | ok: none, 1 on 1
        thp   | madvise 0 256 dontneed | ok: none, 1 on 1
        small | mprotect 0 256 r       | ok: 1 on 1, 1 on 1, a write SIGSEGV@5
        thp   | mprotect 0 256 r       | ok: 1 on 1, 1 on 1, a write SIGSEGV@5
        small | mlock 0 512            | ok: 1 on 1, 1 on 1, mlocked true
        thp   | mlock 0 512            | ok: 1 on 1, 1 on 1, mlocked true
        small | getref a 5 1           | ok: 1 on 1, 1 on 1; ok: 1 on 0, 1 on 1
        thp   | getref a 5 1           | ok: 1 on 1, 1 on 1; ok: 1 on 0, 1 on 0
        small | pin a 5 1              | ok: 1 on 1, 1 on 1; ok: 1 on 0, 1 on 1
        """)
    void migrationAnd(String size, String other, String acceptable) {
        race(size.equals("thp")).run("p0 move-pages 0 512 1", "p0 " + other, (bench, move, result) -> {
            String child = other.startsWith("fork") ? ", child " + at(bench, "p1", 5) + " " + (bench.frame("p0", 5) == bench.frame("p1", 5) ? "shared" : "apart") : "";
            String write = other.startsWith("mprotect") ? ", a write " + bench.run("p0 write 5 1") : "";
            String lock = other.startsWith("mlock") ? ", mlocked " + bench.flags("p0", 300).contains("mlocked") : "";
            return result + ": " + at(bench, "p0", 5) + ", " + at(bench, "p0", 300) + child + write + lock;
        }).saw(acceptable.split("; "));
    }

    @ParameterizedTest(name = "R16.9 R16(h): migration and mremap, {0}")
    @CsvSource({"small", "thp"})
    void migrationAndMremap(String size) {
        race(size.equals("thp")).run("p0 move-pages 0 512 1", "p0 mremap 0 512 512 fixed 1024", (bench, move, result) ->
                result + ": " + at(bench, "p0", 5) + ", " + at(bench, "p0", 1029) + ", " + at(bench, "p0", 1500)).saw("ok: none, 1 on 1, 1 on 1", "ok: none, 1 on 0, 1 on 0");
    }

    @Test
    @DisplayName("C16.g R16.2: a fault and mprotect of another VMA")
    void faultBesideMprotect() {
        Race.on("p0 mmap 0 16 rw private anon", "p0 mmap 100 16 rw private anon", "p0 write 100 16 tag 1").run("p0 write 0 16 tag 2", "p0 mprotect 100 16 r", (bench, write, protect) ->
                write + " " + protect + " " + bench.page("p0", 15).tag() + ", then " + bench.run("p0 write 100 1")).saw("ok ok 2, then SIGSEGV@100");
    }

    @Test
    @DisplayName("C16.g: a fault and mprotect of its own VMA")
    void faultInsideMprotect() {
        Race.on("p0 mmap 0 16 rw private anon", "p0 mmap 100 16 rw private anon", "p0 write 100 4 tag 1").run("p0 write 100 16 tag 2", "p0 mprotect 100 16 r", (bench, write, protect) ->
                write + " " + protect + ", then " + bench.run("p0 write 100 1")).saw("ok ok, then SIGSEGV@100", "SIGSEGV@100 ok, then SIGSEGV@100");
    }
}
