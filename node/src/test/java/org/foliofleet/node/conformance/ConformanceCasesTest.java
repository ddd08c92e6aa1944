package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.foliofleet.node.mm.machine.Invariants;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the cases of MM-SEMANTICS end as their tables say. Method: a row a case: what happens before, the statements, how the
 * last one ends, all changes of counters of huge pages ({@code 2M.}, {@code 64k.}, {@code thp_}) and of those named by any
 * row, and fields of smaps ({@code process@page Field=kB …}) after them.
 */
class ConformanceCasesTest {
    private static final Map<String, String> SETUPS = Map.of(
            "thp", "p0 mmap 0 512 rw private anon; p0 madvise 0 512 hugepage; p0 write 0 512",
            "sparse", "p0 mmap 0 512 rw private anon; p0 madvise 0 512 hugepage; p0 write 0 1",
            "lazyfree", "p0 mmap 0 512 rw private anon; p0 madvise 0 512 hugepage; p0 write 0 512; p0 madvise 0 512 free",
            "equal", "p0 mmap 0 4 rw private anon; p0 madvise 0 4 mergeable; p0 write 0 4 tag 5 same",
            "small", "p0 mmap 0 512 rw private anon; p0 madvise 0 512 nohugepage; p0 write 0 512; p0 madvise 0 512 hugepage",
            "64k", "set mthp 64k madvise; p0 mmap 0 16 rw private anon; p0 madvise 0 16 hugepage; p0 write 0 16",
            "memfd", "p0 mmap 0 512 rw shared memfd:f; p0 write 0 512; p0 madvise 0 512 hugepage; p0 madvise 0 512 collapse; p0 munmap 0 512; p0 mmap 512 512 rw private memfd:f");

    private StatementBench bench = new StatementBench(Map.of("f", 512L));

    private void run(String statements) {
        result(statements);
    }

    private String result(String statements) {
        String last = "ok";
        for (String statement : statements.split(";")) {
            String word = statement.strip();
            if (SETUPS.containsKey(word)) {
                run(SETUPS.get(word));
            } else if (!word.isEmpty()) {
                last = bench.run(word);
            }
        }
        return last;
    }

    private static final List<String> COUNTED = List.of("thp_", "2M.", "64k.", "pswp", "pglazyfreed", "cow_ksm", "unevictable_pgs_mlocked");

    /** Changes since the last time as {@code name+1 name-2}, by name. */
    private String changes() {
        Map<String, Long> changes = new TreeMap<>();
        bench.changes("").forEach((name, change) -> {
            String shortName = name.replace("2048k.", "2M.");
            if (COUNTED.stream().anyMatch(shortName::startsWith)) {
                changes.put(shortName, change);
            }
        });
        return changes.entrySet().stream().map(e -> e.getKey() + (e.getValue() > 0 ? "+" : "") + e.getValue()).collect(Collectors.joining(" "));
    }

    private void smaps(String checks) {
        for (String check : checks.split(";")) {
            String[] words = check.strip().split("[@ ]+");
            Map<String, Long> fields = bench.smaps(words[0], Long.parseLong(words[1]));
            List<String> seen = new ArrayList<>();
            for (String field : Arrays.asList(words).subList(2, words.length)) {
                String name = field.substring(0, field.indexOf('='));
                seen.add(name + "=" + fields.getOrDefault(name, 0L));
            }
            assertEquals(String.join(" ", Arrays.asList(words).subList(2, words.length)), String.join(" ", seen), words[0] + " page " + words[1]);
        }
    }

    private void check(String before, String statements, String result, String changes, String smaps) {
        run(before);
        changes();
        assertEquals(result, result(statements));
        if (changes == null || !changes.equals("any")) {
            assertEquals(changes == null ? "" : Arrays.stream(changes.split(" +")).sorted().collect(Collectors.joining(" ")), changes());
        }
        if (smaps != null) {
            smaps(smaps);
        }
        Invariants.quiet(bench.machine());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        C2.e a memfd collapsed to a THP, mapped privately and read | memfd | p0 read 519 1 | ok | thp_file_mapped+1 | p0@512 ShmemPmdMapped=2048 Rss=2048
        C2.f one page of that mapping is written | memfd; p0 read 512 1 | p0 write 519 1 | ok | thp_split_pmd+1 | p0@512 Rss=4 Anonymous=4 ShmemPmdMapped=0
        C2.f the other pages come back with the next fault | memfd; p0 read 512 1; p0 write 519 1 | p0 read 600 1 | ok | | p0@512 Anonymous=4 ShmemPmdMapped=0
        C2.g swap-in by a read | p0 mmap 0 16 rw private anon; p0 write 0 16; p0 madvise 0 16 pageout | p0 read 3 1 | ok | pswpin+1 | p0@0 Rss=4 Private_Clean=4 Swap=60
        C5.e collapse of small pages, one with a reference | small; p0 getref a 7 1 | p0 madvise 0 512 collapse | EAGAIN | | p0@0 Rss=2048 AnonHugePages=0
        C6.a THP, second half unmapped | thp | p0 munmap 256 256 | ok | thp_split_pmd+1 thp_deferred_split_page+1 2M.split_deferred+1 2M.nr_anon_partially_mapped+1 | p0@0 Rss=1024 AnonHugePages=0
        C6.b shared with a child, the parent unmaps half | thp; p0 fork p1 | p0 munmap 256 256 | ok | thp_split_pmd+1 | p1@0 AnonHugePages=2048
        C6.b then the child exits | thp; p0 fork p1; p0 munmap 256 256 | p1 exit | ok | thp_deferred_split_page+1 2M.split_deferred+1 2M.nr_anon_partially_mapped+1 | p0@0 Rss=1024
        C6.c child unmaps the first half, parent the second | thp; p0 fork p1 | p1 munmap 0 256; p0 munmap 256 256 | ok | thp_split_pmd+2 | p0@0 Rss=1024; p1@256 Rss=1024
        C6.c then the child exits | thp; p0 fork p1; p1 munmap 0 256; p0 munmap 256 256 | p1 exit | ok | thp_deferred_split_page+1 2M.split_deferred+1 2M.nr_anon_partially_mapped+1 | p0@0 Rss=1024
        C6.d reclaim of a clean lazyfree THP | lazyfree | p0 madvise 0 512 pageout | ok | thp_split_pmd+1 pglazyfreed+512 2M.nr_anon-1 | p0@0 Rss=0 Swap=0
        C6.d the same after a read | lazyfree; p0 read 0 512 | p0 madvise 0 512 pageout | ok | thp_split_pmd+1 pglazyfreed+512 2M.nr_anon-1 | p0@0 Rss=0 Swap=0
        C6.e lazyfree THP, one write, reclaim | lazyfree; p0 write 7 1 | p0 madvise 0 512 pageout | ok | thp_split_pmd+1 | p0@0 Rss=2048 AnonHugePages=0 LazyFree=0
        C6.g lazyfree THP, write, mprotect there and back, reclaim | lazyfree; p0 write 7 1; p0 mprotect 0 512 r; p0 mprotect 0 512 rw | p0 madvise 0 512 pageout | ok | thp_split_pmd+1 | p0@0 Rss=2048 LazyFree=0
        C7.h MADV_FREE of 4 pages of an exclusive THP | sparse | p0 madvise 8 4 free | ok | thp_split_page+1 thp_split_pmd+1 2M.split+1 2M.nr_anon-1 | p0@0 Rss=4
        C7.i MADV_COLD of half of an exclusive THP | thp | p0 madvise 0 256 cold | ok | thp_split_page+1 thp_split_pmd+1 2M.split+1 2M.nr_anon-1 | p0@0 Rss=2048 AnonHugePages=0
        C7.i the same, shared with a child | thp; p0 fork p1 | p0 madvise 0 256 cold | ok | | p0@0 AnonHugePages=2048
        C7.j mprotect of a page of a THP and back | thp | p0 mprotect 7 1 r; p0 mprotect 7 1 rw | ok | thp_split_pmd+1 | p0@0 Rss=2048 AnonHugePages=0
        C7.j then collapse: a new THP | thp; p0 mprotect 7 1 r; p0 mprotect 7 1 rw | p0 madvise 0 512 collapse | ok | thp_collapse_alloc+1 | p0@0 AnonHugePages=2048
        C7.r half of a THP moved away | thp | p0 mremap 0 256 256 fixed 1024 | ok | thp_split_pmd+1 | p0@1024 Rss=1024; p0@256 Rss=1024
        C7.r mlock of the moved half locks nothing | thp; p0 mremap 0 256 256 fixed 1024 | p0 mlock 1024 256 | ok | | p0@1024 Locked=1024
        C7.r MADV_FREE of 4 pages of it splits the folio | thp; p0 mremap 0 256 256 fixed 1024 | p0 madvise 1030 4 free | ok | thp_split_page+1 thp_deferred_split_page+1 2M.split+1 2M.split_deferred+1 2M.nr_anon-1 | p0@1024 Rss=1024
        C7.t KSM pages, mremap | p0 mmap 0 4 rw private anon; p0 madvise 0 4 mergeable; p0 write 0 4 tag 5 same; ksm-scan | p0 mremap 0 4 4 fixed 64 | ok | cow_ksm+4 | p0@64 KSM=0 Rss=16 Pss=16
        C8.a sparse THP, half unmapped, shrinker | sparse; p0 munmap 256 256 | shrink-slab | ok | thp_split_page+1 2M.split+1 2M.nr_anon-1 2M.nr_anon_partially_mapped-1 | p0@0 Rss=4
        C8.c 64K folio, DONTNEED of a page | 64k | p0 madvise 3 1 dontneed | ok | 64k.split_deferred+1 64k.nr_anon_partially_mapped+1 | p0@0 Rss=60
        C8.c the refault gives a small page | 64k; p0 madvise 3 1 dontneed | p0 write 3 1 | ok | | p0@0 Rss=64
        C8.e split of a file THP to order 4 | set shmem always; p0 mmap 0 512 rw shared memfd:f; p0 write 0 512 | split-file f 0 512 4 | ok | any | p0@0 ShmemPmdMapped=0
        C10.c PAGEOUT of a THP, block swap with free clusters | thp | p0 madvise 0 512 pageout | ok | thp_swpout+1 2M.swpout+1 2M.nr_anon-1 pswpout+512 thp_split_pmd+1 | p0@0 Rss=0 Swap=2048
        C10.d half-unmapped THP, PAGEOUT | thp; p0 munmap 256 256 | p0 madvise 0 256 pageout | ok | thp_split_page+1 2M.split+1 2M.nr_anon-1 2M.nr_anon_partially_mapped-1 pswpout+256 | p0@0 Swap=1024
        C10.e THP shared with a child, PAGEOUT by one | thp; p0 fork p1 | p0 madvise 0 512 pageout | ok | | p0@0 AnonHugePages=2048
        C10.g sparse half-unmapped THP, PAGEOUT | sparse; p0 munmap 256 256 | p0 madvise 0 256 pageout | ok | thp_split_page+1 2M.split+1 2M.nr_anon-1 2M.nr_anon_partially_mapped-1 pswpout+1 | p0@0 Rss=0 Swap=4
        C12.a 4 equal pages merged | equal | ksm-scan | ok | | p0@0 Rss=16 Pss=4 KSM=16 Shared_Dirty=16
        C12.b mremap of them | equal; ksm-scan | p0 mremap 0 4 4 fixed 64 | ok | cow_ksm+4 | p0@64 KSM=0 Rss=16
        C12.b they merge again later | equal; ksm-scan; p0 mremap 0 4 4 fixed 64 | ksm-scan | ok | | p0@64 KSM=16 Rss=16 Pss=4
        C12.c mlock of them | equal; ksm-scan | p0 mlock 0 4 | ok | cow_ksm+4 unevictable_pgs_mlocked+5 | p0@0 Locked=16 KSM=0
        C12.d a page of a pinned THP | thp; p0 mmap 1024 1 rw private anon; p0 write 7 1 tag 9 same; p0 write 1024 1 tag 9 same; p0 pin a 6 1; p0 madvise 0 512 mergeable; p0 madvise 1024 1 mergeable | ksm-scan | ok | any | p0@0 KSM=0 Rss=2048; p0@1024 KSM=0
        C13.a WP of a page of a THP | thp; p0 uffd-register 0 512 wp | p0 uffd-wp 7 1 | ok | thp_split_pmd+1 | p0@0 Rss=2048 AnonHugePages=0
        C13.b WP of a whole THP | thp; p0 uffd-register 0 512 wp | p0 uffd-wp 0 512 | ok | | p0@0 AnonHugePages=2048
        """)
    void cases(String id, String before, String statements, String result, String changes, String smaps) {
        check(before, statements, result, changes, smaps);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        C10.a THP, no cluster free | 1024 | thp_split_page+1 thp_split_pmd+1 thp_swpout_fallback+1 2M.split+1 2M.nr_anon-1 2M.swpout_fallback+1 pswpout+512 | p0@0 Rss=0 Swap=2048
        C10.b THP, no swap         | 0   | thp_split_page+1 thp_split_pmd+1 thp_swpout_fallback+1 2M.split+1 2M.nr_anon-1 2M.swpout_fallback+1 | p0@0 Rss=2048 AnonHugePages=0
        """)
    void pageoutWithoutRoomForAThp(String id, long swapPages, String changes, String smaps) {
        bench = StatementBench.withSwap(swapPages);
        check("p0 mmap 1024 520 rw private anon; p0 write 1024 520; p0 madvise 1024 520 pageout; p0 munmap 1024 256; thp", "p0 madvise 0 512 pageout", "ok", changes, smaps);
    }
}
