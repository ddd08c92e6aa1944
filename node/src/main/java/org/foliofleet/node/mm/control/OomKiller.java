package org.foliofleet.node.mm.control;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.MemcgId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory;
import org.foliofleet.protocol.message.KernelControlCommand.OutOfMemory.Verdict;
import org.foliofleet.protocol.message.KernelControlCommand.Reaped;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PressureCommand.HasRoom;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.ProcessCommand.OomBadness;
import org.foliofleet.protocol.message.ProcessCommand.OomKill;

/** {@code out_of_memory()}, mm/oom_kill.c: one process at a time is killed for its memory (R10.17). */
final class OomKiller {
    /** Times that others wait for a victim whose memory does not come, before another is chosen. */
    private static final int PATIENCE = 32;
    /** Lock: {@code oom_lock}. */
    private static final String OOM_LOCK = "oom_lock";

    /** Processes that were killed, and how often somebody waited for their memory; {@link #PATIENCE} once it has come. */
    private final TreeMap<Integer, Integer> victims = new TreeMap<>();

    static Verdict outOfMemory(KernelControl control, OutOfMemory request, Turn turn) {
        if (!turn.tryLock(OOM_LOCK, true)) {
            return Verdict.WAIT;
        }
        Verdict early = turn.step(() -> waitFor(control, request, turn));
        if (early != null) {
            return early;
        }
        List<ProcessId> living = turn.ask(new NamespaceId(), new NamespaceCommand.LivingProcesses());
        List<ProcessId> candidates = turn.step(() -> {
            List<ProcessId> left = new ArrayList<>(living);
            left.removeIf(process -> control.oom.victims.containsKey(process.number()));
            return List.copyOf(left);
        });
        List<Long> badness = turn.askAll(candidates, candidates.stream().map(process -> new OomBadness(request.cgroup())).toList());
        List<NumaNodeId> nodes = request.nodes().stream().map(NumaNodeId::new).toList();
        if (turn.askAll(nodes, nodes.stream().map(node -> new HasRoom()).toList()).contains(true)) {
            return Verdict.WAIT;   // somebody exited in the meantime
        }
        int worst = -1;
        for (int i = 0; i < candidates.size(); i++) {
            if (badness.get(i) != ProcessCommand.NOT_ELIGIBLE && (worst < 0 || badness.get(i) > badness.get(worst))) {
                worst = i;
            }
        }
        if (worst < 0) {
            return Verdict.FAIL;
        }
        ProcessId victim = candidates.get(worst);
        turn.run(() -> {
            turn.emit(new Killed(victim.number()));
            turn.send(victim, new OomKill());
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("oom_kill", -1, 1));
            if (request.cgroup() != Memcg.ALL) {
                turn.send(new MemcgId(request.cgroup()), new Memcg.OomKilled());
            }
        });
        return victim.number() == request.mm() ? Verdict.DIE : Verdict.WAIT;
    }

    /** Null if somebody must be killed. Within a step. */
    private static Verdict waitFor(KernelControl control, OutOfMemory request, Turn turn) {
        TreeMap<Integer, Integer> victims = control.oom.victims;
        if (victims.containsKey(request.mm())) {
            return Verdict.DIE;
        }
        for (var victim : victims.entrySet()) {
            if (victim.getValue() < PATIENCE) {
                turn.emit(new WaitedFor(victim.getKey(), victim.getValue() + 1));
                return Verdict.WAIT;
            }
        }
        return null;
    }

    static Void reaped(KernelControl control, Reaped reaped, Turn turn) {
        turn.emit(new WaitedFor(reaped.process().number(), PATIENCE));
        return null;
    }

    private record Killed(int process) implements Event {
        @Override
        public void applyTo(OomKiller killer) {
            killer.victims.put(process, 0);
        }
    }

    private record WaitedFor(int process, int times) implements Event {
        @Override
        public void applyTo(OomKiller killer) {
            killer.victims.put(process, times);
        }
    }

    /** What changes which processes have been killed. */
    interface Event {
        void applyTo(OomKiller killer);
    }
}
