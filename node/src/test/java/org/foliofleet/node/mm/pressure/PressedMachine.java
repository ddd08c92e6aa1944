package org.foliofleet.node.mm.pressure;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** A machine with little memory, and short words for what its processes do. */
final class PressedMachine {
    /** First page that the processes use. */
    static final long BASE = 1 << 14;

    private final Machine machine;
    private final Map<String, ProcessId> processes = new TreeMap<>();

    PressedMachine(Topology topology, KernelSettings settings, long swapPages) {
        machine = new Machine(topology, settings, swapPages);
    }

    /** One node of that many pages; no huge pages, so that 5 % of memory are no reserve. */
    static PressedMachine small(long frames, long swapPages) {
        return new PressedMachine(Topology.oneNode(frames), new KernelSettings().with("thp", "never").with("shmem", "never"), swapPages);
    }

    Machine machine() {
        return machine;
    }

    ProcessId process(String name) {
        return processes.computeIfAbsent(name, key -> machine.spawn(key, TaskContext.onNode(0)));
    }

    CallResult call(String process, MemoryCall call) {
        CallResult result = machine.request(process(process), new ProcessCommand.Execute(call));
        if (call instanceof MemoryCall.Fork fork) {
            processes.put(fork.child(), machine.namespace().process(fork.child()));
        }
        return result;
    }

    /** The same without waiting; the number of its answer. */
    long begin(String process, MemoryCall call) {
        return machine.submit(process(process), new ProcessCommand.Execute(call));
    }

    CallResult mmap(String process, long page, long pages) {
        return call(process, new MemoryCall.Mmap(pages(page, pages), Protection.READ_WRITE, false, new Backing.Anonymous(), java.util.Set.of()));
    }

    CallResult write(String process, long page, long pages) {
        return call(process, new MemoryCall.Write(pages(page, pages), ContentTag.of(7)));
    }

    CallResult read(String process, long page, long pages) {
        return call(process, new MemoryCall.Read(pages(page, pages)));
    }

    CallResult madvise(String process, long page, long pages, Advice advice) {
        return call(process, new MemoryCall.Madvise(pages(page, pages), advice));
    }

    static PageRange pages(long page, long pages) {
        return new PageRange(BASE + page, pages);
    }

    /** The entry of a page, or null. */
    Pte entry(String process, long page) {
        Process owner = (Process) machine.owner(process(process));
        VmaInfo info = owner.vmas().find(BASE + page);
        return info == null ? null : ((Vma) machine.owner(info.id())).pages().get(BASE + page);
    }

    Folio folio(String process, long page) {
        long frame = entry(process, page).frame(BASE + page);
        return machine.node(org.foliofleet.protocol.id.Frame.node(frame)).folio(frame);
    }

    /** Pages of a range whose entries are in a state. */
    long count(String process, long page, long pages, Pte.State state) {
        long count = 0;
        for (long at = page; at < page + pages; at++) {
            Pte entry = entry(process, at);
            count += entry != null && entry.state() == state ? 1 : 0;
        }
        return count;
    }

    /** A counter of all nodes. */
    long counter(String name) {
        Map<String, Long> sums = new TreeMap<>();
        for (int node = 0; node < machine.topology().nodes().size(); node++) {
            machine.node(node).statistics().addTo(sums);
        }
        return sums.get(name);
    }

    long free(int node) {
        return machine.node(node).frames().freePages();
    }

    /** All that must hold of a quiet machine. */
    void check() {
        Invariants.quiet(machine);
    }
}
