package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall.Mremap;
import org.junit.jupiter.api.Test;

/** Goal: mremap moves, resizes and refuses as 6.18 does. Method: the conformance cases C7.k to C7.w and every errno of R7.34, as calls. */
class MremapTest {
    private final StatementBench bench = new StatementBench();

    /** The VMAs of the process as start+length, from the beginning of the arena. */
    private String vmas(String process) {
        List<String> vmas = new ArrayList<>();
        for (VmaInfo info : infos(process)) {
            vmas.add(info.start() - Arena.toPage(0) + "+" + info.pages());
        }
        return String.join(" ", vmas);
    }

    private List<VmaInfo> infos(String process) {
        List<VmaInfo> infos = new ArrayList<>();
        ((Process) bench.machine().owner(id(process))).vmas().forEach(infos::add);
        return infos;
    }

    private ProcessId id(String process) {
        return bench.machine().namespace().process(process);
    }

    /** C7.k. */
    @Test
    void touchedPagesThatMoveAwayAndBackMergeAgain() {
        bench.run("p0 mmap 0 30 rw private anon", "p0 write 0 30", "p0 mremap 10 10 10 fixed 100");
        assertEquals("0+10 20+10 100+10", vmas("p0"));

        bench.run("p0 mremap 100 10 10 fixed 10");
        assertEquals("0+30", vmas("p0"));
    }

    /** C7.l. */
    @Test
    void pagesFirstTouchedElsewhereNeverMergeAgain() {
        bench.run("p0 mmap 0 30 rw private anon", "p0 mremap 10 10 10 fixed 100", "p0 write 100 10", "p0 mremap 100 10 10 fixed 10");
        assertEquals("0+10 10+10 20+10", vmas("p0"));
    }

    /** C7.m: A and B moved next to each other, for each combination of touched and not. */
    @Test
    void whetherNeighboursMergeDependsOnWhichWasTouched() {
        String[] expected = {"0+8", "0+8", "0+4 4+4", "0+4 4+4"};
        for (int touched = 0; touched < 4; touched++) {
            StatementBench fresh = new StatementBench();
            fresh.run("p0 mmap 0 4 rw private anon", "p0 mmap 100 4 rw private anon");
            if ((touched & 1) != 0) {
                fresh.run("p0 write 0 1");
            }
            if ((touched & 2) != 0) {
                fresh.run("p0 write 100 1");
            }
            fresh.run("p0 mremap 100 4 4 fixed 4");
            List<String> vmas = new ArrayList<>();
            ((Process) fresh.machine().owner(fresh.machine().namespace().process("p0"))).vmas()
                    .forEach(info -> vmas.add(info.start() - Arena.toPage(0) + "+" + info.pages()));
            assertEquals(expected[touched], String.join(" ", vmas), "touched " + touched);
        }
    }

    /** C7.n. */
    @Test
    void aMappingBetweenTwoTouchedOnesJoinsTheLeftOne() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 8 4 rw private anon", "p0 write 0 1", "p0 write 8 1", "p0 mmap 4 4 rw private anon");
        assertEquals("0+8 8+4", vmas("p0"));
    }

    /** C7.o. */
    @Test
    void anAnonVmaIsReusedOverADifferenceOfAccessOnly() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 4 4 rwx private anon", "p0 write 0 4", "p0 write 4 4", "p0 mprotect 4 4 rw");
        assertEquals("0+8", vmas("p0"));

        bench.run("p0 mmap 100 4 rw private anon", "p0 mmap 104 4 rw private anon", "p0 madvise 104 4 dontfork", "p0 write 100 4",
                "p0 write 104 4", "p0 madvise 104 4 dofork");
        assertEquals("0+8 100+4 104+4", vmas("p0"));
    }

    /** C7.p. */
    @Test
    void aForkChildDoesNotExtendWhatItInherited() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 4", "p0 fork p1", "p0 mmap 4 4 rw private anon", "p1 mmap 4 4 rw private anon");
        assertEquals("0+8", vmas("p0"));
        assertEquals("0+4 4+4", vmas("p1"));
    }

    /** C7.q. */
    @Test
    void aHugePageMovesAsOneOnlyBetweenAlignedAddresses() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1024");
        bench.changes("thp_");

        bench.run("p0 mremap 0 512 512 fixed 2048");
        assertEquals(Map.of(), bench.changes("thp_split"));
        assertTrue(bench.isHuge("p0", 2048));

        bench.run("p0 mremap 512 512 512 fixed 4097");
        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_split"));
        assertFalse(bench.isHuge("p0", 4097));
        assertEquals(9, bench.page("p0", 4097).order());
    }

    /** C7.s. */
    @Test
    void onlyPureMovesMaySpanSeveralVmas() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 4 4 r private anon", "p0 mmap 20 4 rw private anon");

        assertEquals("EFAULT", bench.run("p0 mremap 0 8 9 fixed 100"));
        assertEquals("ok", bench.run("p0 mremap 0 30 30 fixed 100"));
        assertEquals("100+4 104+4 120+4", vmas("p0"));
        assertEquals("EFAULT", bench.run("p0 mremap 99 5 5 fixed 200"), "a gap at the start");
        assertEquals("ok", bench.run("p0 mremap 122 10 10 fixed 200"), "a gap at the end");
        assertEquals("100+4 104+4 120+2 200+2", vmas("p0"));
    }

    /** C7.u and R7.36.4. */
    @Test
    void whatDontunmapLeavesIsNotLocked() {
        bench.run("p0 mmap 0 16 rw private anon", "p0 mlock 0 16", "p0 mremap 4 4 4 fixed 100 dontunmap");

        assertEquals("0+16 100+4", vmas("p0"));
        assertFalse(infos("p0").get(0).has(VmaFlags.LOCKED), "all of the VMA, not only what was moved");
        assertTrue(infos("p0").get(1).has(VmaFlags.LOCKED));
        assertEquals(null, bench.page("p0", 4));
        assertEquals(20, Mlock.locked((Process) bench.machine().owner(id("p0"))), "C7.v: pages that are still counted");

        bench.run("p0 munmap 0 200");
        assertEquals(16, Mlock.locked((Process) bench.machine().owner(id("p0"))));
    }

    /** C7.w. */
    @Test
    void anEmptiedVmaKeepsItsOffsetAndSoItsBorders() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 4", "p0 mremap 0 4 4 fixed 100", "p0 mremap 100 4 4 fixed 200 dontunmap");
        assertNull(infos("p0").get(0).anonVma());

        bench.run("p0 mmap 104 4 rw private anon");
        assertEquals("100+4 104+4 200+4", vmas("p0"));
    }

    @Test
    void anUntouchedVmaThatMovesNextToItselfIsOneVma() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 read 0 8", "p0 mremap 0 4 4 fixed 8");
        assertEquals("4+8", vmas("p0"));

        assertTrue(bench.page("p0", 8) != null && bench.page("p0", 11) != null);

        bench.run("p0 mremap 4 2 2 fixed 12 dontunmap");
        assertEquals("4+10", vmas("p0"));
        assertNull(bench.page("p0", 4));
    }

    @Test
    void aSharedMappingIsMappedASecondTimeByLengthZero() {
        bench.run("p0 mmap 0 8 rw shared anon", "p0 write 0 8 tag 7", "p0 mremap 2 0 4 fixed 100", "p0 read 100 4");

        assertEquals("0+8 100+4", vmas("p0"));
        assertEquals(2, infos("p0").get(1).pageOffset());
        assertEquals(7, bench.page("p0", 100).tag());
        bench.run("p0 mmap 200 8 rw private anon");
        assertEquals("EINVAL", bench.run("p0 mremap 200 0 4 fixed 300"));
        assertEquals("EFAULT", bench.run("p0 mremap 0 0 4 fixed 0"), "the target is cleared first");
    }

    @Test
    void growingNeedsRoomOrLeaveToMove() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 6 4 r private anon");
        assertEquals("ok", bench.run("p0 mremap 0 4 6"));
        assertEquals("ENOMEM", bench.run("p0 mremap 0 6 7"));
        assertEquals("ENOMEM", bench.run("p0 mremap 0 4 8"), "the range does not end the VMA");
        assertEquals("EFAULT", bench.run("p0 mremap 0 7 9"), "the range leaves the VMA");
        assertEquals("EFAULT", bench.run("p0 mremap 50 4 8"));
        assertEquals("ok", bench.run("p0 mremap 0 6 6"));
        assertEquals("ok", bench.run("p0 mremap 0 10 2"), "shrinking may reach over the end of the VMA");
        assertEquals("0+2", vmas("p0"));
        assertEquals("ok", bench.run("p0 mremap 0 2 9 fixed 100"));
        assertEquals("100+9", vmas("p0"));
    }

    @Test
    void sillyCallsAreRefusedWhateverIsMapped() {
        PageRange from = new PageRange(100, 8);
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 0, -1, true, false)), "no new length");
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 8, 104, true, false)), "overlap");
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 8, 93, true, false)), "overlap from below");
        assertNull(Remapping.refusal(new Mremap(from, 8, 92, true, false)));
        assertNull(Remapping.refusal(new Mremap(from, 8, 108, true, false)));
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 9, 200, true, true)), "DONTUNMAP does not resize");
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 8, -1, false, true)), "DONTUNMAP without leave to move");
        assertEquals(Errno.EINVAL, Remapping.refusal(new Mremap(from, 8, 1L << 35, true, false)), "beyond the address space");
    }

    @Test
    void tooManyVmasAreRefusedBeforeAnythingMoves() {
        bench.machine().settings(bench.machine().settings().with("max_map_count", "8"));
        for (int i = 0; i < 3; i++) {
            bench.run("p0 mmap " + 10 * i + " 4 rw private anon");
        }
        assertEquals("ENOMEM", bench.run("p0 mremap 0 4 4 fixed 100"));
        assertEquals("ok", bench.run("p0 mremap 20 4 6"), "growing in place needs no VMA");
    }
}
