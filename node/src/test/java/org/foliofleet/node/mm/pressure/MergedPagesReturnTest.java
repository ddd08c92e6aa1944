package org.foliofleet.node.mm.pressure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: a merged page that was in swap comes back for one place, and is copied for others. Method: one page of four places. */
class MergedPagesReturnTest {
    @ParameterizedTest
    @ValueSource(strings = {"zram", "block"})
    void otherPlacesGetCopies(String device) {
        PressedMachine pressed = new PressedMachine(Topology.oneNode(4096), new KernelSettings().with("thp", "never").with("swap.device", device), 1 << 14);
        pressed.mmap("p", 0, 64);
        pressed.call("p", new MemoryCall.Write(PressedMachine.pages(0, 4), new ContentTag(5, true)));
        pressed.madvise("p", 0, 4, Advice.MERGEABLE);
        machine(pressed, new MachineCall.KsmScan(2));
        for (int i = 0; i < 5; i++) {
            machine(pressed, new MachineCall.Reclaim());
        }
        assertEquals(4, pressed.count("p", 0, 4, Pte.State.SWAP));

        pressed.read("p", 2, 1);
        pressed.read("p", 0, 4);

        assertEquals(3, pressed.counter("ksm_swpin_copy"));
        assertEquals(1, pressed.counter("pswpin"));
        assertNotEquals(pressed.folio("p", 0).indexDelta(), pressed.folio("p", 2).indexDelta());
        assertFalse(pressed.folio("p", 1).has(Folio.KSM));
        pressed.check();
        pressed.call("p", new MemoryCall.Exit());
        pressed.check();
    }

    private static void machine(PressedMachine pressed, MachineCall call) {
        pressed.machine().request(new KernelControlId(), new KernelControlCommand.Execute(call));
    }
}
