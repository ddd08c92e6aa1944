package org.foliofleet.node.trace;

import java.util.HashMap;
import java.util.Map;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.node.mm.numa.VmStat;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.ProcessCommand.Accessed;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;

/** The model's machine as traces want it: one call or access at a time, each run until nothing is in flight. */
public final class MachineTraceTarget implements TraceTarget {
    /** 32 GiB: no traced program was short of memory. */
    private static final long FRAMES = 8L << 20;
    private static final ContentTag STORED = ContentTag.of(1);

    private final Machine machine = new Machine(Topology.oneNode(FRAMES), new KernelSettings());
    private final Map<Integer, ProcessId> spaces = new HashMap<>();
    private int lastName;

    private String newName() {
        return "space-" + ++lastName;
    }

    @Override
    public int spawn(String comm) {
        ProcessId process = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess(newName()));
        machine.request(process, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        spaces.put(process.number(), process);
        return process.number();
    }

    @Override
    public int fork(int space) {
        String name = newName();
        CallResult result = call(space, new MemoryCall.Fork(name));
        if (!result.equals(CallResult.OK)) {
            throw new IllegalStateException("the model could not fork: " + result);
        }
        ProcessId child = machine.namespace().process(name);
        spaces.put(child.number(), child);
        return child.number();
    }

    @Override
    public void exec(int space) {
        call(space, new MemoryCall.Exec());
    }

    @Override
    public void exit(int space) {
        call(space, new MemoryCall.Exit());
        spaces.remove(space);
    }

    @Override
    public CallResult call(int space, MemoryCall call) {
        return machine.request(spaces.get(space), new ProcessCommand.Execute(call));
    }

    @Override
    public Access access(int space, long page, boolean write, boolean instruction) {
        VmaCommand.Access kind = write ? VmaCommand.Access.WRITE : instruction ? VmaCommand.Access.EXECUTE : VmaCommand.Access.READ;
        Accessed accessed = machine.request(spaces.get(space),
                new ProcessCommand.Access(new PageRange(page, 1), kind, write ? STORED : null));
        if (!(accessed.result() instanceof CallResult.Ok)) {
            return Access.SIGNAL;
        }
        return accessed.faults() == 0 ? Access.NONE : Access.FAULT;
    }

    @Override
    public CopyOnWrite copyOnWrite() {
        VmStat statistics = machine.node(0).statistics();
        return new CopyOnWrite(0, statistics.get(VmEvent.COW_COPIES), statistics.get(VmEvent.FAULT_REUSE));
    }

    @Override
    public Memory memory(int space) {
        long[] pages = new long[3];
        Process process = (Process) machine.owner(spaces.get(space));
        process.vmas().forEach(info -> ((Vma) machine.owner(info.id())).pages().forEach((start, count, entry) -> {
            if (entry.isPresent() && (!entry.has(Pte.SPECIAL) || info.has(VmaFlags.MIXEDMAP))) {
                pages[0] += count;
                pages[1] += entry.isAnon() ? count : 0;
                pages[2] += entry.isAnon() && entry.isPmd() ? count : 0;
            }
        }));
        return new Memory(4 * pages[0], 4 * pages[1], 4 * pages[2], process.vmas().size());
    }

    @Override
    public void createFile(String name, long pages, boolean shmem) {
        machine.request(new NamespaceId(), new NamespaceCommand.CreateFile(name, shmem, pages));
    }

    @Override
    public void growFile(String name, long pages) {
        AddressSpaceId file = machine.request(new NamespaceId(), new NamespaceCommand.OpenFile(name));
        machine.request(file, new AddressSpaceCommand.Truncate(pages));
    }

    @Override
    public void setThpDisabled(int space, boolean disabled, boolean exceptAdvised) {
        ThpControl control = !disabled ? ThpControl.ENABLED : exceptAdvised ? ThpControl.ONLY_ADVISED : ThpControl.DISABLED;
        machine.request(spaces.get(space), new ProcessCommand.SetThpControl(control));
    }

    @Override
    public void setThp(String mode) {
        machine.settings(machine.settings().with("thp", mode));
    }

    @Override
    public String digest() {
        return machine.digest();
    }
}
