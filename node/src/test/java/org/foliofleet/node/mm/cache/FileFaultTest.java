package org.foliofleet.node.mm.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Goal: faults on file mappings map what the kernel maps (R2.9 to R2.12). Method: each rule, and each way around it, as calls. */
class FileFaultTest {
    private final StatementBench bench = new StatementBench(Map.of("f", 1024L, "small", 20L));

    @AfterEach
    void machineAgreesWithItself() {
        Invariants.quiet(bench.machine());
    }

    private AddressSpace file(String name) {
        return (AddressSpace) bench.machine().owner(bench.machine().namespace().file(name));
    }

    private void assertMapped(String process, long from, long to) {
        for (long page = from; page < to; page++) {
            assertNotNull(bench.page(process, page), "page " + page);
        }
        assertNull(bench.page(process, from - 1), "page " + (from - 1));
        assertNull(bench.page(process, to), "page " + to);
    }

    @Test
    void aReadMapsTheCachedPagesOfItsWindow() {
        bench.run("p0 pwrite f 0 64", "p0 mmap 0 64 rw shared memfd:f", "p0 read 20 1");
        assertMapped("p0", 16, 32);
    }

    @Test
    void theWindowBeginsWithTheVmaAndEndsWithIt() {
        bench.run("p0 pwrite f 0 64", "p0 mmap 5 20 r shared memfd:f", "p0 read 7 1");
        assertMapped("p0", 5, 21);
        bench.run("p0 mmap 100 4 r shared memfd:f", "p0 read 102 1");
        assertMapped("p0", 100, 104);
    }

    @Test
    void theWindowEndsWithThePageTable() {
        bench.run("p0 pwrite f 0 64", "p0 mmap 505 40 r shared memfd:f", "p0 read 510 1");
        assertMapped("p0", 505, 512);
    }

    @Test
    void holesAreNotMappedAround() {
        bench.run("p0 pwrite f 3 1", "p0 pwrite f 9 2", "p0 mmap 0 16 rw shared memfd:f", "p0 read 9 1");
        assertNull(bench.page("p0", 0));
        assertNotNull(bench.page("p0", 3));
        assertNotNull(bench.page("p0", 10));
        assertEquals(3, file("f").pages().size());
    }

    @Test
    void aReadOfAHoleMakesAPageAndMapsTheNeighbours() {
        bench.run("p0 pwrite f 3 1", "p0 mmap 0 16 rw shared memfd:f", "p0 read 5 2");
        assertNotNull(bench.page("p0", 3));
        assertEquals(0, bench.page("p0", 5).tag());
        assertEquals(3, file("f").pages().size());
        assertTrue(bench.entry("p0", 5).has(Pte.WRITE), "shmem does not ask to be told of the first write");
        assertFalse(bench.entry("p0", 5).has(Pte.DIRTY));
    }

    @Test
    void aWriteToASharedMappingMapsOnePage() {
        bench.run("p0 pwrite f 0 16", "p0 mmap 0 16 rw shared memfd:f", "p0 write 5 1");
        assertMapped("p0", 5, 6);
        assertTrue(bench.entry("p0", 5).has(Pte.DIRTY));
    }

    @Test
    void aWriteToAPrivateMappingCopiesAndFillsTheHole() {
        bench.run("p0 mmap 0 16 rw private memfd:f", "p0 write 5 2");
        assertTrue(bench.entry("p0", 5).isAnon());
        assertEquals(2, file("f").pages().size());
        bench.run("p0 pwrite f 8 1 tag 77", "p0 read 8 1");
        assertEquals(77, bench.page("p0", 8).tag());
        bench.run("p0 write 8 1", "p0 pwrite f 8 1 tag 78");
        assertEquals(5, bench.page("p0", 8).tag(), "the copy is the process's own");
    }

    @Test
    void accessesBeyondTheEndRaiseSigbus() {
        bench.run("p0 mmap 0 32 rw shared memfd:small");
        assertEquals("SIGBUS@20", bench.run("p0 read 0 32"));
        assertEquals("SIGBUS@20", bench.run("p0 write 0 32"));
        bench.run("p0 mmap 100 32 rw private memfd:small");
        assertEquals("SIGBUS@120", bench.run("p0 write 100 32"));
        bench.run("p0 ftruncate small 24");
        assertEquals("SIGBUS@24", bench.run("p0 read 0 32"));
    }

    @Test
    void sharedAnonymousMemoryIsSharedByForkAndEndsWithItsLastMapping() {
        long free = bench.machine().node(0).frames().freePages();
        bench.run("p0 mmap 0 8 rw shared anon", "p0 fork p1", "p1 write 2 1", "p0 read 2 1");
        assertEquals(3, bench.page("p0", 2).tag());
        assertEquals(2, bench.page("p0", 2).mapcount());
        bench.run("p0 munmap 0 8", "p1 munmap 0 4");
        assertEquals(free - 1, bench.machine().node(0).frames().freePages());
        bench.run("p1 exit");
        assertEquals(free, bench.machine().node(0).frames().freePages());
    }

    @Test
    void aHugeFolioIsMappedByAPmdOnlyWhereItsOffsetFits() {
        bench.run("set shmem always", "p0 mmap 0 512 rw shared memfd:f", "p0 read 7 1");
        assertTrue(bench.isHuge("p0", 0));
        assertEquals(Map.of("thp_file_alloc", 1L, "thp_file_mapped", 1L, "2048k.shmem_alloc", 1L), bench.changes("thp_", "2048k."));
        bench.run("p0 mmap 1025 512 rw shared memfd:f", "p0 read 1030 1");
        assertMapped("p0", 1025, 1041);
        bench.run("p0 mmap 2048 512 rw shared memfd:f", "p0 madvise 2048 512 nohugepage", "p0 read 2050 1");
        assertMapped("p0", 2048, 2560);
        assertFalse(bench.isHuge("p0", 2048));
        assertEquals(Map.of(), bench.changes("thp_", "2048k."));
    }

    @Test
    void aHugeFolioIsMappedWholeByPtesWhereThereIsAPageTable() {
        bench.run("set shmem always", "p0 pwrite f 0 1 tag 9", "p0 mmap 512 512 rw private memfd:f", "p0 write 517 1");
        assertFalse(bench.isHuge("p0", 512));
        bench.run("p0 read 600 1");
        assertMapped("p0", 512, 1024);
        assertEquals(9, bench.page("p0", 512).tag());
        assertTrue(bench.entry("p0", 517).isAnon(), "the copy stays");
    }

    @Test
    void sizesOfTheirOwnAreUsedAsTheSettingsSay() {
        bench.run("set shmem_mthp 64k always", "set shmem_mthp 16k advise", "p0 mmap 0 40 rw shared memfd:f", "p0 write 5 1", "p0 write 36 1");
        assertEquals(4, bench.page("p0", 5).order());
        assertEquals(0, bench.page("p0", 36).order(), "a block of 64 kB would leave the VMA");
        bench.run("p0 madvise 0 40 hugepage", "p0 write 33 1");
        assertEquals(0, bench.page("p0", 32 + 4).order());
        assertEquals(2, bench.page("p0", 33).order());
        assertEquals(Map.of("64k.shmem_alloc", 1L, "16k.shmem_alloc", 1L), bench.changes("64k.", "16k.", "2048k."));
    }

    @Test
    void withinSizeLeavesTheEndOfTheFileToSmallFolios() {
        bench.run("set shmem_mthp 64k within_size", "p0 mmap 0 32 rw shared memfd:small", "p0 write 0 1", "p0 write 17 1");
        assertEquals(4, bench.page("p0", 0).order());
        assertEquals(0, bench.page("p0", 17).order());
    }

    @Test
    void denyAndForceOverruleTheSizes() {
        bench.run("set shmem_mthp 64k always", "set shmem deny", "p0 mmap 0 512 rw shared memfd:f", "p0 write 0 1");
        assertEquals(0, bench.page("p0", 0).order());
        bench.run("set shmem force", "p0 mmap 512 512 rw shared memfd:f+512", "p0 write 512 1");
        assertEquals(9, bench.page("p0", 512).order());
    }

    @Test
    void pagesThatFallocateMadeAreNoDataUntilUsed() {
        bench.run("p0 fallocate f 0 8", "p0 mmap 0 8 rw shared memfd:f");
        assertFalse(file("f").pages().get(0).uptodate());
        bench.run("p0 read 3 1");
        assertMapped("p0", 3, 4);
        assertTrue(file("f").pages().get(3).uptodate());
        assertFalse(file("f").pages().get(2).uptodate());
    }

    @Test
    void allPagesOfARegularFileCountAsCached() {
        bench.machine().request(new NamespaceId(), new NamespaceCommand.CreateFile("lib", false, 40));
        bench.machine().request(bench.machine().namespace().process("p0"), new ProcessCommand.Execute(new MemoryCall.Mmap(
                new PageRange(Arena.toPage(0), 40), Protection.READ_WRITE, true, new Backing.File("lib", 0), Set.of())));
        bench.run("p0 read 33 1");
        assertMapped("p0", 32, 40);
        assertFalse(bench.entry("p0", 33).has(Pte.WRITE), "the file system wants to know of the first write");
        bench.run("p0 write 33 1");
        assertTrue(bench.entry("p0", 33).has(Pte.WRITE));
        assertFalse(bench.entry("p0", 34).has(Pte.WRITE));
    }

    @Test
    void mlockedVmasLockFoliosThatAreMappedWhole() {
        bench.run("set shmem_mthp 64k always", "p0 mmap 0 24 rw shared memfd:f", "p0 mlock 0 24");
        assertEquals(Map.of("unevictable_pgs_mlocked", 24L, "unevictable_pgs_culled", 24L), bench.changes("unevictable_"));
        bench.run("p0 mmap 100 8 rw shared memfd:f", "p0 mlock 100 8");
        assertEquals(Map.of(), bench.changes("unevictable_"), "half a folio is not locked");
    }

    @Test
    void faultsAreRefusedWhereReferenceCountsWouldOverflow() {
        bench.machine().settings(bench.machine().settings().with("shmem", "always").with("refcount_bits", "16")
                .with("refcount_overflow", "fail_fork_and_fault"));
        int mapped = 0;
        for (int i = 0; i < 40; i++) {
            bench.run("p0 mmap " + 1024 * i + " 512 rw shared memfd:f", "p0 madvise " + 1024 * i + " 512 nohugepage");
            if (bench.run(i == 0 ? "p0 write 0 1" : "p0 read " + 1024 * i + " 1").equals("ok")) {
                mapped++;
            }
        }
        assertEquals(0, bench.page("p0", 0).order(), "a VMA without huge pages makes small ones");
        assertEquals(40, mapped);
        bench.run("p0 ftruncate f 0", "p0 ftruncate f 512", "p0 pwrite f 0 1");
        mapped = 0;
        for (int i = 0; i < 40; i++) {
            mapped += bench.run("p0 read " + 1024 * i + " 1").equals("ok") ? 1 : 0;
        }
        assertEquals((1 << 14) / 512 - 1, mapped, "half of the counter's range, 512 references a mapping and for the cache");
    }
}
