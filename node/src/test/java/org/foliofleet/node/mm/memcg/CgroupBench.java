package org.foliofleet.node.mm.memcg;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** A machine with cgroups, and short words for what its processes do. Pages count from the first that the processes use. */
final class CgroupBench {
    static final long BASE = 1 << 14;

    private final Machine machine;
    private final Map<String, ProcessId> processes = new TreeMap<>();

    CgroupBench(Topology topology, KernelSettings settings, long swapPages) {
        machine = new Machine(topology, settings, swapPages);
    }

    Machine machine() {
        return machine;
    }

    CallResult operate(MachineCall call) {
        return machine.request(new KernelControlId(), new KernelControlCommand.Execute(call));
    }

    /** A process that begins in the cgroup, "" for the root. */
    void begin(String process, String cgroup) {
        int number = cgroup.isEmpty() ? 0 : machine.namespace().cgroups().get(cgroup);
        processes.put(process, machine.spawn(process, TaskContext.onNode(0).withCgroup(number)));
    }

    CallResult call(String process, MemoryCall call) {
        CallResult result = machine.request(processes.get(process), new ProcessCommand.Execute(call));
        if (call instanceof MemoryCall.Fork fork) {
            processes.put(fork.child(), machine.namespace().process(fork.child()));
        }
        return result;
    }

    ProcessId id(String process) {
        return processes.get(process);
    }

    CallResult mmap(String process, long page, long pages) {
        return call(process, new MemoryCall.Mmap(pages(page, pages), Protection.READ_WRITE, false, new Backing.Anonymous(), Set.of()));
    }

    CallResult write(String process, long page, long pages) {
        return call(process, new MemoryCall.Write(pages(page, pages), ContentTag.of(7)));
    }

    CallResult madvise(String process, long page, long pages, Advice advice) {
        return call(process, new MemoryCall.Madvise(pages(page, pages), advice));
    }

    static PageRange pages(long page, long pages) {
        return new PageRange(BASE + page, pages);
    }

    /** Pages charged to the cgroup, on all nodes. */
    long charged(String cgroup) {
        long sum = 0;
        for (int node = 0; node < machine.topology().nodes().size(); node++) {
            sum += machine.node(node).charged(machine.namespace().cgroups().get(cgroup));
        }
        return sum;
    }

    Pte entry(String process, long page) {
        VmaInfo info = ((Process) machine.owner(processes.get(process))).vmas().find(BASE + page);
        return info == null ? null : ((Vma) machine.owner(info.id())).pages().get(BASE + page);
    }

    Folio folio(String process, long page) {
        long frame = entry(process, page).frame(BASE + page);
        return machine.node(Frame.node(frame)).folio(frame);
    }

    /** A counter of all nodes. */
    long counter(String name) {
        Map<String, Long> sums = new TreeMap<>();
        for (int node = 0; node < machine.topology().nodes().size(); node++) {
            machine.node(node).statistics().addTo(sums);
        }
        return sums.getOrDefault(name, 0L);
    }

    /** All that must hold of a quiet machine. */
    void check() {
        Invariants.quiet(machine);
    }
}
