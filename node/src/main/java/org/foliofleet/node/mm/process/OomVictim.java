package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.KernelControlCommand.Reaped;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.ProcessCommand.InheritOomScore;
import org.foliofleet.protocol.message.ProcessCommand.OomBadness;
import org.foliofleet.protocol.message.ProcessCommand.OomKill;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * A process that the OOM killer looks at or kills: {@code oom_badness()}, {@code __oom_kill_process()} and
 * {@code oom_reap_task_mm()}, mm/oom_kill.c (R10.17, R16.13). It stays, empty, until its program has noticed and exits.
 */
final class OomVictim {
    private OomVictim() {}

    /** Among those that can not be chosen is the child of a fork that is not over, which the kernel has not listed yet. */
    static Long badness(Process process, OomBadness request, Turn turn) {
        List<VmaId> vmas = turn.step(() -> process.killed || request.cgroup() != Memcg.ALL && process.task.cgroup() != request.cgroup() ? null
                : vmas(process));
        if (vmas == null) {
            return ProcessCommand.NOT_ELIGIBLE;
        }
        long sum = 0;
        for (long pages : turn.askAll(vmas, vmas.stream().map(vma -> new VmaCommand.CountMemory()).toList())) {
            sum = pages < 0 || sum < 0 ? -1 : sum + pages;
        }
        int adj = turn.step(() -> process.oomScoreAdj);
        if (sum <= 0 || adj == MemoryCall.OomScoreAdj.NEVER) {
            return ProcessCommand.NOT_ELIGIBLE;
        }
        return adj == 0 ? sum : sum + adj * allPages(turn) / 1000;
    }

    /** {@code constrained_alloc()}: RAM and swap of the machine, whoever is short of memory. */
    private static long allPages(Turn turn) {
        long pages = turn.ask(new SwapId(), new SwapCommand.Size());
        for (Topology.Node node : turn.context().topology().nodes()) {
            pages += node.frames();
        }
        return pages;
    }

    /** {@code oom_score_adj_write()}. */
    static CallResult adjust(Process process, MemoryCall.OomScoreAdj call, Turn turn) {
        if (call.value() < MemoryCall.OomScoreAdj.NEVER || call.value() > MemoryCall.OomScoreAdj.FIRST) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.run(() -> turn.emit(new OomScoreAdjusted(call.value())));
        return CallResult.OK;
    }

    static Void inherit(Process process, InheritOomScore request, Turn turn) {
        turn.emit(new OomScoreAdjusted(request.value()));
        return null;
    }

    private record OomScoreAdjusted(int value) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.oomScoreAdj = value;
        }
    }

    private static List<VmaId> vmas(Process process) {
        List<VmaId> vmas = new ArrayList<>();
        process.vmas.forEach(vma -> vmas.add(vma.id()));
        return List.copyOf(vmas);
    }

    /** The reaper needs {@code mmap_lock} for reading only; the rest goes when the process's own operations have ended. */
    static Void kill(Process process, OomKill kill, Turn turn) {
        boolean alive = turn.step(() -> {
            if (process.alive) {
                turn.emit(new WasKilled());
            } else {
                turn.send(new KernelControlId(), new Reaped((ProcessId) process.id()));
            }
            return process.alive;
        });
        if (!alive) {
            return null;
        }
        turn.lock(Process.STRUCTURE_LOCK, false);
        List<VmaId> vmas = turn.step(() -> vmas(process));
        turn.askAll(vmas, vmas.stream().map(vma -> new VmaCommand.Reap()).toList());
        turn.unlock(Process.STRUCTURE_LOCK);
        turn.run(() -> turn.send(new KernelControlId(), new Reaped((ProcessId) process.id())));
        turn.lock(Process.MMAP_LOCK, true);
        KsmMm.leave(process, turn);
        List<VmaInfo> all = turn.step(() -> {
            List<VmaInfo> left = new ArrayList<>();
            Holds.releaseAll(process, turn);
            process.vmas.forEach(0, Long.MAX_VALUE, left::add);
            return left;
        });
        Unmapping.remove(process, all, turn);
        return null;
    }

    /** TIF_MEMDIE. */
    private record WasKilled() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.killed = true;
        }
    }
}
