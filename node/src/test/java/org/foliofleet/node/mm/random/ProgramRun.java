package org.foliofleet.node.mm.random;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** A random program on its machine, with the invariants checked as it runs. */
final class ProgramRun {
    /** Longer runs are looked at now and then. */
    private static final int EVERY_TICK = 300;

    private final RandomProgram program;
    private Machine machine;
    private boolean checking = true;
    private boolean restoring;
    private boolean comparing;
    /** How often each kind of call ended in each way. */
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int ticks;
    private int lastTick = Integer.MAX_VALUE;
    private Submissions submissions = (tick, to, command) -> { };

    /** Is told what is asked of the machine, and after which tick. */
    @FunctionalInterface
    interface Submissions {
        void submitted(long tick, OwnerId to, Command<?> command);
    }

    ProgramRun(RandomProgram program) {
        this.program = program;
        machine = new Machine(program.topology(), program.settings(), program.swapPages());
        ProcessId p0 = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p0"));
        if (program.isInCgroup()) {
            machine.request(new KernelControlId(), new KernelControlCommand.Execute(new MachineCall.CreateCgroup("g", program.cgroupPages())));
        }
        machine.request(p0, new ProcessCommand.Begin(null, TaskContext.onNode(0).withCgroup(program.isInCgroup() ? 1 : 0)));
        for (String file : RandomProgram.files()) {
            machine.request(new NamespaceId(), new NamespaceCommand.CreateFile(file, true, RandomProgram.FILE_PAGES));
        }
        for (DeviceKind kind : DeviceKind.values()) {
            machine.request(new KernelControlId(), new KernelControlCommand.Execute(
                    new MachineCall.CreateDevice(kind.word(), RandomProgram.DEVICE_PAGES, kind, kind.ordinal() % 3, 0)));
        }
    }

    /** Leaves the invariants out. */
    ProgramRun unchecked() {
        checking = false;
        return this;
    }

    /** Replaces the machine after every tick by what its snapshot restores. */
    ProgramRun restoring() {
        restoring = true;
        return this;
    }

    /** Tells what it asks of the machine. */
    ProgramRun telling(Submissions who) {
        submissions = who;
        return this;
    }

    /** Compares what pages hold with a shadow memory after every step. */
    ProgramRun comparing() {
        comparing = true;
        return this;
    }

    /** Ends in the middle, after that many ticks. */
    ProgramRun stoppingAt(int tick) {
        lastTick = tick;
        return this;
    }

    Machine machine() {
        return machine;
    }

    Map<String, Integer> outcomes() {
        return outcomes;
    }

    private ProcessId process(String name) {
        ProcessId id = machine.namespace().process(name);
        return id != null && machine.owner(id) instanceof Process process && process.isAlive() ? id : null;
    }

    private void note(MemoryCall call, Object result) {
        String kind = call instanceof MemoryCall.Madvise madvise ? "Madvise " + madvise.advice() : call.getClass().getSimpleName();
        String outcome = result instanceof CallResult.Unsupported ? "unsupported" : result instanceof CallResult.Signal ? "signal" : String.valueOf(result);
        outcomes.merge(kind + ": " + outcome, 1, Integer::sum);
    }

    /** ksmd scans twice, so that it merges, whenever a process says that memory may be merged. */
    private static boolean letsScan(MemoryCall call) {
        return call instanceof MemoryCall.Madvise advise && advise.advice() == Advice.MERGEABLE;
    }

    private static final KernelControlCommand.Execute SCAN = new KernelControlCommand.Execute(new MachineCall.KsmScan(2));

    private void tick() {
        machine.step();
        ticks++;
        if (checking && (ticks < EVERY_TICK || ticks % 7 == 0)) {
            Invariants.always(machine);
        }
        if (restoring) {
            machine = Machine.restore(machine.snapshot());
        }
    }

    /** Step after step, each until nothing is under way. */
    ProgramRun sequentially() {
        ShadowMemory shadow = new ShadowMemory(machine);
        for (RandomProgram.Step step : program.steps()) {
            ProcessId id = process(step.process());
            if (id == null) {
                continue;
            }
            long swapped = checking && mayNotSwapLocked(step.call()) ? swappedInLockedVmas() : Long.MAX_VALUE;
            long number = machine.submit(id, new ProcessCommand.Execute(step.call()));
            Object[] answer = {null};
            while (!machine.isQuiet()) {
                tick();
                machine.drainAnswers((its, value, cost) -> answer[0] = its == number ? value : answer[0]);
            }
            note(step.call(), answer[0]);
            if (letsScan(step.call())) {
                machine.submit(new KernelControlId(), SCAN);
                while (!machine.isQuiet()) {
                    tick();
                    machine.drainAnswers((its, value, cost) -> { });
                }
            }
            if (checking) {
                Invariants.quiet(machine);
            }
            if (swapped < Long.MAX_VALUE && swappedInLockedVmas() > swapped) {
                throw new AssertionError("pages of a locked VMA went to swap: " + step);
            }
            if (answer[0] == null) {
                throw new IllegalStateException("unanswered: " + step);
            }
            if (comparing) {
                shadow.called(step.process(), step.call(), answer[0]);
                shadow.compare(step + ": " + answer[0]);
            }
        }
        return this;
    }

    /** Calls that neither lock nor move what is in swap already. */
    private static boolean mayNotSwapLocked(MemoryCall call) {
        return !(call instanceof MemoryCall.Mlock || call instanceof MemoryCall.Mremap);
    }

    /** Appendix B, 12. */
    private long swappedInLockedVmas() {
        long[] pages = {0};
        machine.owners().forEach(owner -> {
            if (owner instanceof Vma vma && vma.info() != null && vma.info().has(VmaFlags.LOCKED)) {
                vma.pages().forEach((start, count, entry) -> pages[0] += entry.state() == Pte.State.SWAP ? count : 0);
            }
        });
        return pages[0];
    }

    /** All processes at once, each one call after the other. */
    ProgramRun concurrently() {
        Map<String, List<MemoryCall>> left = new LinkedHashMap<>();
        for (RandomProgram.Step step : program.steps()) {
            left.computeIfAbsent(step.process(), p -> new ArrayList<>()).add(step.call());
        }
        Map<Long, String> busy = new TreeMap<>();
        Map<Long, MemoryCall> calls = new TreeMap<>();
        while (true) {
            for (Iterator<Map.Entry<String, List<MemoryCall>>> all = left.entrySet().iterator(); all.hasNext();) {
                Map.Entry<String, List<MemoryCall>> next = all.next();
                ProcessId id = busy.containsValue(next.getKey()) ? null : process(next.getKey());
                if (id != null && !isBeingForked(next.getKey(), calls)) {
                    MemoryCall call = next.getValue().remove(0);
                    submissions.submitted(machine.tick(), id, new ProcessCommand.Execute(call));
                    long number = machine.submit(id, new ProcessCommand.Execute(call));
                    busy.put(number, next.getKey());
                    calls.put(number, call);
                    if (letsScan(call)) {
                        submissions.submitted(machine.tick(), new KernelControlId(), SCAN);
                        machine.submit(new KernelControlId(), SCAN);
                    }
                    if (next.getValue().isEmpty()) {
                        all.remove();
                    }
                }
            }
            if (machine.isQuiet()) {
                break;
            }
            tick();
            if (ticks == lastTick) {
                return this;
            }
            machine.drainAnswers((number, answer, cost) -> {
                if (busy.remove(number) != null) {
                    note(calls.remove(number), answer);
                }
            });
        }
        if (!busy.isEmpty()) {
            throw new IllegalStateException("unanswered: " + calls);
        }
        if (checking) {
            Invariants.quiet(machine);
        }
        return this;
    }

    private static boolean isBeingForked(String name, Map<Long, MemoryCall> calls) {
        return calls.values().stream().anyMatch(call -> call instanceof MemoryCall.Fork fork && fork.child().equals(name));
    }

    int ticks() {
        return ticks;
    }
}
