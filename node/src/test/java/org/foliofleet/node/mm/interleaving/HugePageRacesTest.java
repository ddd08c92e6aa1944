package org.foliofleet.node.mm.interleaving;

import static org.foliofleet.node.mm.interleaving.Race.call;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: what splits, copies and collapses folios meets references, pins and faults as section 16 says. Method: pairs of
 * operations at all distances, with the table of what may come out.
 */
class HugePageRacesTest {
    private static final String[] THP = {"p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512 tag 1"};
    private static final String[] SMALL = {"p0 mmap 0 512 rw private anon", "p0 madvise 0 512 nohugepage", "p0 write 0 512 tag 1", "p0 madvise 0 512 hugepage"};

    private static Race on(String[] first, String... then) {
        String[] all = Arrays.copyOf(first, first.length + then.length);
        System.arraycopy(then, 0, all, first.length, then.length);
        return Race.on(all);
    }

    private static Folio folio(StatementBench bench, String process, long page) {
        return bench.machine().node(0).folio(bench.frame(process, page));
    }

    private static Race.Operation split() {
        return bench -> {
            long frame = bench.frame("p0", 0);
            return bench.machine().submit(new NumaNodeId(Frame.node(frame)), new SplitFolio(frame, 9, 0, -1, true, Unless.NEVER));
        };
    }

    @ParameterizedTest(name = "C16.a C16.b R16.4 R16(a): split and {0}")
    @CsvSource({"getref", "pin"})
    void splitAndGup(String how) {
        on(THP).run(split(), call("p0 " + how + " a 5 1"), (bench, split, got) -> {
            Folio folio = folio(bench, "p0", 5);
            assertEquals(1, bench.page("p0", 5).tag());
            return split + " " + got + " order " + folio.order() + (bench.isHuge("p0", 5) ? " by a PMD" : " by PTEs") + " " + bench.changes("thp_split_page");
        }).saw("SPLIT ok order 0 by PTEs {thp_split_page=1}", "REFERENCED ok order 9 by PTEs {thp_split_page_failed=1}",
                (how.equals("pin") ? "PINNED" : "REFERENCED") + " ok order 9 by a PMD {thp_split_page_failed=1}");
    }

    @ParameterizedTest(name = "C16.c R16.6 R16.7 R16(b): fork and a pin, {0}")
    @CsvSource({"small", "thp"})
    void forkAndPin(String size) {
        on(size.equals("thp") ? THP : SMALL).run("p0 fork p1", "p0 pin a 5 1", (bench, fork, pin) -> {
            boolean same = bench.frame("p0", 5) == bench.frame("p1", 5);
            assertEquals(1, bench.page("p0", 5).tag());
            assertEquals(1, bench.page("p1", 5).tag());
            long pinned = bench.frame("p0", 5);
            bench.run("p0 write 5 1 tag 2");
            assertEquals(pinned, bench.frame("p0", 5), "writes go where the device writes");
            return fork + " " + pin + (same ? " shared" : " apart") + (bench.frame("p0", 9) == bench.frame("p1", 9) ? ", the neighbour is shared" : "");
        }).saw(size.equals("thp") ? new String[] {"ok ok apart", "ok ok apart, the neighbour is shared"} : new String[] {"ok ok apart, the neighbour is shared"});
    }

    @ParameterizedTest(name = "C16.d: fork and a reference, {0}")
    @CsvSource({"small", "thp"})
    void forkAndGet(String size) {
        on(size.equals("thp") ? THP : SMALL).run("p0 fork p1", "p0 getref a 5 1", (bench, fork, get) -> {
            long got = bench.frame("p0", 5);
            boolean same = got == bench.frame("p1", 5);
            bench.run("p0 write 5 1 tag 2");
            assertEquals(1, bench.page("p1", 5).tag());
            return fork + " " + get + (same ? " shared" : " apart") + (bench.frame("p0", 5) == got ? " and written" : " and copied by the write");
        }).saw("ok ok shared and copied by the write");
    }

    @Test
    @DisplayName("C16.f R16(e): reuse of a page and a reference")
    void reuseAndGet() {
        on(SMALL, "p0 fork p1", "p1 exit").run(bench -> bench.submit("p0 write 5 1 tag 2"), call("p0 getref a 5 1"), (bench, write, get) -> {
            assertEquals(2, bench.page("p0", 5).tag());
            return write + " " + get + " " + (bench.frame("p0", 5) == bench.frame("p0", 6) - 1 ? "reused" : "copied");
        }).saw("ok ok reused", "ok ok copied");
    }

    @Test
    @DisplayName("C16.i: two processes unmap different pages of a folio")
    void twoUnmap() {
        on(THP, "p0 fork p1", "p0 munmap 8 8", "p1 munmap 0 8").run("p0 munmap 0 8", "p1 munmap 8 8",
                (bench, one, other) -> one + " " + other + " " + bench.changes("2048k.", "thp_"))
                .saw("ok ok {2048k.nr_anon_partially_mapped=1, 2048k.split_deferred=1, thp_deferred_split_page=1}");
    }

    @ParameterizedTest(name = "R16.8: collapse and {0}")
    @CsvSource({"getref a 5 1, ok ok huge tag 1; EAGAIN ok small tag 1", "pin a 5 1, ok ok huge tag 1; EAGAIN ok small tag 1",
        "write 5 1 tag 2, ok ok huge tag 2", "read 5 1, ok ok huge tag 1", "munmap 0 8, ok ok small gone; EINVAL ok small gone",
        "mprotect 0 8 r, ok ok small tag 1; EINVAL ok small tag 1", "fork p1, ok ok huge tag 1"})
    void collapse(String other, String acceptable) {
        on(SMALL).run("p0 madvise 0 512 collapse", "p0 " + other, (bench, collapse, result) -> {
            boolean gone = bench.page("p0", 5) == null;
            return collapse + " " + result + (bench.isHuge("p0", 500) ? " huge" : " small") + (gone ? " gone" : " tag " + bench.page("p0", 5).tag());
        }).saw(acceptable.split("; "));
    }

    @Test
    @DisplayName("R16(i): collapse and swap-in")
    void collapseAndSwapIn() {
        on(SMALL, "p0 madvise 0 64 pageout").run("p0 madvise 0 512 collapse", "p0 write 5 1 tag 2", (bench, collapse, result) -> {
            assertEquals(2, bench.page("p0", 5).tag());
            return collapse + " " + result + (bench.isHuge("p0", 500) ? " huge" : " small");
        }).saw("ok ok huge");
    }

    @ParameterizedTest(name = "userfaultfd and collapse: {0}")
    @CsvSource({"uffd-register 0 512 missing", "uffd-register 0 512 wp"})
    void collapseAndUserfaultfd(String other) {
        on(SMALL, "p0 madvise 5 1 dontneed").run("p0 madvise 0 512 collapse", "p0 " + other, (bench, collapse, result) ->
                collapse + " " + result + (bench.isHuge("p0", 500) ? " huge" : " small") + (bench.page("p0", 5) == null ? " a hole" : " filled")).saw("ok ok huge filled", "EBUSY ok small a hole");
    }

    @ParameterizedTest(name = "userfaultfd and collapse: {0}")
    @CsvSource({"uffd-copy 5 1 tag 2, ok ok huge filled; EBUSY ok small filled", "uffd-zeropage 5 1, EBUSY ok small filled", "uffd-wp 7 1, EBUSY ok small a hole"})
    void collapseAndFill(String other, String acceptable) {
        on(SMALL, "p0 madvise 5 1 dontneed", "p0 uffd-register 0 512 missing+wp").run("p0 madvise 0 512 collapse", "p0 " + other, (bench, collapse, result) ->
                collapse + " " + result + (bench.isHuge("p0", 500) ? " huge" : " small") + (bench.page("p0", 5) == null ? " a hole" : " filled")).sawAmid(acceptable.split("; "));
    }

    @Test
    @DisplayName("userfaultfd and collapse: continue in a block of shmem that becomes huge")
    void collapseAndContinue() {
        Race.on("p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512 tag 1", "p0 munmap 0 512", "p0 mmap 0 512 rw shared memfd:f", "p0 madvise 0 512 hugepage",
                "p0 uffd-register 0 512 minor").run("p0 madvise 0 512 collapse", "p0 uffd-continue 5 1", (bench, collapse, result) -> {
            assertEquals(1, bench.page("p0", 5).tag());
            return collapse + " " + result + (bench.isHuge("p0", 5) ? " huge" : " small");
        }).saw("ok ok huge", "ok EEXIST huge");
    }
}
