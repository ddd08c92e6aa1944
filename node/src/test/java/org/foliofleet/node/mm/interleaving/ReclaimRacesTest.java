package org.foliofleet.node.mm.interleaving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: reclaim, the shrinker and KSM meet faults, writes, locks and ends of processes as section 16 says. Method: pairs of
 * operations at all distances, with the table of what may come out.
 */
class ReclaimRacesTest {
    private static final String MAP = "p0 mmap 0 16 rw private anon";
    private static final String[] LAZYFREE = {MAP, "p0 write 0 16 tag 1", "p0 madvise 0 16 free"};
    private static final String[] HUGE_LAZYFREE = {"p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512 tag 1", "p0 madvise 0 512 free"};

    private static String tag(StatementBench bench, String process, long page) {
        return bench.page(process, page) == null ? "none" : Long.toString(bench.page(process, page).tag());
    }

    private static long mapped(StatementBench bench, String process, long pages) {
        long count = 0;
        for (long page = 0; page < pages; page++) {
            count += bench.page(process, page) != null && bench.entry(process, page).isPresent() ? 1 : 0;
        }
        return count;
    }

    @ParameterizedTest(name = "C16.e R16(c): discard of lazyfree memory and a write, {0}")
    @CsvSource({"small", "thp"})
    void discardAndWrite(String size) {
        Race.on(size.equals("thp") ? HUGE_LAZYFREE : LAZYFREE).run("p0 madvise 0 512 pageout", "p0 write 5 1 tag 2", (bench, discard, write) -> {
            assertEquals("2", tag(bench, "p0", 5), "no write is lost");
            return write + ", the neighbour " + tag(bench, "p0", 6);
        }).saw(size.equals("thp") ? new String[] {"ok, the neighbour none", "ok, the neighbour 1"} : new String[] {"ok, the neighbour none"});
    }

    @ParameterizedTest(name = "R16(d): discard of lazyfree memory and a reference, then a write, {0}")
    @CsvSource({"small", "thp"})
    void discardAndGet(String size) {
        Race.on(size.equals("thp") ? HUGE_LAZYFREE : LAZYFREE).run("p0 madvise 0 512 pageout", "p0 getref a 5 1", (bench, discard, get) -> {
            String before = tag(bench, "p0", 5);
            bench.run("p0 write 5 1 tag 2");
            assertEquals("2", tag(bench, "p0", 5));
            return get + " page " + before + ", the neighbour " + tag(bench, "p0", 6);
        }).saw("ok page 0, the neighbour none", "ok page 1, the neighbour " + (size.equals("thp") ? "1" : "none"));
    }

    @Test
    @DisplayName("R16.12: MADV_FREE and a write")
    void freeAndWrite() {
        Race.on(MAP, "p0 write 0 16 tag 1").run("p0 madvise 0 16 free", "p0 write 5 1 tag 2", (bench, free, write) -> {
            bench.run("p0 madvise 0 16 pageout");
            bench.run("p0 read 5 1");
            return free + " " + write + ": " + tag(bench, "p0", 5);
        }).saw("ok ok: 0", "ok ok: 2");
    }

    @ParameterizedTest(name = "C16.h R16.10 R16(f): the shrinker and {0} of the second of two queued folios")
    @CsvSource(delimiter = '|', textBlock = """
        munmap 512 256           | ok ok split 2 of 2; ok ok split 1 of 2
        madvise 512 256 dontneed | ok ok split 2 of 2; ok ok split 1 of 2
        exit                     | ok ok split 2 of 2; ok ok split 0 of 2
        munmap 512 128           | ok ok split 2 of 2
        """)
    void shrinkerAndUnmap(String unmap, String acceptable) {
        Race.on("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1024 tag 1", "p0 munmap 256 256", "p0 munmap 768 256").run("shrink-slab",
                "p0 " + unmap, (bench, shrink, gone) -> {
                    Map<String, Long> changes = bench.changes("thp_split_page", "2048k.nr_anon");
                    return shrink + " " + gone + " split " + changes.getOrDefault("thp_split_page", 0L) + " of " + -changes.get("2048k.nr_anon");
                }).saw(acceptable.split("; "));
    }

    @ParameterizedTest(name = "R16.11: mlock and {0}")
    @CsvSource({"reclaim, ok ok mlocked 16 Locked 64; ok ok mlocked 0 Locked 64", "p0 madvise 0 16 pageout, ok EINVAL mlocked 16 Locked 64; ok ok mlocked 0 Locked 64",
        "p1 madvise 0 16 pageout, ok ok mlocked 16 Locked 64"})
    void mlockAndReclaim(String reclaim, String acceptable) {
        Race.on(MAP, "p0 write 0 16 tag 1", reclaim.startsWith("p1") ? "p0 fork p1" : "p0 read 0 1").run("p0 mlock 0 16", reclaim, (bench, lock, freed) -> {
            assertEquals(16, mapped(bench, "p0", 16));
            int locked = 0;
            for (int page = 0; page < 16; page++) {
                assertEquals("1", tag(bench, "p0", page));
                locked += bench.flags("p0", page).contains("mlocked") ? 1 : 0;
            }
            return lock + " " + freed + " mlocked " + locked + " Locked " + bench.smaps("p0", 0).get("Locked");
        }).saw(acceptable.split("; "));
    }

    @Test
    @DisplayName("R16(j): munlock and reclaim")
    void munlockAndReclaim() {
        Race.on(MAP, "p0 write 0 16 tag 1", "p0 mlock 0 16").run("p0 munlock 0 16", "reclaim", (bench, unlock, freed) -> {
            long left = mapped(bench, "p0", 16);
            for (int page = 0; page < 16; page++) {
                assertEquals("false", Boolean.toString(bench.page("p0", page) != null && left > 0 && bench.entry("p0", page).isPresent() && bench.flags("p0", page).contains("mlocked")));
            }
            bench.run("reclaim");
            return unlock + " " + freed + " left " + left + ", then " + mapped(bench, "p0", 16);
        }).saw("ok ok left 0, then 0", "ok ok left 16, then 0");
    }

    @ParameterizedTest(name = "swap-in and {0}")
    @CsvSource({"p1 exit, ok ok 1 1", "p0 munmap 0 16, ok ok none none; SIGSEGV@0 ok none none", "p0 munmap 8 8, ok ok 1 none; SIGSEGV@8 ok 1 none",
        "p0 exit, ok ok; SIGSEGV@0 ok", "p1 read 0 16, ok ok 1 1", "p0 fork p2, ok ok 1 1"})
    void swapInAnd(String other, String acceptable) {
        Race.on(MAP, "p0 write 0 16 tag 1", "p0 fork p1", "reclaim").run("p0 read 0 16", other, (bench, read, end) -> {
            boolean lives = !other.equals("p0 exit");
            return read + " " + end + (lives ? " " + tag(bench, "p0", 5) + " " + tag(bench, "p0", 12) : "");
        }).saw(acceptable.split("; "));
    }

    @Test
    @DisplayName("C10.c2: a THP that a reference keeps in the swap cache is mapped again as a whole, by PTEs")
    void pageoutAndGet() {
        Race.on("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512 tag 1").run("p0 madvise 0 512 pageout", "p0 getref a 3 1", (bench, out, get) -> {
            bench.run("p0 read 9 1");
            assertEquals("1", tag(bench, "p0", 9));
            return out + " " + get + " " + mapped(bench, "p0", 512) + (bench.isHuge("p0", 9) ? " huge " : " ") + bench.changes("pswpin", "thp_swp");
        }).saw("ok ok 512 {}", "ok ok 512 huge {}", "ok ok 2 {pswpin=2, thp_swpout=1}");
    }

    @ParameterizedTest(name = "KSM and {0}")
    @CsvSource({"p0 write 2 1 tag 9, ok ok 5 9 KSM 12 {}; ok ok 5 9 KSM 12 {cow_ksm=1}", "p0 pin a 2 1, ok ok 5 5 KSM 12 {}; ok ok 5 5 KSM 12 {cow_ksm=1}",
        "p0 munmap 2 1, ok ok 5 none KSM 8 {}", "p0 fork p1, ok ok 5 5 KSM 16 {}"})
    void ksmAnd(String other, String acceptable) {
        Race.on("p0 mmap 0 4 rw private anon", "p0 madvise 0 4 mergeable", "p0 write 0 4 tag 5 same").run("ksm-scan 2", other, (bench, scan, result) ->
                scan + " " + result + " " + tag(bench, "p0", 1) + " " + tag(bench, "p0", 2) + " KSM " + bench.smaps("p0", 0).get("KSM") + " " + bench.changes("cow_ksm")).saw(acceptable.split("; "));
    }
}
