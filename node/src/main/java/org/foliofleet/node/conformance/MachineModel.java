package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** The model's machine as conformance wants it: one call at a time, each run until nothing is in flight. */
public final class MachineModel implements ModelUnderTest {
    /** Memory of the machine that recorded the scenarios: enough for all of them. */
    private static final long FRAMES = 1L << 20;
    /** Room on the swap device of scenarios that require one. */
    private static final long SWAP_PAGES = 1L << 18;

    private final long frames;
    private final long swapPages;
    private Machine machine;
    private FolioKeys keys;
    private final List<String> memfds = new ArrayList<>();

    public MachineModel() {
        this(FRAMES);
    }

    /** @param frames memory of the machine, in pages */
    MachineModel(long frames) {
        this(frames, SWAP_PAGES);
    }

    /**
     * @param frames    memory of the machine, in pages
     * @param swapPages room on the swap device of a scenario that requires one, in pages
     */
    MachineModel(long frames, long swapPages) {
        this.frames = frames;
        this.swapPages = swapPages;
    }

    @Override
    public Optional<String> unsupported(RecordingHeader header) {
        for (String requirement : header.requires()) {
            if (!requirement.equals("swap") && !requirement.equals("split") && !requirement.startsWith("numa ") && !requirement.equals("tier")
                    && !requirement.equals("memcg")) {
                return Optional.of("require " + requirement);
            }
        }
        for (Map.Entry<String, String> setting : header.settings().entrySet()) {
            try {
                new KernelSettings().with(setting.getKey(), setting.getValue());
            } catch (IllegalArgumentException e) {
                return Optional.of("set " + setting.getKey() + " " + setting.getValue());
            }
        }
        return Optional.empty();
    }

    @Override
    public void start(RecordingHeader header) {
        KernelSettings settings = ofRelease(header.kernel());
        for (Map.Entry<String, String> setting : header.settings().entrySet()) {
            settings = settings.with(setting.getKey(), setting.getValue());
        }
        machine = new Machine(topology(header), settings, header.requires().contains("swap") ? swapPages : 0);
        keys = new FolioKeys();
        machine.listener(keys);
        memfds.clear();
        ProcessId p0 = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p0"));
        machine.request(p0, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        header.memfds().forEach((name, pages) -> execute(new MachineCall.CreateMemfd(name, pages)));
    }

    /** The kernel's settings at start, with what the releases that recorded scenarios do differently. */
    private static KernelSettings ofRelease(String release) {
        KernelSettings settings = new KernelSettings();
        return release.startsWith("6.18.15") ? settings.with("smaps_guard_flag", "false").with("lazyfree_pmd", "discard_whole") : settings;
    }

    private Topology topology(RecordingHeader header) {
        if (header.nodes().isEmpty()) {
            return Topology.oneNode(frames);
        }
        List<Topology.Node> nodes = new ArrayList<>();
        for (RecordingHeader.NumaNode node : header.nodes()) {
            boolean full = header.fillNode().isPresent() && header.fillNode().getAsInt() == node.id();
            nodes.add(new Topology.Node(full ? 0 : frames / header.nodes().size(), node.cpus().isEmpty() ? 0 : 1, node.distance(), node.tier()));
        }
        return new Topology(nodes);
    }

    @Override
    public CallResult execute(String process, MemoryCall call) {
        keys.operationBegins(whereMapped(process, call));
        return machine.request(machine.namespace().process(process), new ProcessCommand.Execute(call));
    }

    /** Where the folios are mapped that a call unmaps and whose frames it may get again, if several VMAs are there. */
    private Map<Long, Long> whereMapped(String process, MemoryCall call) {
        PageRange range = call instanceof MemoryCall.Mmap mmap ? mmap.range() : null;
        if (call instanceof MemoryCall.Mremap mremap && mremap.newStart() >= 0) {
            range = new PageRange(mremap.newStart(), mremap.newCount());
        }
        Map<Long, Long> where = new HashMap<>();
        if (range == null || !(machine.owner(machine.namespace().process(process)) instanceof Process owner)) {
            return where;
        }
        PageRange unmapped = range;
        List<Vma> vmas = new ArrayList<>();
        owner.vmas().forEach(info -> {
            if (!unmapped.intersect(PageRange.between(info.start(), info.end())).isEmpty()) {
                vmas.add((Vma) machine.owner(info.id()));
            }
        });
        if (vmas.size() > 1) {
            for (Vma vma : vmas) {
                vma.pages().forEach(unmapped.start(), unmapped.end(), (start, count, entry) -> {
                    for (long page = start; entry.isPresent() && page < start + count; page++) {
                        where.put(entry.frame(page), page);
                    }
                });
            }
        }
        return where;
    }

    @Override
    public CallResult execute(MachineCall call) {
        keys.operationBegins(Map.of());
        CallResult result = machine.request(new KernelControlId(), new KernelControlCommand.Execute(call));
        if (call instanceof MachineCall.CreateMemfd memfd) {
            memfds.add(memfd.name());
        }
        return result;
    }

    @Override
    public ModelView view() {
        return new MachineView(machine, keys, memfds);
    }

    /** The machine, once started. */
    Machine machine() {
        return machine;
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>(machine.counters());
        counters.put("khugepaged.pages_collapsed", machine.control().pagesCollapsed());
        return counters;
    }
}
