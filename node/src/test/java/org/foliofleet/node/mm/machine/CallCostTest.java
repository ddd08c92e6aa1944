package org.foliofleet.node.mm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import org.foliofleet.protocol.policy.CostTable;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;

/** Goal: calls cost what the table says, once. Method: calls on a quiet machine against the table's arithmetic. */
class CallCostTest {
    private static final CostTable COSTS = CostTable.MEASURED;
    private static final long GIB = 1L << 18;

    private final Machine machine = new Machine(Topology.oneNode(4 * GIB), new KernelSettings());
    private final ProcessId process = machine.spawn("p", TaskContext.onNode(0));

    private long cost(MemoryCall call) {
        long number = machine.submit(process, new ProcessCommand.Execute(call));
        machine.runUntilQuiet();
        long cost = machine.cost(number);
        assertEquals(CallResult.OK, machine.takeAnswer(number), call::toString);
        return cost;
    }

    private PageRange map(long pages, boolean huge) {
        PageRange range = new PageRange(1 << 18, pages);
        assertEquals(COSTS.mapCall(), cost(new MemoryCall.Mmap(range, new Protection(true, true, false), false, new Backing.Anonymous(),
                EnumSet.noneOf(MapFlag.class))));
        if (huge) {
            cost(new MemoryCall.Madvise(range, Advice.HUGEPAGE));
        }
        return range;
    }

    private static MemoryCall write(PageRange range) {
        return new MemoryCall.Write(range, new ContentTag(1, true));
    }

    @Test
    void faultsOfEachKind() {
        PageRange small = map(512, false);
        assertEquals(512 * COSTS.zeroPageFault(), cost(new MemoryCall.Read(small)));
        assertEquals(512 * COSTS.copyFault(), cost(write(small)));
        assertEquals(0, cost(write(small)), "nothing is left to fault");
        assertEquals(COSTS.mapCall() + 512 * COSTS.unmapPte(), cost(new MemoryCall.Munmap(small)));
        PageRange fresh = map(512, false);
        assertEquals(512 * COSTS.anonFault(), cost(write(fresh)));
    }

    @Test
    void hugePagesCostOneFault() {
        PageRange huge = map(1024, true);
        assertEquals(2 * COSTS.thpFault(), cost(write(huge)));
        assertEquals(COSTS.mapCall() + COSTS.vmaSplit() + COSTS.pmdSplit() + 256 * COSTS.unmapLargePte(),
                cost(new MemoryCall.Munmap(new PageRange(huge.start() + 768, 256))));
        assertEquals(COSTS.mapCall() + COSTS.unmapPmd() + 256 * COSTS.unmapLargePte(),
                cost(new MemoryCall.Munmap(new PageRange(huge.start(), 768))));
    }

    @Test
    void forkOfOneGibibyte() {
        cost(write(map(GIB, false)));
        assertEquals(COSTS.forkBase() + GIB * COSTS.forkPte(), cost(new MemoryCall.Fork("c")));
    }

    @Test
    void forkOfOneGibibyteOfHugePages() {
        cost(write(map(GIB, true)));
        assertEquals(COSTS.forkBase() + 512 * COSTS.forkPmd(), cost(new MemoryCall.Fork("c")));
    }

    @Test
    void copiesAndReusesAfterAFork() {
        PageRange range = map(64, false);
        cost(write(range));
        cost(new MemoryCall.Fork("c"));
        assertEquals(64 * COSTS.copyFault(), cost(write(range)));
        ProcessId child = machine.namespace().process("c");
        long number = machine.submit(child, new ProcessCommand.Execute(write(range)));
        machine.runUntilQuiet();
        assertEquals(64 * COSTS.reuseFault(), machine.cost(number));
    }

    @Test
    void pinsAndLocks() {
        PageRange range = map(64, false);
        cost(write(range));
        assertEquals(64 * COSTS.pinPage(), cost(new MemoryCall.Pin("h", range)));
        assertEquals(64 * COSTS.unpinPage(), cost(new MemoryCall.Unpin("h")));
        assertEquals(64 * COSTS.lockPage(), cost(new MemoryCall.Mlock(range, false)));
        assertEquals(64 * COSTS.unlockPage(), cost(new MemoryCall.Munlock(range)));
    }
}
