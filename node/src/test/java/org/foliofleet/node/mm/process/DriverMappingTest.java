package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goal: memory of drivers behaves as section 14 of the semantics says, whatever way it is mapped. Method: its rules and cases one by one. */
class DriverMappingTest {
    private static final long BASE = 1L << 32;
    private static final Protection RW = new Protection(true, true, false);
    private static final Protection R = new Protection(true, false, false);

    private final StatementBench bench = new StatementBench();

    @AfterEach
    void everyReferenceAndMappingIsAccountedFor() {
        Invariants.quiet(bench.machine());
    }

    private void device(DeviceKind kind, int order) {
        assertEquals("ok", bench.call(new MachineCall.CreateDevice("dev", 16, kind, order, 0)));
    }

    private String map(long at, long pages, Protection protection, boolean shared, MapFlag... flags) {
        return bench.call("p0", new MemoryCall.Mmap(new PageRange(page(at), pages), protection, shared, new Backing.Device("dev", 0),
                flags.length == 0 ? Set.of() : EnumSet.of(flags[0], flags)));
    }

    private static long page(long index) {
        return StatementBench.page(index);
    }

    private void shared(DeviceKind kind) {
        device(kind, 0);
        assertEquals("ok", map(0, 16, RW, true));
    }

    private VmaInfo vma(String process, long index) {
        Process owner = (Process) bench.machine().owner(bench.machine().namespace().process(process));
        return owner.vmas().find(page(index));
    }

    private Folio folio(String process, long index) {
        return bench.machine().node(0).folio(bench.entry(process, index).frame(page(index)));
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("R14.2 R14.3 R14.4: the VMA says how its memory is mapped, and never merges")
    void flags(DeviceKind kind) {
        shared(kind);
        assertEquals("ok", bench.call("p0", new MemoryCall.Mmap(new PageRange(page(16), 4), RW, true, new Backing.Device("dev", 12), Set.of())));

        VmaInfo vma = vma("p0", 0);

        assertEquals(kind.isPfnMap(), vma.has(VmaFlags.PFNMAP));
        assertEquals(!kind.isPfnMap(), vma.has(VmaFlags.MIXEDMAP));
        assertEquals(kind.isPfnMap(), vma.has(VmaFlags.IO));
        assertEquals(kind.isPfnMap(), vma.has(VmaFlags.DONTDUMP));
        assertEquals(kind.isPfnMap() || kind == DeviceKind.INSERT_PAGES, vma.has(VmaFlags.DONTEXPAND));
        assertEquals(page(16), vma.end());
        assertEquals(kind.faults(), bench.entry("p0", 3) == null);
    }

    @ParameterizedTest
    @EnumSource(value = DeviceKind.class, names = {"PFN", "PFN_FAULT", "MIXED"})
    @DisplayName("R14.1 R14.2 R14.5 R14.6: special entries count nowhere; fork copies them bit by bit, munmap just clears them")
    void bareEntries(DeviceKind kind) {
        shared(kind);
        assertEquals("ok", bench.run("p0 write 0 16"));

        assertTrue(bench.entry("p0", 5).has(Pte.SPECIAL));
        assertEquals(1, folio("p0", 5).references());
        assertEquals(0, folio("p0", 5).mapcount());
        bench.run("p0 fork p1");
        assertEquals(bench.entry("p0", 5), bench.entry("p1", 5));
        assertEquals(1, folio("p0", 5).references());
        bench.run("p0 munmap 0 16");
        assertEquals(1, folio("p1", 5).references());
    }

    @ParameterizedTest
    @EnumSource(value = DeviceKind.class, names = {"INSERT_PAGE", "INSERT_PAGES", "FAULT_INSERT"})
    @DisplayName("C14.a R14.4 R14.5 R14.6: inserted pages have a reference and a mapcount for each mapping, and no LRU")
    void insertedPages(DeviceKind kind) {
        shared(kind);
        assertEquals("ok", bench.run("p0 read 0 16"));

        assertEquals(2, folio("p0", 5).references());
        assertEquals(1, folio("p0", 5).pageMapcount(0));
        assertFalse(folio("p0", 5).has(Folio.LRU));
        assertFalse(bench.entry("p0", 5).has(Pte.ANON));
        bench.run("p0 fork p1");
        assertEquals(2, folio("p0", 5).pageMapcount(0));
        assertEquals(3, folio("p0", 5).references());
        bench.run("p1 exit", "p0 munmap 4 4");
        assertNull(bench.page("p0", 5));
        assertEquals(2, folio("p0", 1).references());
    }

    @Test
    @DisplayName("R14.4: pages of compound pages are inserted one by one, and mm ids know who maps them")
    void insertedCompoundPages() {
        device(DeviceKind.INSERT_PAGES, 2);
        assertEquals("ok", map(0, 16, RW, true));

        assertEquals(5, folio("p0", 0).references());
        assertFalse(folio("p0", 0).isMaybeMappedShared());
        bench.run("p0 fork p1");
        assertEquals(9, folio("p0", 0).references());
        assertTrue(folio("p0", 0).isMaybeMappedShared());
        bench.run("p0 munmap 1 1");
        assertEquals(1, folio("p0", 0).pageMapcount(1));
        assertFalse(folio("p0", 0).has(Folio.PARTIALLY_MAPPED));
    }

    @Test
    @DisplayName("R14.6: a page that the driver frees lives as long as somebody maps it")
    void freedByTheDriver() {
        shared(DeviceKind.INSERT_PAGES);
        long free = bench.machine().node(0).frames().freePages();

        assertEquals("ok", bench.call(new MachineCall.FreeDevice("dev")));

        assertEquals(1, folio("p0", 5).references());
        bench.run("p0 munmap 0 8");
        assertEquals(free + 8, bench.machine().node(0).frames().freePages());
        assertEquals("SIGSEGV@4", bench.run("p0 read 4 1"));
        assertEquals("EINVAL", map(100, 16, RW, true));
        assertEquals(0, bench.changes("device_freed").size());
    }

    @Test
    @DisplayName("R14.2: nothing keeps memory alive that is mapped by special entries")
    void freedUnderPfnMappings() {
        shared(DeviceKind.PFN);
        long free = bench.machine().node(0).frames().freePages();

        bench.call(new MachineCall.FreeDevice("dev"));

        assertEquals(free + 16, bench.machine().node(0).frames().freePages());
        assertEquals(1, bench.changes("device_freed").get("device_freed_while_mapped"));
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("C5.c C5.d C14.b C14.c R14.7: GUP of inserted pages works; VM_PFNMAP and special entries refuse it")
    void getUserPages(DeviceKind kind) {
        shared(kind);
        String expected = kind.isBare() ? "EFAULT" : "ok";

        assertEquals(expected, bench.run("p0 pin a 2 4"));
        assertEquals(expected, bench.run("p0 getref b 2 4"));

        if (!kind.isBare()) {
            assertEquals(3 + 1024, folio("p0", 3).references());
            bench.run("p0 munmap 0 16");
            assertEquals("ok", bench.call(new MachineCall.FreeDevice("dev")));
            bench.run("p0 unpin a", "p0 putref b");
        }
        assertEquals(kind.isPfnMap() ? "EINVAL" : "ok", populate(kind));
    }

    private String populate(DeviceKind kind) {
        if (!kind.isBare()) {
            device(kind, 0);
            map(0, 16, RW, true);
        }
        return bench.run("p0 madvise 0 16 populate_write");
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("C14.b R14.8: mlock succeeds and does nothing")
    void mlock(DeviceKind kind) {
        shared(kind);

        assertEquals("ok", bench.run("p0 mlock 0 16"));

        assertFalse(vma("p0", 0).has(VmaFlags.LOCKED));
        assertEquals("ok", map(32, 16, RW, true, MapFlag.LOCKED));
        assertFalse(vma("p0", 32).has(VmaFlags.LOCKED));
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("C14.c R14.8: what madvise refuses")
    void madvise(DeviceKind kind) {
        shared(kind);
        bench.run("p0 read 0 16");
        String ofPfn = kind.isPfnMap() ? "EINVAL" : "ok";

        assertEquals(ofPfn, bench.run("p0 madvise 0 16 cold"));
        assertEquals(ofPfn, bench.run("p0 madvise 0 16 pageout"));
        assertEquals("EINVAL", bench.run("p0 madvise 0 16 free"));
        assertEquals("EINVAL", bench.run("p0 madvise 0 16 dodump"));
        assertEquals("EINVAL", bench.run("p0 madvise 0 16 guard_install"));
        assertEquals("EINVAL", bench.run("p0 madvise 0 16 collapse"));
        assertEquals("ENODEV", bench.run("p0 madvise 0 16 remove"));
        assertEquals("ok", bench.run("p0 madvise 0 16 willneed"));
        assertEquals(kind.isPfnMap() ? "EINVAL" : "ok", bench.run("p0 madvise 0 16 dofork"));
        assertNotNull(bench.entry("p0", 3));
        assertEquals(ofPfn, bench.run("p0 madvise 2 2 dontneed"));
        assertEquals(kind.isPfnMap(), bench.entry("p0", 3) != null);
        if (!kind.isPfnMap()) {
            assertEquals(kind.faults() ? "ok" : "SIGBUS@2", bench.run("p0 read 0 16"));
        }
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("C14.c R14.8: such mappings move, but do not grow, and leave nothing behind")
    void mremap(DeviceKind kind) {
        shared(kind);
        bench.run("p0 read 0 16");
        boolean fixedSize = kind.isPfnMap() || kind == DeviceKind.INSERT_PAGES;

        assertEquals(fixedSize ? "EFAULT" : "ENOMEM", bench.run("p0 mremap 0 16 32"));
        assertEquals(fixedSize ? "EINVAL" : "ok", bench.run("p0 mremap 0 16 16 fixed 64 dontunmap"));
        String moved = fixedSize ? "p0 mremap 0 16 16 fixed 128" : "p0 mremap 64 16 16 fixed 128";
        assertEquals("ok", bench.run(moved));
        assertNotNull(bench.entry("p0", 130));
        assertEquals("ok", bench.run("p0 write 128 16", "p0 mremap 128 16 8"));
        assertNull(vma("p0", 137));
    }

    @ParameterizedTest
    @EnumSource(DeviceKind.class)
    @DisplayName("R14.8: mprotect changes entries like any others; write faults on shared memory reuse the page")
    void mprotect(DeviceKind kind) {
        shared(kind);
        bench.run("p0 read 0 16");

        assertEquals("ok", bench.run("p0 mprotect 0 16 r"));
        assertEquals("SIGSEGV@0", bench.run("p0 write 0 16"));
        assertFalse(bench.entry("p0", 3).has(Pte.WRITE));
        assertEquals("ok", bench.run("p0 mprotect 0 16 rw", "p0 write 0 16"));
        assertTrue(bench.entry("p0", 3).has(Pte.WRITE));
        assertEquals(kind.isBare(), bench.entry("p0", 3).has(Pte.SPECIAL));
        assertEquals("EACCES", bench.run("p0 mprotect 0 16 none", "p0 pin a 0 1").replace("EFAULT", "EACCES"));
    }

    @ParameterizedTest
    @EnumSource(value = DeviceKind.class, names = "PFN_FAULT", mode = EnumSource.Mode.EXCLUDE)
    @DisplayName("R14.1 R14.2: a private mapping's writes copy: the copies are ordinary anonymous pages")
    void copyOnWrite(DeviceKind kind) {
        device(kind, 0);
        assertEquals("ok", map(0, 16, RW, false));
        assertEquals("ok", bench.run("p0 read 0 16", "p0 write 4 4"));

        assertTrue(bench.entry("p0", 4).isAnon());
        assertFalse(bench.entry("p0", 3).isAnon());
        assertTrue(folio("p0", 4).has(Folio.LRU));
        assertEquals("ok", bench.run("p0 fork p1", "p1 write 4 1", "p0 exit", "p1 write 5 1"));
        assertEquals(1, folio("p1", 5).references());
    }

    @Test
    @DisplayName("R14.2: vmf_insert_pfn() can not copy on write, so the driver refuses private mappings")
    void privateMappingOfFaultedPfns() {
        device(DeviceKind.PFN_FAULT, 0);

        assertEquals("EINVAL", map(0, 16, RW, false));
        assertEquals("ok", map(0, 16, R, false));
    }

    @Test
    @DisplayName("R14.4: what lies beyond the driver's memory is refused, or SIGBUS where faults insert")
    void beyondTheMemory() {
        device(DeviceKind.INSERT_PAGES, 0);
        assertEquals("EINVAL", map(0, 17, RW, true));
        assertNull(vma("p0", 0));
        assertEquals("ENOENT", bench.call("p0", new MemoryCall.Mmap(new PageRange(page(0), 1), R, true, new Backing.Device("none", 0), Set.of())));
        bench.call(new MachineCall.FreeDevice("dev"));

        device(DeviceKind.FAULT_INSERT, 0);
        assertEquals("ok", map(0, 32, RW, true));
        assertEquals("SIGBUS@16", bench.run("p0 write 8 20"));
    }

    @Test
    @DisplayName("R14.8: nothing migrates, collapses, merges or reclaims inserted pages")
    void leftAlone() {
        shared(DeviceKind.INSERT_PAGES);
        bench.run("p0 fork p1");
        long frame = bench.frame("p0", 3);

        bench.run("p0 madvise 0 16 mergeable", "ksm-scan", "khugepaged-scan", "reclaim", "shrink-slab", "p0 numa-scan", "p0 uffd-register 0 16 missing");

        assertEquals(frame, bench.frame("p0", 3));
        assertEquals(2, folio("p0", 3).pageMapcount(0));
        assertFalse(bench.entry("p0", 3).has(Pte.NUMA_HINT));
    }

    @Test
    @DisplayName("R14.4: memory that there is not enough of is given back")
    void tooLittleMemory() {
        long free = bench.machine().node(0).frames().freePages();

        assertEquals("ENOMEM", bench.call(new MachineCall.CreateDevice("dev", BASE, DeviceKind.PFN, 0, 0)));

        assertEquals(free, bench.machine().node(0).frames().freePages());
        assertEquals("EINVAL", map(0, 16, RW, true));
    }
}
