package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/**
 * Goal: a fork that meets migration entries (R3.11) waits for the folio to be split, and loses nothing. Method: splits and
 * forks that begin at all distances in time, with and without another process that maps the folio.
 */
class ForkMeetsSplitTest {
    private static final int DISTANCES = 16;

    @Test
    void forksDuringSplitsShareWhatTheParentHas() {
        int met = 0;
        for (boolean shared : new boolean[] {false, true}) {
            for (int ticks = 0; ticks < DISTANCES; ticks++) {
                met += forkAfter(ticks, shared) ? 1 : 0;
            }
        }
        assertTrue(met > 0, "no fork met a migration entry");
    }

    /** @return whether the copying of page tables stood before migration entries */
    private static boolean forkAfter(int ticks, boolean shared) {
        StatementBench bench = new StatementBench();
        Machine machine = bench.machine();
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512 tag 7", "p0 mprotect 0 1 r", "p0 mprotect 0 1 rw");
        if (shared) {
            bench.run("p0 fork p2");
        }
        long head = bench.frame("p0", 0);
        machine.submit(new NumaNodeId(Frame.node(head)), new SplitFolio(head, 9, 0, -1, true, Unless.NEVER));
        for (int i = 0; i < ticks; i++) {
            machine.step();
        }
        long fork = machine.submit(machine.namespace().process("p0"), new ProcessCommand.Execute(new MemoryCall.Fork("p1")));
        boolean met = false;
        while (machine.step()) {
            Invariants.always(machine);
            met |= waits(machine);
        }
        assertEquals(CallResult.OK, machine.takeAnswer(fork));
        Invariants.quiet(machine);
        for (int page = 0; page < 512; page++) {
            assertEquals(bench.frame("p0", page), bench.frame("p1", page));
            assertEquals(7, bench.page("p1", page).tag());
        }
        bench.run("p0 write 0 512 tag 8");
        assertEquals(7, bench.page("p1", 511).tag());
        return met;
    }

    private static boolean waits(Machine machine) {
        Process parent = (Process) machine.owner(machine.namespace().process("p0"));
        Vma vma = (Vma) machine.owner(parent.vmas().first().id());
        boolean[] migrating = {false};
        vma.pages().forEach((start, count, entry) -> migrating[0] |= entry.state() == Pte.State.MIGRATION);
        return migrating[0] && vma.flights().stream().anyMatch(flight -> flight.command() instanceof VmaCommand.Duplicate);
    }
}
