package org.foliofleet.node.mm.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: pages that come back soon after they were reclaimed are active at once. Method: MADV_PAGEOUT, and pages that come back early and late. */
class WorkingsetTest {
    private static final long FRAMES = 4096;
    private static final KernelSettings ON = new KernelSettings().with("thp", "never").with("shmem", "never").with("workingset", "1")
            .with("swap.latency", "20000");

    /** A machine with some hundred active pages, and 3,000 others that it can do without. */
    private static PressedMachine used(KernelSettings settings) {
        PressedMachine pressed = new PressedMachine(Topology.oneNode(FRAMES), settings, 1 << 14);
        pressed.mmap("hot", 0, 256);
        pressed.write("hot", 0, 256);
        pressed.mmap("p", 0, 2 * FRAMES);
        for (long page = 0; page < 5120; page += 128) {
            pressed.read("hot", 0, 256);
            assertEquals(CallResult.OK, pressed.write("p", page, 128));
        }
        assertEquals(256, pressed.count("hot", 0, 256, org.foliofleet.protocol.message.Pte.State.PRESENT));
        return pressed;
    }

    private static long out(PressedMachine pressed, long page, long pages) {
        pressed.madvise("p", page, pages, Advice.PAGEOUT);
        return pages;
    }

    @ParameterizedTest
    @ValueSource(strings = {"zram", "block"})
    void whatComesBackSoonIsActiveAndWhatComesBackLateIsNot(String device) {
        PressedMachine pressed = used(ON);
        pressed.machine().settings(ON.with("swap.device", device));
        long activated = pressed.counter("workingset_activate_anon");
        out(pressed, 5000, 16);
        if (device.equals("block")) {   // written; the next pass frees them
            pressed.write("p", 5120, 2000);
        }
        long before = pressed.counter("workingset_refault_anon");

        pressed.read("p", 5000, 16);

        assertEquals(before + 16, pressed.counter("workingset_refault_anon"));
        if (device.equals("zram")) {
            assertEquals(activated + 16, pressed.counter("workingset_activate_anon"));
            assertTrue(pressed.folio("p", 5000).has(Folio.ACTIVE));
            out(pressed, 5000, 16);
            out(pressed, 3000, 1900);
            pressed.read("p", 5000, 16);
            assertEquals(before + 32, pressed.counter("workingset_refault_anon"));
            assertEquals(activated + 16, pressed.counter("workingset_activate_anon"), "too many went meanwhile");
            assertFalse(pressed.folio("p", 5000).has(Folio.ACTIVE));
        }
        pressed.check();
        assertEquals(pressed.machine().digest(), Machine.restore(pressed.machine().snapshot()).digest());
    }

    @Test
    void withoutTheSettingNothingIsRemembered() {
        PressedMachine pressed = used(ON.with("workingset", "0"));
        out(pressed, 5000, 16);
        pressed.read("p", 5000, 16);
        assertEquals(0, pressed.counter("workingset_refault_anon") + pressed.counter("workingset_activate_anon"));
        assertFalse(pressed.folio("p", 5000).has(Folio.ACTIVE));
        pressed.check();
    }

    @Test
    void pagesOfFilesRefaultToo() {
        PressedMachine pressed = used(ON);
        pressed.machine().request(new NamespaceId(), new NamespaceCommand.CreateFile("f", false, 64));
        pressed.call("p", new MemoryCall.Mmap(PressedMachine.pages(10_000, 64), Protection.READ_WRITE, true, new Backing.File("f", 0), Set.of()));
        pressed.read("p", 10_000, 32);
        out(pressed, 10_000, 32);

        pressed.read("p", 10_000, 64);

        assertEquals(32, pressed.counter("workingset_refault_file"), "of those that were there before");
        assertEquals(32, pressed.counter("workingset_activate_file"));
        pressed.check();
    }
}
