package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand.Begin;
import org.foliofleet.protocol.message.ProcessCommand.Execute;
import org.foliofleet.protocol.message.ProcessCommand.ForkedVma;
import org.foliofleet.protocol.message.ProcessCommand.InheritOomScore;
import org.foliofleet.protocol.message.ProcessCommand.SetThpControl;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.UffdEvent;

/** {@code dup_mmap()}, kernel/fork.c (R3.1 to R3.3), and {@code exit_mmap()}. */
final class ProcessLife {
    private ProcessLife() {}

    static Void begin(Process process, Begin begin, Turn turn) {
        turn.emit(new ProcessEvents.Began(begin.task()));
        if (begin.parent() != null) {
            IntervalTree.share(process, true, turn);
        }
        if (turn.context().settings().balancing().run() && turn.context().topology().nodes().size() > 1) {
            turn.send(process.id(), new Migration.BalancePeriodically(0));
        }
        return null;
    }

    static Void setThpControl(Process process, SetThpControl set, Turn turn) {
        turn.emit(new ProcessEvents.TaskChanged(process.task.withThp(set.thp())));
        return null;
    }

    static Void forkedVma(Process process, ForkedVma forked, Turn turn) {
        turn.emit(new ProcessEvents.VmaAdded(forked.info()));
        return null;
    }

    static CallResult fork(Process process, MemoryCall.Fork fork, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        ProcessId child = turn.ask(new NamespaceId(), new NamespaceCommand.AllocateProcess(fork.child()));
        if (child == null) {
            return new CallResult.Failed(Errno.ENOMEM);
        }
        turn.ask(child, new Begin((ProcessId) process.id(), turn.step(() -> process.task)));
        turn.run(() -> turn.charge(turn.context().costs().forkBase()));
        List<VmaInfo> parents = turn.step(() -> {
            IntervalTree.share(process, false, turn);
            return copied(process);
        });
        boolean watched = turn.step(() -> parents.stream().anyMatch(vma -> UserfaultEvents.isWanted(process, UffdEvent.FORK, vma)));
        List<VmaInfo> children = childVmas(parents, child, watched, turn);
        turn.run(() -> {
            for (VmaInfo info : children) {
                turn.send(child, new ForkedVma(info));
                if (info.file() != null) {
                    FileMappings.attach(child.number(), info.file(), turn);
                }
            }
            if (watched) {
                UserfaultEvents.begin(turn);
                turn.send(child, new Userfault.Inherit(process.monitor));
            }
            if (process.relocates) {
                turn.send(child, new Relocate.Inherit());
            }
            if (process.oomScoreAdj != 0) {
                turn.send(child, new InheritOomScore(process.oomScoreAdj));
            }
            if (process.khugepaged) {
                turn.send(child, new Collapse.Enter());
            }
            if (process.ksm) {
                turn.send(child, new Ksm.Enlist());
            }
        });
        boolean pinned = turn.step(() -> process.hasPinned);
        TaskContext task = turn.step(() -> process.task);
        List<OwnerId> to = new ArrayList<>();
        List<Command<Boolean>> requests = new ArrayList<>();
        for (int i = 0; i < parents.size(); i++) {
            to.add(parents.get(i).id());
            requests.add(new VmaCommand.Duplicate(children.get(i), pinned, task));
        }
        if (turn.askAll(to, requests).contains(false)) {
            turn.ask(child, new Execute(new MemoryCall.Exit()));
            if (watched) {
                turn.run(() -> UserfaultEvents.drop(turn));
            }
            return new CallResult.Failed(Errno.ENOMEM);
        }
        if (watched) {
            turn.unlock(Process.MMAP_LOCK);
            UserfaultEvents.await(process, UffdEvent.FORK, false, turn);
        }
        return CallResult.OK;
    }

    private static List<VmaInfo> copied(Process process) {
        List<VmaInfo> copied = new ArrayList<>();
        process.vmas.forEach(0, Long.MAX_VALUE, info -> {
            if (!info.has(VmaFlags.DONTCOPY)) {
                copied.add(info);
            }
        });
        return copied;
    }

    /** The child's VMAs: not locked, registered only if the monitor knows of it, each with an anon_vma of its own where the parent's has one ({@code anon_vma_fork()}). */
    private static List<VmaInfo> childVmas(List<VmaInfo> parents, ProcessId child, boolean watched, Turn turn) {
        List<OwnerId> roots = new ArrayList<>();
        List<Command<AnonVma>> requests = new ArrayList<>();
        for (VmaInfo parent : parents) {
            if (inheritsAnonVma(parent)) {
                roots.add(parent.anonVma().root());
                requests.add(new AnonVmaRootCommand.Fork(parent.anonVma(), child));
            }
        }
        List<AnonVma> forked = turn.askAll(roots, requests);
        List<VmaInfo> children = new ArrayList<>();
        int next = 0;
        for (VmaInfo parent : parents) {
            AnonVma anonVma = inheritsAnonVma(parent) ? forked.get(next++) : null;
            VmaId id = new VmaId(child.number(), children.size() + 1);
            children.add(parent.withRange(id, parent.start(), parent.end())
                    .withFlags(parent.flags() & ~(VmaFlags.LOCKED_MASK | (watched ? 0 : VmaFlags.UFFD_ANY))).withAnonVma(anonVma));
        }
        return children;
    }

    private static boolean inheritsAnonVma(VmaInfo parent) {
        return parent.anonVma() != null && !parent.has(VmaFlags.WIPEONFORK);
    }

    /** {@code exec_mmap()}: the process goes on with an empty address space. */
    static CallResult exec(Process process, Turn turn) {
        KhugepagedMm.leave(process, turn);
        turn.lock(Process.MMAP_LOCK, true);
        KsmMm.leave(process, turn);
        List<VmaInfo> all = turn.step(() -> VmaEditing.inside(process, new PageRange(0, Long.MAX_VALUE)));
        Unmapping.remove(process, all, turn);
        turn.run(() -> turn.emit(new ProcessEvents.Executed()));
        return CallResult.OK;
    }

    static CallResult exit(Process process, Turn turn) {
        KhugepagedMm.leave(process, turn);
        turn.lock(Process.MMAP_LOCK, true);
        KsmMm.leave(process, turn);
        List<VmaInfo> all = turn.step(() -> {
            List<VmaInfo> vmas = new ArrayList<>();
            Holds.releaseAll(process, turn);
            process.vmas.forEach(0, Long.MAX_VALUE, vmas::add);
            return vmas;
        });
        Unmapping.remove(process, all, turn);
        turn.run(() -> {
            turn.emit(new ProcessEvents.Exited());
            turn.send(new NamespaceId(), new NamespaceCommand.ProcessEnded((ProcessId) process.id(), process.vmaPeak));
        });
        return CallResult.OK;
    }
}
