package org.foliofleet.node.mm.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Goal: pages that are taken out of a file leave its mappings as the kernel has it. Method: holes, truncation, swap, as calls. */
class FileHoleTest {
    private final StatementBench bench = new StatementBench(Map.of("f", 1024L));

    @AfterEach
    void machineAgreesWithItself() {
        Invariants.quiet(bench.machine());
    }

    private AddressSpace file() {
        return (AddressSpace) bench.machine().owner(bench.machine().namespace().file("f"));
    }

    private long swapped() {
        long[] swapped = {0};
        file().pages().forEach((start, count, page) -> swapped[0] += page.swapped() ? count : 0);
        return swapped[0];
    }

    @Test
    void aHoleUnmapsFilePagesAndLeavesPrivateCopies() {
        bench.run("p0 mmap 0 8 rw private memfd:f", "p0 mmap 100 8 rw shared memfd:f", "p0 write 100 8", "p0 read 0 8", "p0 write 3 1");
        bench.run("p0 punch-hole f 2 3");
        assertNull(bench.page("p0", 2));
        assertNull(bench.page("p0", 103));
        assertTrue(bench.entry("p0", 3).isAnon());
        assertEquals(5, file().pages().size());
        bench.run("p0 read 2 1");
        assertEquals(0, bench.page("p0", 2).tag());
    }

    @Test
    void aShorterFileTakesPrivateCopiesAway() {
        bench.run("p0 mmap 0 8 rw private memfd:f", "p0 write 0 8", "p0 ftruncate f 4");
        assertNotNull(bench.page("p0", 3));
        assertNull(bench.page("p0", 4));
        assertEquals("SIGBUS@4", bench.run("p0 write 0 8"));
        bench.run("p0 ftruncate f 8", "p0 read 4 1");
        assertEquals(0, bench.page("p0", 4).tag());
    }

    @Test
    void madviseRemoveWantsASharedMappingOfAFile() {
        bench.run("p0 mmap 0 8 rw private memfd:f", "p0 mmap 100 8 rw shared memfd:f+4", "p0 mmap 200 8 rw private anon", "p0 write 100 8");
        assertEquals("EACCES", bench.run("p0 madvise 0 8 remove"));
        assertEquals("EINVAL", bench.run("p0 madvise 200 8 remove"));
        assertEquals("ok", bench.run("p0 madvise 102 2 remove"));
        assertNull(file().pages().get(6));
        assertNotNull(file().pages().get(8));
        bench.run("p0 mlock 100 8");
        assertEquals("EINVAL", bench.run("p0 madvise 100 8 remove"));
    }

    @Test
    void aHoleInALargeFolioSplitsItAtBothEnds() {
        bench.run("set shmem always", "p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 punch-hole f 100 50");
        assertEquals(462, file().pages().size());
        assertEquals(2, file().pages().get(96).order());
        assertEquals(8, file().pages().get(256).order());
        assertEquals(1L, bench.changes("2048k.split").get("2048k.split"));
    }

    @Test
    void aPinnedLargeFolioIsZeroedInstead() {
        bench.run("set shmem always", "p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512", "p0 pin a 300 1", "p0 ftruncate f 200");
        assertEquals(512, file().pages().size());
        bench.run("p0 ftruncate f 512", "p0 read 0 512");
        assertEquals(0, bench.page("p0", 250).tag());
        assertEquals(3, bench.page("p0", 199).tag());
        bench.run("p0 unpin a", "p0 ftruncate f 200");
        assertEquals(200, file().pages().size());
    }

    @Test
    void swappedPagesComeBackWithTheirContents() {
        bench.run("p0 mmap 0 32 rw shared memfd:f", "p0 write 0 20", "p0 read 20 4");
        bench.changes("");
        bench.run("p0 madvise 0 32 pageout");
        assertEquals(Map.of("pswpout", 20L), bench.changes("pswp", "swp"));
        assertEquals(20, swapped());
        assertEquals(20, file().pages().size(), "clean pages are holes again");
        bench.run("p0 read 5 3", "p0 pwrite f 10 1 tag 50", "p0 punch-hole f 12 2");
        assertEquals(14, swapped());
        assertEquals(2, bench.page("p0", 6).tag());
        bench.run("p0 mmap 100 32 rw private memfd:f", "p0 write 100 2");
        assertEquals(12, swapped());
        assertEquals(Map.of("pswpin", 6L), bench.changes("pswp", "swp"));
        bench.run("p0 ftruncate f 0");
        assertEquals(0, bench.machine().swap().used());
    }

    @Test
    void aLargeFolioIsSwappedAsAWholeAndComesBackSo() {
        bench.run("set shmem always", "p0 mmap 0 512 rw shared memfd:f", "p0 write 0 512");
        bench.changes("");
        bench.run("p0 madvise 0 512 pageout");
        assertEquals(512, swapped());
        bench.run("p0 read 7 1");
        assertTrue(bench.isHuge("p0", 0));
        assertEquals(3, bench.page("p0", 500).tag());
        bench.run("p0 madvise 0 512 pageout", "p0 punch-hole f 100 50");
        assertFalse(file().pages().get(200).swapped(), "what is cut is read first");
        assertEquals(462, file().pages().size());
    }

    @Test
    void sharedAnonymousMemoryInSwapEndsWithItsLastMapping() {
        bench.run("p0 mmap 0 16 rw shared anon", "p0 write 0 16", "p0 madvise 0 16 pageout");
        assertEquals(16, bench.machine().swap().used());
        bench.run("p0 munmap 0 16");
        assertEquals(0, bench.machine().swap().used());
    }
}
