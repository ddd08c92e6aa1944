package org.foliofleet.node.mm.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.function.LongSupplier;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.SplitFailure;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;

/** Goal: what a block device is to write is under writeback meanwhile, as R10.5, R10.9 and R8.1 say. Method: calls while it writes. */
class WritebackTest {
    private static final long FRAMES = 4096;
    private static final long SWAP = 1 << 14;
    private static final KernelSettings SLOW = new KernelSettings().with("thp", "never").with("shmem", "never").with("swap.device", "block")
            .with("swap.latency", "500000").with("swap.page_time", "0");

    private static PressedMachine machine(KernelSettings settings) {
        return new PressedMachine(Topology.oneNode(FRAMES), settings, SWAP);
    }

    /** Written pages on their way to the device, which is not done. */
    private static PressedMachine writing(KernelSettings settings, long pages) {
        PressedMachine pressed = machine(settings);
        pressed.mmap("p", 0, 1024);
        pressed.write("p", 0, pages);
        answer(pressed, "p", new MemoryCall.Madvise(PressedMachine.pages(0, pages), Advice.PAGEOUT));
        assertEquals(pages, pressed.machine().node(0).underWriteback());
        return pressed;
    }

    /** Runs until a call is answered; what else is under way goes on. */
    private static Object answer(PressedMachine pressed, String process, MemoryCall call) {
        long number = pressed.begin(process, call);
        Machine machine = pressed.machine();
        Object answer = null;
        while (answer == null && machine.step()) {
            Invariants.always(machine);
            answer = machine.takeAnswer(number);
        }
        return answer;
    }

    private static Object read(PressedMachine pressed, long page, long pages) {
        return answer(pressed, "p", new MemoryCall.Read(PressedMachine.pages(page, pages)));
    }

    private static Object write(PressedMachine pressed, long page, long pages) {
        return answer(pressed, "p", new MemoryCall.Write(PressedMachine.pages(page, pages), ContentTag.of(9)));
    }

    /** R10.9. */
    @Test
    void pagesStayUntilTheyAreWrittenAndAreFreedByALaterPass() {
        PressedMachine pressed = writing(SLOW, 64);
        assertEquals(FRAMES - 64, pressed.free(0));
        assertEquals(64, pressed.count("p", 0, 64, Pte.State.SWAP));

        pressed.machine().runUntilQuiet();

        assertEquals(0, pressed.machine().node(0).underWriteback());
        assertEquals(64, pressed.counter("pgrotated"));
        assertEquals(FRAMES - 64, pressed.free(0), "nobody has come by since");
        pressed.check();
        pressed.mmap("q", 0, FRAMES);
        pressed.write("q", 0, FRAMES - 100);
        assertEquals(64, pressed.counter("pswpout") - pressed.count("q", 0, FRAMES, Pte.State.SWAP), "the oldest are clean, and gone first");
        pressed.check();
    }

    @Test
    void zeroFilledPagesAreGoneAtOnce() {
        PressedMachine pressed = machine(SLOW);
        pressed.mmap("p", 0, 64);
        pressed.call("p", new MemoryCall.Write(PressedMachine.pages(0, 64), new ContentTag(0, true)));

        answer(pressed, "p", new MemoryCall.Madvise(PressedMachine.pages(0, 64), Advice.PAGEOUT));

        assertEquals(0, pressed.machine().node(0).underWriteback());
        assertEquals(FRAMES, pressed.free(0));
        pressed.machine().runUntilQuiet();
        pressed.check();
    }

    /** R2.13, R2.14. */
    @Test
    void faultsMapWhatIsUnderWritebackFromTheSwapCache() {
        PressedMachine pressed = writing(SLOW, 8);

        assertEquals(CallResult.OK, read(pressed, 0, 4));
        assertEquals(CallResult.OK, write(pressed, 4, 4));

        assertEquals(0, pressed.counter("pswpin"));
        assertEquals(8, pressed.machine().node(0).underWriteback());
        assertTrue(pressed.entry("p", 0).has(Pte.EXCLUSIVE));
        assertEquals(FRAMES - 8, pressed.free(0), "written where they are");
        pressed.machine().runUntilQuiet();
        assertTrue(pressed.folio("p", 0).has(Folio.SWAPCACHE));
        pressed.check();
    }

    /** R2.14. */
    @Test
    void pagesThatMustNotChangeWhileTheyAreWrittenAreCopied() {
        PressedMachine pressed = writing(SLOW.with("swap.stable_writes", "1"), 8);

        assertEquals(CallResult.OK, read(pressed, 0, 4));
        assertFalse(pressed.entry("p", 0).has(Pte.EXCLUSIVE));
        long before = pressed.entry("p", 0).frame(PressedMachine.BASE);
        assertEquals(CallResult.OK, write(pressed, 0, 1));

        assertNotEquals(before, pressed.entry("p", 0).frame(PressedMachine.BASE));
        pressed.machine().runUntilQuiet();
        assertEquals(CallResult.OK, pressed.write("p", 1, 1));
        assertFalse(pressed.folio("p", 1).has(Folio.SWAPCACHE), "once written, a page may be reused");
        pressed.check();
    }

    /** {@code shmem_swapin_folio()} waits, and takes the folio as it is. */
    @Test
    void pagesOfMemfdsLeaveTheSwapCacheWhenTheyAreWritten() {
        for (String huge : new String[] {"never", "always"}) {
            PressedMachine pressed = machine(SLOW.with("shmem", huge));
            pressed.machine().request(new NamespaceId(), new NamespaceCommand.CreateFile("f", true, 512));
            pressed.call("p", new MemoryCall.Mmap(PressedMachine.pages(0, 512), Protection.READ_WRITE, true, new Backing.File("f", 0), Set.of()));
            pressed.write("p", 0, 512);
            boolean large = pressed.folio("p", 0).isLarge();
            assertEquals(huge.equals("always"), large);
            long frame = pressed.entry("p", 7).frame(PressedMachine.BASE + 7);
            answer(pressed, "p", new MemoryCall.Madvise(PressedMachine.pages(0, 512), Advice.PAGEOUT));
            assertEquals(512, pressed.machine().node(0).underWriteback());
            assertEquals(512, pressed.machine().swap().used());
            long before = pressed.machine().tick();

            assertEquals(CallResult.OK, read(pressed, 7, 1));

            assertTrue(pressed.machine().tick() - before > 300, "waited for the device");
            assertEquals(frame, pressed.entry("p", 7).frame(PressedMachine.BASE + 7));
            assertEquals(0, pressed.counter("pswpin"));
            assertEquals(large ? 0 : 511, pressed.machine().swap().used());
            pressed.machine().runUntilQuiet();
            pressed.check();
            assertEquals(CallResult.OK, pressed.read("p", 0, 512));
            assertEquals(0, pressed.machine().swap().used());
            pressed.check();
        }
    }

    @Test
    void holesInFilesUnderWritebackFreeTheirSlotsWhenReclaimComesBy() {
        PressedMachine pressed = machine(SLOW.with("shmem", "always"));
        pressed.machine().request(new NamespaceId(), new NamespaceCommand.CreateFile("f", true, 512));
        pressed.call("p", new MemoryCall.Mmap(PressedMachine.pages(0, 512), Protection.READ_WRITE, true, new Backing.File("f", 0), Set.of()));
        pressed.write("p", 0, 512);
        answer(pressed, "p", new MemoryCall.Madvise(PressedMachine.pages(0, 512), Advice.PAGEOUT));

        answer(pressed, "p", new MemoryCall.PunchHole("f", PageRange.between(0, 100)));
        assertEquals(CallResult.OK, read(pressed, 200, 1));

        pressed.machine().runUntilQuiet();
        pressed.check();
        assertEquals(CallResult.OK, pressed.read("p", 0, 512));
        assertEquals(0, pressed.machine().swap().used());
        pressed.check();
    }

    /** R8.1. */
    @Test
    void largeFoliosUnderWritebackAreNotSplit() {
        PressedMachine pressed = writing(SLOW.with("thp", "always"), 512);
        read(pressed, 0, 1);

        answer(pressed, "p", new MemoryCall.Split(PressedMachine.pages(0, 512), 0, -1));
        assertEquals(1, pressed.machine().node(0).tally().splitsFailed(SplitFailure.WRITEBACK));
        assertEquals(0, pressed.counter("thp_split_page"));

        pressed.machine().runUntilQuiet();
        pressed.call("p", new MemoryCall.Split(PressedMachine.pages(0, 512), 0, -1));
        assertEquals(1, pressed.counter("thp_split_page"));
        pressed.check();
    }

    /** R11.8. */
    @Test
    void syncMigrationWaitsUntilPagesAreWritten() {
        PressedMachine pressed = new PressedMachine(Topology.nodes(2, FRAMES), SLOW, SWAP);
        pressed.mmap("p", 0, 64);
        pressed.write("p", 0, 8);
        answer(pressed, "p", new MemoryCall.Madvise(PressedMachine.pages(0, 8), Advice.PAGEOUT));
        read(pressed, 0, 8);
        long before = pressed.machine().tick();

        answer(pressed, "p", new MemoryCall.MovePages(PressedMachine.pages(0, 8), 1, false));

        assertTrue(pressed.machine().tick() - before > 300, "waited for the device");
        assertEquals(8, pressed.counter("pgmigrate_success"));
        assertEquals(1, Frame.node(pressed.entry("p", 0).frame(PressedMachine.BASE)));
        pressed.machine().runUntilQuiet();
        pressed.check();
    }

    @Test
    void pagesOfAnEndedProcessStayUntilTheyAreWrittenAndReclaimed() {
        PressedMachine pressed = writing(SLOW, 64);
        answer(pressed, "p", new MemoryCall.Exit());
        assertEquals(64, pressed.machine().node(0).underWriteback());
        pressed.machine().runUntilQuiet();
        assertEquals(FRAMES - 64, pressed.free(0));
        assertEquals(64, pressed.machine().swap().used());
        pressed.check();

        pressed.mmap("q", 0, FRAMES);
        pressed.write("q", 0, FRAMES - 100);
        assertEquals(pressed.count("q", 0, FRAMES, Pte.State.SWAP), pressed.machine().swap().used());
        pressed.check();
    }

    /** R10.14, R10.15: reclaim waits for the device rather than kill somebody. */
    @Test
    void memoryThatIsShortIsFoundOnASlowDevice() {
        for (String latency : new String[] {"20000", "5000000"}) {
            PressedMachine pressed = machine(SLOW.with("swap.latency", latency).with("swap.page_time", "5000"));
            pressed.mmap("p", 0, 2 * FRAMES);

            assertEquals(CallResult.OK, pressed.write("p", 0, 2 * FRAMES), latency);

            assertEquals(0, pressed.counter("oom_kill"));
            assertTrue(pressed.counter("pgrotated") > 0);
            pressed.check();
            assertEquals(CallResult.OK, pressed.read("p", 0, FRAMES), "and comes back");
            pressed.check();
        }
    }

    /** R10.5. */
    @Test
    void kswapdWaitsWhereAllItFindsIsUnderWriteback() {
        PressedMachine pressed = machine(SLOW.with("swap.latency", "3000000"));
        pressed.mmap("p", 0, 2 * FRAMES);

        assertEquals(CallResult.OK, pressed.write("p", 0, 2 * FRAMES));

        LongSupplier waits = () -> pressed.counter("throttled_kswapd") + pressed.counter("throttled_direct");
        assertTrue(pressed.counter("writeback_met") > 0);
        assertTrue(waits.getAsLong() > 0);
        pressed.check();
    }

    @Test
    void aMachineThatIsRestoredWhileItsDeviceWritesGoesOnAlike() {
        PressedMachine pressed = writing(SLOW, 64);
        Machine restored = Machine.restore(pressed.machine().snapshot());
        assertEquals(64, restored.node(0).underWriteback());
        pressed.machine().runUntilQuiet();
        restored.runUntilQuiet();
        assertEquals(pressed.machine().digest(), restored.digest());
        assertEquals(0, restored.node(0).underWriteback());
        assertNull(restored.takeAnswer(Long.MAX_VALUE));
    }
}
