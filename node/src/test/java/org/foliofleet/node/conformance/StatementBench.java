package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** A machine of one node to which tests speak in the language of scenarios. */
public final class StatementBench {
    private final MachineModel model;
    private final StatementParser parser;
    private Map<String, Long> countersBefore;
    private int operations;

    /** A machine with a swap device and the settings every scenario starts from. */
    public StatementBench() {
        this(Map.of());
    }

    /** @param memfds name to size in pages */
    public StatementBench(Map<String, Long> memfds) {
        this(memfds, 1 << 20);
    }

    /** @param frames memory of the machine, in pages */
    public StatementBench(Map<String, Long> memfds, long frames) {
        this(memfds, frames, List.of());
    }

    private StatementBench(Map<String, Long> memfds, long frames, List<RecordingHeader.NumaNode> nodes) {
        this(new MachineModel(frames), memfds, nodes);
    }

    private StatementBench(MachineModel machine, Map<String, Long> memfds, List<RecordingHeader.NumaNode> nodes) {
        model = machine;
        parser = new StatementParser(memfds.keySet());
        model.start(new RecordingHeader("test", "", "", List.of("swap"), Map.of(), memfds, nodes, OptionalInt.empty(), Set.of(), Set.of()));
        countersBefore = model.counters();
    }

    /** A machine of several nodes in a ring, a CPU each: neighbours 20, others 30; with {@code slow}, one more node without CPU in a slower tier. */
    public static StatementBench ofNodes(int count, boolean slow, Map<String, Long> memfds) {
        List<RecordingHeader.NumaNode> nodes = new ArrayList<>();
        int all = slow ? count + 1 : count;
        for (int i = 0; i < all; i++) {
            List<Integer> distance = new ArrayList<>();
            for (int j = 0; j < all; j++) {
                int apart = Math.min(Math.floorMod(i - j, count), Math.floorMod(j - i, count));
                distance.add(i == j ? 10 : i == count || j == count ? 40 : apart == 1 ? 20 : 30);
            }
            nodes.add(new RecordingHeader.NumaNode(i, i == count ? "" : Integer.toString(i), distance, i == count ? 1 : 0));
        }
        return new StatementBench(memfds, (long) all << 16, nodes);
    }

    /** @param pages room on the swap device, 0 for no swap at all */
    public static StatementBench withSwap(long pages) {
        return new StatementBench(new MachineModel(1 << 20, pages), Map.of(), List.of());
    }

    /** Submits a statement; it begins in the machine's next tick. The number of its answer. */
    public long submit(String statement) {
        Statement parsed = parser.parse(statement, ++operations, "test:" + operations);
        return parsed instanceof Statement.OfProcess call
                ? machine().submit(machine().namespace().process(call.process()), new ProcessCommand.Execute(call.call()))
                : machine().submit(new KernelControlId(), new KernelControlCommand.Execute(((Statement.OfMachine) parsed).call()));
    }

    /** How a submitted statement ended, in the words of recordings; null if it goes on. Others by their own words. */
    public String outcome(long number) {
        Object answer = machine().takeAnswer(number);
        return answer instanceof CallResult result ? Outcome.of(result).result() : answer == null ? null : answer.toString();
    }

    /** The node that holds a page index of a process. */
    public int node(String process, long index) {
        return org.foliofleet.protocol.id.Frame.node(entry(process, index).frame(Arena.toPage(index)));
    }

    /**
     * Executes statements one after the other.
     *
     * @return how the last one ended, in the words of recordings
     */
    public String run(String... statements) {
        String result = "ok";
        for (String statement : statements) {
            Statement parsed = parser.parse(statement, ++operations, "test:" + operations);
            CallResult answer = parsed instanceof Statement.OfProcess call ? model.execute(call.process(), call.call())
                    : model.execute(((Statement.OfMachine) parsed).call());
            if (answer instanceof CallResult.Unsupported unsupported) {
                throw new AssertionError("'" + statement + "' needs what is not modelled: " + unsupported.what());
            }
            result = Outcome.of(answer).result();
        }
        return result;
    }

    /** What a {@code migrate-pages} or {@code move-pages} reports: pages or folios that stayed. */
    public long left(String statement) {
        Statement.OfProcess call = (Statement.OfProcess) parser.parse(statement, ++operations, "test:" + operations);
        return ((CallResult.Moved) model.execute(call.process(), call.call())).left();
    }

    /** A call that scenarios can not make; how it ended, in the words of recordings. */
    public String call(String process, MemoryCall call) {
        return Outcome.of(model.execute(process, call)).result();
    }

    /** The same for the machine as a whole. */
    public String call(MachineCall call) {
        return Outcome.of(model.execute(call)).result();
    }

    /** The virtual page of a page index. */
    public static long page(long index) {
        return Arena.toPage(index);
    }

    /** Changes of counters since the last time, by the names of recordings; only those asked for, and not 0. */
    public Map<String, Long> changes(String... prefixes) {
        Map<String, Long> now = model.counters();
        Map<String, Long> changes = new TreeMap<>();
        now.forEach((name, value) -> {
            long change = value - countersBefore.getOrDefault(name, 0L);
            if (change != 0 && List.of(prefixes).stream().anyMatch(name::startsWith)) {
                changes.put(name, change);
            }
        });
        countersBefore = now;
        return changes;
    }

    /** What a page index of a process is mapped to; null if it is not populated. */
    public ModelView.PageRun page(String process, long index) {
        long page = Arena.toPage(index);
        for (ModelView.Process each : model.view().processes()) {
            for (ModelView.Vma vma : each.vmas()) {
                for (ModelView.PageRun run : vma.runs()) {
                    if (each.name().equals(process) && run.range().contains(page)) {
                        return run;
                    }
                }
            }
        }
        return null;
    }

    /** Whether a page index of a process is mapped by a PMD. */
    public boolean isHuge(String process, long index) {
        ModelView.PageRun run = page(process, index);
        return run != null && run.pmd();
    }

    /** The smaps fields of the VMA that holds a page index of a process, in kB; those that are 0 are left out. */
    public Map<String, Long> smaps(String process, long index) {
        for (ModelView.Process each : model.view().processes()) {
            for (ModelView.Vma vma : each.vmas()) {
                if (each.name().equals(process) && vma.range().contains(Arena.toPage(index))) {
                    return SmapsView.of(model.view(), vma);
                }
            }
        }
        return Map.of();
    }

    /** The machine, for what scenarios can not say. */
    public Machine machine() {
        return model.machine();
    }

    /** Flags of the folio that a page index of a process is mapped to. */
    public Set<String> flags(String process, long index) {
        return model.view().folio(page(process, index).folioKey()).orElseThrow().flags();
    }

    /** Changes a setting that scenarios do not know, as the model's machines take it. */
    public void set(String key, String value) {
        machine().settings(machine().settings().with(key, value));
    }

    /** The entry of a page index, or null. */
    public Pte entry(String process, long index) {
        Process owner = (Process) machine().owner(machine().namespace().process(process));
        VmaInfo info = owner.vmas().find(Arena.toPage(index));
        return ((Vma) machine().owner(info.id())).pages().get(Arena.toPage(index));
    }

    /** Gives the VMA that holds the page index other flags, and its page tables these entries besides. */
    public void change(String process, long index, long addedFlags, PageRuns entries) {
        Process owner = (Process) machine().owner(machine().namespace().process(process));
        VmaInfo info = owner.vmas().find(Arena.toPage(index));
        VmaInfo changed = info.withFlags(info.flags() | addedFlags);
        owner.vmas().remove(info);
        owner.vmas().put(changed);
        machine().request(info.id(), new VmaCommand.SetVma(changed, entries));
    }

    /** The frame that maps a page of the arena, as the page table says. */
    public long frame(String process, long index) {
        long page = Arena.BASE + index;
        org.foliofleet.node.mm.process.Process owner =
                (org.foliofleet.node.mm.process.Process) machine().owner(machine().namespace().process(process));
        org.foliofleet.node.mm.vma.Vma vma = (org.foliofleet.node.mm.vma.Vma) machine().owner(owner.vmas().find(page).id());
        return vma.pages().get(page).frame(page);
    }
}
