package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.VmaFlags;
import org.junit.jupiter.api.Test;

/** Goal: first touches get the folio that R2.3 to R2.6 give them. Method: settings and ranges as calls, folios looked at. */
class AnonFaultTest {
    private final StatementBench bench = new StatementBench();

    /** All 3 x 4 combinations of the global setting and one size's, with and without MADV_HUGEPAGE. */
    @Test
    void aSizeIsAllowedByItsOwnSettingOrTheGlobalOneThatItInherits() {
        for (String global : List.of("always", "madvise", "never")) {
            for (String size : List.of("always", "madvise", "inherit", "never")) {
                for (boolean advised : List.of(true, false)) {
                    String mode = size.equals("inherit") ? global : size;
                    boolean expected = mode.equals("always") || mode.equals("madvise") && advised;
                    KernelSettings settings = new KernelSettings().with("thp", global).with("mthp 64k", size);
                    int orders = settings.anonFaultOrders(advised ? VmaFlags.HUGEPAGE : 0, ThpControl.ENABLED);
                    assertEquals(expected, (orders & 1 << 4) != 0, "thp " + global + ", mthp 64k " + size + ", advised " + advised);
                    StatementBench machine = new StatementBench();
                    machine.run("set thp " + global, "set mthp 2048k never", "set mthp 64k " + size, "p0 mmap 0 512 rw private anon",
                            "p0 madvise 0 512 " + (advised ? "hugepage" : "normal"), "p0 write 37 1");
                    assertEquals(expected ? 4 : 0, machine.page("p0", 37).order(),
                            "thp " + global + ", mthp 64k " + size + ", advised " + advised);
                }
            }
        }
    }

    @Test
    void adviceAgainstHugePagesForbidsAllSizes() {
        bench.run("set thp always", "set mthp 64k always", "p0 mmap 0 512 rw private anon", "p0 madvise 0 512 nohugepage", "p0 write 0 1");

        assertEquals(0, bench.page("p0", 0).order());
    }

    /** C2.a. */
    @Test
    void aReadMapsTheHugeZeroPageAndAWriteReplacesIt() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 read 5 1");
        assertEquals(EntryState.ZERO, bench.page("p0", 511).state());
        assertTrue(bench.isHuge("p0", 511));
        assertNull(bench.page("p0", 512));

        bench.run("p0 write 7 1");
        assertEquals(Map.of("thp_fault_alloc", 1L, "2048k.anon_fault_alloc", 1L, "2048k.nr_anon", 1L), bench.changes("thp_f", "2048k."));
    }

    /** C2.b. */
    @Test
    void theLargestSizeThatFitsIsTaken() {
        bench.run("set mthp 2048k never", "set mthp 64k madvise", "set mthp 16k madvise", "p0 mmap 0 256 rw private anon",
                "p0 madvise 0 256 hugepage", "p0 write 3 1");

        assertEquals(4, bench.page("p0", 3).order());
        assertEquals(4, bench.page("p0", 15).order());
        assertNull(bench.page("p0", 16));
    }

    /** C2.c. */
    @Test
    void aBlockThatLeavesTheVmaFallsToASmallerSize() {
        bench.run("set mthp 2048k never", "set mthp 64k madvise", "set mthp 16k madvise", "p0 mmap 4 16 rw private anon",
                "p0 madvise 4 16 hugepage", "p0 write 4 1", "p0 write 16 1");

        assertEquals(2, bench.page("p0", 4).order());
        assertEquals(2, bench.page("p0", 16).order());
        assertNull(bench.page("p0", 8));
    }

    /** C2.d. */
    @Test
    void aZeroPageInTheBlockForbidsTheSize() {
        bench.run("set mthp 2048k never", "set mthp 64k madvise", "set mthp 16k madvise", "p0 mmap 0 64 rw private anon", "p0 read 5 1",
                "p0 madvise 0 64 hugepage", "p0 write 0 1");

        assertEquals(2, bench.page("p0", 0).order());
        assertEquals(EntryState.ZERO, bench.page("p0", 5).state());
    }

    @Test
    void readsNeverGetOneOfTheMiddleSizes() {
        bench.run("set mthp 2048k never", "set mthp 64k always", "p0 mmap 0 64 rw private anon", "p0 read 0 1");

        assertEquals(EntryState.ZERO, bench.page("p0", 0).state());
        assertNull(bench.page("p0", 1));
    }

    @Test
    void whereATableStandsNoThpComes() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 write 0 1", "p0 madvise 0 512 hugepage", "p0 write 100 1");
        assertFalse(bench.isHuge("p0", 100));

        bench.run("p0 madvise 0 511 dontneed", "p0 write 200 1");
        assertFalse(bench.isHuge("p0", 200), "a table that was not zapped whole stays");

        bench.run("p0 madvise 0 512 dontneed", "p0 write 300 1");
        assertTrue(bench.isHuge("p0", 300), "a table that was zapped whole goes");
    }

    @Test
    void memoryTooShortForAThpFallsBackToTheSizesBelow() {
        StatementBench small = new StatementBench(Map.of(), 520);
        small.run("p0 mmap 1024 16 rw private anon", "p0 write 1024 16", "set thp always", "set mthp 64k inherit",
                "p0 mmap 0 512 rw private anon");

        small.run("p0 write 40 1");

        assertEquals(4, small.page("p0", 40).order());
        assertEquals(Map.of("thp_fault_fallback", 1L, "2048k.anon_fault_fallback", 1L, "64k.anon_fault_alloc", 1L, "64k.nr_anon", 1L),
                small.changes("thp_", "2048k.", "64k."));
    }

    @Test
    void aReadFallsBackToAZeroPage() {
        StatementBench small = new StatementBench(Map.of(), 520);
        small.run("set use_zero_page 0", "p0 mmap 1024 16 rw private anon", "p0 write 1024 16", "p0 mmap 0 512 rw private anon",
                "p0 madvise 0 512 hugepage", "p0 read 40 1");

        assertEquals(EntryState.ZERO, small.page("p0", 40).state());
        assertEquals(Map.of("thp_fault_fallback", 1L, "2048k.anon_fault_fallback", 1L), small.changes("thp_", "2048k."));
    }

    @Test
    void aWriteToTheHugeZeroPageFallsBackToATableOfZeroPages() {
        StatementBench small = new StatementBench(Map.of(), 1024);
        small.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 read 0 1", "p0 mmap 1024 600 rw private anon",
                "p0 write 1024 600");
        small.changes();

        small.run("p0 write 40 1");

        assertEquals(0, small.page("p0", 40).order());
        assertEquals(EntryState.ZERO, small.page("p0", 41).state());
        assertEquals(Map.of("thp_fault_fallback", 1L, "2048k.anon_fault_fallback", 1L, "thp_split_pmd", 1L),
                small.changes("thp_", "2048k."));
    }

    @Test
    void oneWriteOverEverythingFaresLikeOneWriteAPage() {
        String[] setup = {"set thp always", "set mthp 16k inherit", "set mthp 128k always", "p0 mmap 3 1800 rw private anon", "p0 read 700 3",
                "p0 write 1500 1"};
        bench.run(setup);
        bench.run("p0 write 3 1800");
        StatementBench single = new StatementBench();
        single.run(setup);
        for (int page = 3; page < 1803; page++) {
            single.run("p0 write " + page + " 1");
        }
        for (int page = 3; page < 1803; page++) {
            assertEquals(single.entry("p0", page).order(), bench.entry("p0", page).order(), "page " + page);
            assertEquals(single.entry("p0", page).flags(), bench.entry("p0", page).flags(), "page " + page);
        }
        assertEquals(single.changes("thp_", "16k.", "128k.", "2048k."), bench.changes("thp_", "16k.", "128k.", "2048k."));
    }
}
