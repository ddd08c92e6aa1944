package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.anon.AnonVmaRoot;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.junit.jupiter.api.Test;

/** Goal: mmap, munmap, mprotect, madvise and fork change VMAs as 6.18 does. Method: rules R3, R7.1 to R7.17 as calls. */
class VmaChangesTest {
    private final StatementBench bench = new StatementBench();

    private List<VmaInfo> infos(String process) {
        List<VmaInfo> infos = new ArrayList<>();
        ((Process) bench.machine().owner(bench.machine().namespace().process(process))).vmas().forEach(infos::add);
        return infos;
    }

    private String vmas(String process) {
        List<String> vmas = new ArrayList<>();
        for (VmaInfo info : infos(process)) {
            vmas.add(info.start() - Arena.toPage(0) + "+" + info.pages());
        }
        return String.join(" ", vmas);
    }

    @Test
    void mprotectDoesWhatLiesBeforeAHole() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 6 4 rw private anon");

        assertEquals("ENOMEM", bench.run("p0 mprotect 2 8 r"));
        assertEquals("0+2 2+2 6+4", vmas("p0"));
        assertEquals("ENOMEM", bench.run("p0 mprotect 4 4 r"));
        assertEquals("0+2 2+2 6+4", vmas("p0"));
    }

    @Test
    void memoryIsAccountedOnceItMayBeWritten() {
        bench.run("p0 mmap 0 4 r private anon");
        assertFalse(infos("p0").get(0).has(VmaFlags.ACCOUNT));
        bench.run("p0 mprotect 0 4 rw");
        assertTrue(infos("p0").get(0).has(VmaFlags.ACCOUNT));
        bench.run("p0 mprotect 0 4 r");
        assertFalse(infos("p0").get(0).has(VmaFlags.ACCOUNT), "nothing was written yet");
        bench.run("p0 mprotect 0 4 rw", "p0 write 0 1", "p0 mprotect 0 4 r");
        assertTrue(infos("p0").get(0).has(VmaFlags.ACCOUNT));
        bench.run("p0 mmap 10 4 r private anon noreserve", "p0 mprotect 10 4 rw");
        assertFalse(infos("p0").get(1).has(VmaFlags.ACCOUNT));
    }

    /** R4.9. */
    @Test
    void exclusivePagesAreWritableAgainAtOnceAndSharedOnesAreNot() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 write 0 2", "p0 mprotect 0 4 r");
        assertFalse(bench.entry("p0", 0).has(Pte.WRITE));
        bench.run("p0 mprotect 0 4 rw");
        assertTrue(bench.entry("p0", 0).has(Pte.WRITE));

        bench.run("p0 fork p1", "p0 mprotect 0 4 r", "p0 mprotect 0 4 rw");
        assertFalse(bench.entry("p0", 0).has(Pte.WRITE));
    }

    @Test
    void mprotectOfAPartSplitsThePmdAndNotTheFolio() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("thp_");

        bench.run("p0 mprotect 10 1 r", "p0 mprotect 10 1 rw");

        assertEquals(Map.of("thp_split_pmd", 1L), bench.changes("thp_split"));
        assertEquals("0+512", vmas("p0"));
        assertEquals(9, bench.page("p0", 10).order());
    }

    @Test
    void aMappingThatReplacesNothingIsRefusedWhereSomethingIs() {
        bench.run("p0 mmap 0 4 rw private anon");
        assertEquals("EEXIST", bench.run("p0 mmap 3 4 rw private anon noreplace"));
        assertEquals("ok", bench.run("p0 mmap 4 4 rw private anon noreplace"));
        assertEquals("EINVAL", bench.run("p0 mmap 20 4 rw shared anon growsdown"));
        assertEquals("ok", bench.run("p0 mmap 2 2 r private anon"));
        assertEquals("0+2 2+2 4+4", vmas("p0"));
    }

    @Test
    void aHoleNeedsAVma() {
        bench.machine().settings(bench.machine().settings().with("max_map_count", "2"));
        bench.run("p0 mmap 0 8 rw private anon", "p0 mmap 10 8 r private anon");
        assertEquals("ENOMEM", bench.run("p0 munmap 2 2"));
        assertEquals("ENOMEM", bench.run("p0 mprotect 2 2 r"));
        assertEquals("EAGAIN", bench.run("p0 madvise 2 2 dontfork"));
        assertEquals("0+8 10+8", vmas("p0"));
        assertEquals("ok", bench.run("p0 munmap 6 6"));
        assertEquals("0+6 12+6", vmas("p0"));
    }

    @Test
    void aSplitThatSucceedsBeforeOneThatFailsStays() {
        bench.machine().settings(bench.machine().settings().with("max_map_count", "2"));
        bench.run("p0 mmap 0 8 rw private anon");
        assertEquals("ENOMEM", bench.run("p0 mprotect 2 2 r"));
        assertEquals("0+2 2+6", vmas("p0"));
    }

    @Test
    void advicesSkipHolesAndSaySo() {
        bench.run("p0 mmap 0 4 rw private anon", "p0 mmap 6 4 rw private anon");
        assertEquals("ENOMEM", bench.run("p0 madvise 0 10 dontfork"));
        assertTrue(infos("p0").stream().allMatch(info -> info.has(VmaFlags.DONTCOPY)));
        assertEquals("ENOMEM", bench.run("p0 madvise 6 8 dofork"));
        assertFalse(infos("p0").get(1).has(VmaFlags.DONTCOPY));
        assertEquals("ENOMEM", bench.run("p0 madvise 20 8 dontneed"));
    }

    @Test
    void advicesThatAreRefused() {
        bench.run("p0 mmap 0 4 rw shared anon", "p0 mmap 10 4 rw private anon", "p0 mlock 10 4");
        assertEquals("EINVAL", bench.run("p0 madvise 0 4 wipeonfork"));
        assertEquals("EINVAL", bench.run("p0 madvise 10 4 dontneed"));
        assertEquals("EINVAL", bench.run("p0 madvise 10 4 guard_install"));
        assertEquals("ok", bench.run("p0 madvise 10 4 guard_remove"));
    }

    /** R7.10. */
    @Test
    void guardRegionsAreInheritedAndSurviveDontneed() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 madvise 2 2 guard_install", "p0 madvise 0 8 dontneed", "p0 fork p1");

        assertEquals(EntryState.GUARD, bench.page("p0", 2).state());
        assertEquals(EntryState.GUARD, bench.page("p1", 3).state());
        assertEquals("SIGSEGV@2", bench.run("p0 write 0 8"));
        assertEquals("SIGSEGV@2", bench.run("p1 read 0 8"));
        bench.run("p0 madvise 0 8 guard_remove", "p0 write 0 8");
        assertEquals(EntryState.GUARD, bench.page("p1", 2).state());
        assertTrue(infos("p0").get(0).has(VmaFlags.MAYBE_GUARD), "it stays a VMA that may have guards");
    }

    @Test
    void guardingUntouchedMemoryGivesItAnAnonVma() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 madvise 2 2 guard_install");
        assertNotNull(infos("p0").get(0).anonVma());
        bench.run("p0 mremap 0 8 8 fixed 100", "p0 mmap 108 4 rw private anon");
        assertEquals("100+8 108+4", vmas("p0"), "so its offsets are fixed");
    }

    /** C3.c. */
    @Test
    void advicesForForkAreObeyed() {
        bench.run("p0 mmap 0 12 rw private anon", "p0 write 0 12 tag 5", "p0 madvise 4 4 dontfork", "p0 madvise 8 4 wipeonfork", "p0 mlock 0 4",
                "p0 fork p1");
        assertEquals("0+4 8+4", vmas("p1"));
        assertFalse(infos("p1").get(0).has(VmaFlags.LOCKED));
        assertTrue(infos("p1").get(1).has(VmaFlags.WIPEONFORK));
        assertNull(infos("p1").get(1).anonVma());
        assertNull(bench.page("p1", 8));
    }

    @Test
    void aStackGrowsDownToWhereItIsTouched() {
        bench.run("p0 mmap 5000 4 rw private anon growsdown");
        assertEquals("ok", bench.run("p0 write 4900 1"));
        assertEquals("4900+104", vmas("p0"));
        assertEquals("SIGSEGV@2900", bench.run("p0 write 2900 1"), "beyond RLIMIT_STACK");
        bench.run("p0 mmap 4500 4 rw private anon");
        assertEquals("SIGSEGV@4700", bench.run("p0 write 4700 1"), "within the guard gap of what lies below");
        assertEquals("ok", bench.run("p0 write 4760 1"));
        assertEquals("SIGSEGV@4400", bench.run("p0 read 4400 1"));
    }

    @Test
    void manyVmasAreAdvisedAndProtectedOneByOne() {
        bench.run("p0 mmap 0 400 rw private anon");
        for (int i = 0; i < 400; i += 2) {
            bench.run("p0 mprotect " + i + " 1 r");
        }
        assertEquals(400, infos("p0").size());
        assertEquals("ok", bench.run("p0 madvise 0 400 dontfork"));
        assertEquals(400, infos("p0").size());
        assertTrue(infos("p0").stream().allMatch(info -> info.has(VmaFlags.DONTCOPY)));
        assertEquals("ok", bench.run("p0 mprotect 0 400 rw"));
        assertEquals("0+400", vmas("p0"));
        assertEquals("ENOMEM", bench.run("p0 madvise 0 401 dofork"));
        assertEquals("ok", bench.run("p0 munmap 0 400"));
    }

    @Test
    void aFamilyEndsWithItsLastVma() {
        bench.run("p0 mmap 0 8 rw private anon", "p0 write 0 8", "p0 fork p1", "p0 munmap 0 4", "p1 munmap 0 8");
        OwnerId root = infos("p0").get(0).anonVma().root();
        assertTrue(bench.machine().owner(root) instanceof AnonVmaRoot);
        bench.run("p0 munmap 0 8");
        assertNull(bench.machine().owner(root));
    }
}
