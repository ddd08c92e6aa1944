package org.foliofleet.node.mm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: a VMA that maps one 512-page folio by PTEs takes at most 300 bytes, all included. Method: sizes by fields of
 * the whole machine before and after; the number of VMAs is one at which the table of owners has just grown.
 */
class VmaFootprintTest {
    private static final int LIMIT = 300;
    private static final int PROCESSES = 4;
    private static final int VMAS = 2_800;
    private static final int FOLIO_PAGES = 512;
    private static final long BASE = 1 << 20;

    private final Machine machine = new Machine(Topology.oneNode(1 << 14), new KernelSettings().with("shmem", "always"));
    private final ProcessId[] processes = new ProcessId[PROCESSES];

    @BeforeEach
    void aFolioAndProcessesThatMapIt() {
        machine.request(new NamespaceId(), new NamespaceCommand.CreateFile("folio", true, FOLIO_PAGES));
        for (int i = 0; i < PROCESSES; i++) {
            processes[i] = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p" + i));
            machine.request(processes[i], new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        }
        // The folio comes with a first mapping whose 2 MiB are aligned.
        map(processes[0], BASE);
        for (ProcessId process : processes) {
            mapByPtes(process, 1);
        }
    }

    private void mapByPtes(ProcessId process, long number) {
        map(process, BASE + number * 2 * FOLIO_PAGES + 1);
    }

    private void map(ProcessId process, long start) {
        PageRange range = new PageRange(start, FOLIO_PAGES);
        // Names are read from programs, each time another string.
        Backing file = new Backing.File(new StringBuilder("folio").toString(), 0);
        call(process, new MemoryCall.Mmap(range, Protection.READ_WRITE, true, file, EnumSet.noneOf(MapFlag.class)));
        call(process, new MemoryCall.Read(range));
    }

    private void call(ProcessId process, MemoryCall call) {
        CallResult result = machine.request(process, new ProcessCommand.Execute(call));
        assertFalse(result instanceof CallResult.Failed, () -> call + ": " + result);
    }

    private void mapMany() {
        for (int i = 0; i < VMAS; i++) {
            mapByPtes(processes[i % PROCESSES], 2 + i / PROCESSES);
        }
    }

    private static void assertSmall(HeapBytes before, HeapBytes after) {
        double each = (after.total() - before.total()) / (double) VMAS;
        assertTrue(each <= LIMIT, () -> "bytes a VMA: " + each + ":" + after.growth(before, VMAS));
        assertTrue(each >= 150, () -> "too few to be true: " + each + ":" + after.growth(before, VMAS));
    }

    @Test
    void theVmasMapTheFolioByPtes() {
        mapMany();
        int counted = 0;
        for (var owner : machine.owners()) {
            if (owner instanceof Vma vma && vma.info().start() % FOLIO_PAGES != 0) {
                Pte entry = vma.pages().get(vma.info().start());
                assertEquals(FOLIO_PAGES, vma.pages().size());
                assertEquals(PageOrder.PMD, entry.order());
                assertFalse(entry.isPmd());
                counted++;
            }
        }
        assertEquals(VMAS + PROCESSES, counted);
    }

    @Test
    void aVmaThatMapsAFolioByPtesTakesAtMost300Bytes() {
        HeapBytes before = HeapBytes.of(machine);
        mapMany();
        assertSmall(before, HeapBytes.of(machine));
    }

    @Test
    void soItDoesAfterASnapshotWasRestored() {
        HeapBytes before = HeapBytes.of(Machine.restore(machine.snapshot()));
        mapMany();
        assertSmall(before, HeapBytes.of(Machine.restore(machine.snapshot())));
    }
}
