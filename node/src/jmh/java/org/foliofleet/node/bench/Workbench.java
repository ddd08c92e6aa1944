package org.foliofleet.node.bench;

import java.util.EnumSet;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** A machine with one process, and short words for what it does. */
final class Workbench {
    static final long BASE = 1 << 20;
    /** Pages of a GiB. */
    static final long GIB = 1 << 18;

    final Machine machine;
    private final ProcessId process;
    private int children;

    /** @param thp {@code always} or {@code never} */
    Workbench(String thp) {
        machine = new Machine(Topology.oneNode(1 << 22), new KernelSettings().with("thp", thp));
        process = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("bench"));
        machine.request(process, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
    }

    /**
     * A process that has written 1 GiB.
     *
     * @param alternating page by page, the even ones before the odd ones: the frames of neighbours are far apart, and so no
     *                    two pages are alike in page tables or folios
     */
    static Workbench gibibyte(boolean thp, boolean alternating) {
        Workbench bench = new Workbench(thp ? "always" : "never");
        bench.map(BASE, GIB);
        if (!alternating) {
            bench.write(BASE, GIB, 1);
            return bench;
        }
        for (int odd = 0; odd < 2; odd++) {
            for (long page = odd; page < GIB; page += 2) {
                bench.write(BASE + page, 1, 1 + odd);
            }
        }
        return bench;
    }

    CallResult call(MemoryCall call) {
        return call(process, call);
    }

    private CallResult call(ProcessId who, MemoryCall call) {
        CallResult result = machine.request(who, new ProcessCommand.Execute(call));
        if (!(result instanceof CallResult.Ok)) {
            throw new IllegalStateException(call + ": " + result);
        }
        return result;
    }

    CallResult map(long start, long pages) {
        return call(new MemoryCall.Mmap(new PageRange(start, pages), Protection.READ_WRITE, false, new Backing.Anonymous(),
                EnumSet.noneOf(MapFlag.class)));
    }

    CallResult unmap(long start, long pages) {
        return call(new MemoryCall.Munmap(new PageRange(start, pages)));
    }

    CallResult write(long start, long pages, long tag) {
        return call(new MemoryCall.Write(new PageRange(start, pages), ContentTag.of(tag)));
    }

    /** Forks; returns the child. */
    ProcessId fork() {
        String name = "child" + children++;
        call(new MemoryCall.Fork(name));
        return machine.namespace().process(name);
    }

    CallResult exit(ProcessId child) {
        return call(child, new MemoryCall.Exit());
    }

    CallResult childWrites(ProcessId child, long start, long pages, long tag) {
        return call(child, new MemoryCall.Write(new PageRange(start, pages), ContentTag.of(tag)));
    }
}
