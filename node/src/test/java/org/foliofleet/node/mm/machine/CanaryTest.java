package org.foliofleet.node.mm.machine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioStat;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: the checkers check. Method: one fault is planted in a machine that is right, and must be found and named. */
class CanaryTest {
    private static final long BASE = 1 << 14;
    private static final long PAGES = 1024;

    private Machine machine;
    private ProcessId process;

    @BeforeEach
    void aMachineWithTwoProcessesThatShareMemory() {
        start("always");
    }

    private void start(String thp) {
        machine = new Machine(Topology.oneNode(1 << 14), new KernelSettings().with("thp", thp));
        process = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p0"));
        machine.request(process, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        call(new MemoryCall.Mmap(new PageRange(BASE, PAGES), Protection.READ_WRITE, false, new Backing.Anonymous(),
                EnumSet.noneOf(MapFlag.class)));
        call(new MemoryCall.Write(new PageRange(BASE, PAGES), ContentTag.of(1)));
        call(new MemoryCall.Fork("p1"));
        call(new MemoryCall.Write(new PageRange(BASE + 3, 5), ContentTag.of(2)));
        Invariants.quiet(machine);
    }

    private void call(MemoryCall call) {
        machine.request(process, new ProcessCommand.Execute(call));
    }

    private Vma vma() {
        return (Vma) machine.owners().stream().filter(owner -> owner instanceof Vma vma && vma.info().id().process() == process.number())
                .findFirst().orElseThrow();
    }

    private PageRuns onePage(long page) {
        return PageRuns.of(page, 1, vma().pages().get(page));
    }

    private void isFound(String... words) {
        InvariantViolation violation = assertThrows(InvariantViolation.class, () -> Invariants.quiet(machine));
        for (String word : words) {
            assertTrue(violation.getMessage().contains(word), violation::getMessage);
        }
        assertTrue(violation.getMessage().startsWith("tick " + machine.tick()), violation::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "never"})
    void anEntryWhoseUnmapWasLost(String thp) {
        start(thp);
        vma().pages().clear(BASE + 4, 1);
        isFound("nodes count");
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "never"})
    void aMappingThatIsCountedTwice(String thp) {
        start(thp);
        machine.request(new NumaNodeId(0), new NumaNodeCommand.DuplicateMappings(7, onePage(BASE + 4), false));
        isFound("nodes count");
    }

    @Test
    void aPinnedPageThatIsNotExclusiveAnyMore() {
        start("never");
        call(new MemoryCall.Pin("pin", new PageRange(BASE + 4, 1)));
        Invariants.quiet(machine);
        vma().pages().set(BASE + 4, 1, vma().pages().get(BASE + 4).without(Pte.EXCLUSIVE | Pte.WRITE));
        isFound("page " + (BASE + 4) + " is pinned, but not exclusive");
    }

    @Test
    void aReferenceThatNobodyHolds() {
        start("never");
        machine.request(new NumaNodeId(0), new NumaNodeCommand.TakeHolds(Hold.GET, onePage(BASE + 4)));
        isFound("processes and drivers hold 0 pins and 0 references");
    }

    @Test
    void gaugesThatMissAFolio() {
        call(new MemoryCall.Mlock(new PageRange(BASE, 4), false));
        Invariants.quiet(machine);
        machine.node(0).statistics().add(VmEvent.UNEVICTABLE_PGS_MLOCKED, 1);
        isFound("NR_MLOCK");
        machine.node(0).statistics().add(VmEvent.UNEVICTABLE_PGS_MLOCKED, -1);
        machine.node(0).statistics().add(9, FolioStat.NR_ANON, -1);
        isFound("nr_anon");
    }

    @Test
    void anEntryThatMapsTheNeighboursPage() {
        start("never");
        Pte entry = vma().pages().get(BASE + 20);
        vma().pages().set(BASE + 20, 1, new Pte(entry.state(), entry.delta() + 1, 0, entry.flags()));
        isFound("nodes count");
    }

    @Test
    void twoEntriesThatSwappedTheirPages() {
        start("never");
        Pte entry = vma().pages().get(BASE + 20);
        vma().pages().set(BASE + 20, 1, new Pte(entry.state(), entry.delta() + 1, 0, entry.flags()));
        vma().pages().set(BASE + 21, 1, new Pte(entry.state(), entry.delta() - 1, 0, entry.flags()));
        isFound("rmap");
    }

    @Test
    void aFolioOfTheWrongOwner() {
        long frame = vma().pages().get(BASE + 600).frame(BASE + 600);
        Folio folio = machine.node(0).folio(frame);
        long head = frame & -folio.pages();
        machine.node(0).folios().set(head, folio.pages(), folio.withMapping(folio.mapping() + 1, folio.indexDelta()));
        isFound("rmap", "vma");
    }

    @Test
    void aFolioThatIsCountedForTheWrongProcess() {
        long frame = vma().pages().get(BASE + 600).frame(BASE + 600);
        PageRuns block = PageRuns.of(BASE + 512, 512, vma().pages().get(BASE + 600));
        machine.request(new NumaNodeId(0), new NumaNodeCommand.Unmap(process.number(), block, false));
        machine.request(new NumaNodeId(0), new NumaNodeCommand.DuplicateMappings(9, block, false));
        assertTrue(machine.node(0).folio(frame).mapcount() == 2);
        isFound("mm 9");
    }

    @Test
    void aFolioThatIsFreedWhileItIsMapped() {
        start("never");
        machine.request(new NumaNodeId(0), new NumaNodeCommand.Unmap(process.number(), onePage(BASE + 4), false));
        isFound("nodes count");
    }

    @Test
    void aPinThatNobodyHolds() {
        long frame = vma().pages().get(BASE + 600).frame(BASE + 600);
        Folio folio = machine.node(0).folio(frame);
        machine.node(0).folios().set(frame & -512, 512, folio.withPins(1));
        isFound("processes and drivers hold 0 pins");
    }

    @Test
    void aFrameThatIsLost() {
        machine.node(0).frames().allocate(0);
        isFound("frames are free", "node 0");
    }

    @Test
    void aFrameThatIsHandedOutTwice() {
        Folio folio = machine.node(0).folio(vma().pages().get(BASE + 4).frame(BASE + 4));
        machine.node(0).folios().set((1 << 14) - 1, 1, folio.isLarge() ? Folio.anon(0, 0, 0).withGets(1) : folio);
        assertThrows(InvariantViolation.class, () -> Invariants.quiet(machine));
    }

    @Test
    void anExclusivePageThatTwoProcessesMap() {
        Pte entry = vma().pages().get(BASE + 600);
        vma().pages().set(BASE + 512, 512, entry.with(Pte.EXCLUSIVE | Pte.WRITE));
        isFound("exclusive, but mapped 2 times");
    }

    @Test
    void aWritableEntryThatIsNotExclusive() {
        Pte entry = vma().pages().get(BASE + 600);
        vma().pages().set(BASE + 512, 512, entry.with(Pte.WRITE));
        isFound("writable, but not exclusive");
    }

    @Test
    void aPartiallyMappedFolioThatIsOnNoQueue() {
        long frame = vma().pages().get(BASE + 600).frame(BASE + 600);
        Folio folio = machine.node(0).folio(frame);
        machine.node(0).folios().set(frame & -512, 512, folio.without(Folio.DEFERRED).with(Folio.PARTIALLY_MAPPED));
        isFound("queue");
    }

    @Test
    void aMessageThatIsDropped() {
        for (int drop = 1; drop <= 3; drop++) {
            start("always");
            machine.submit(process, new ProcessCommand.Execute(new MemoryCall.Munmap(new PageRange(BASE, 700))));
            for (int tick = 0; tick < drop; tick++) {
                machine.step();
            }
            MachineParts parts = machine.parts();
            assertTrue(!parts.messages().isEmpty());
            machine = new Machine(new MachineParts(parts.topology(), parts.settings(), parts.progress(), parts.owners(), List.of(),
                    parts.answers()));
            assertThrows(InvariantViolation.class, () -> {
                machine.runUntilQuiet();
                Invariants.quiet(machine);
            });
        }
    }

    @Test
    void anAnswerThatNobodyAwaits() {
        machine.send(new org.foliofleet.protocol.message.Envelope(process, new NumaNodeId(0), 1 << 20,
                org.foliofleet.protocol.message.Envelope.Rank.REPLY, 99, 0, null, 0));
        assertThrows(InvariantViolation.class, machine::runUntilQuiet);
    }

    @Test
    void aDrawFromTheWallClockChangesTheDigest() {
        String digest = machine.digest();
        start("always");
        assertEquals(digest, machine.digest());
        call(new MemoryCall.Write(new PageRange(BASE, 1), ContentTag.of(1 + (System.nanoTime() >>> 1))));
        String drawn = machine.digest();
        start("always");
        call(new MemoryCall.Write(new PageRange(BASE, 1), ContentTag.of(1 + (System.nanoTime() >>> 1))));
        assertNotEquals(drawn, machine.digest());
    }

    @Test
    void aMachineInWhichNothingIsWrong() {
        assertDoesNotThrow(() -> Invariants.quiet(machine));
    }
}
