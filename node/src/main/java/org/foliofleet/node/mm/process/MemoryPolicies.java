package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.mempolicy.Mempolicies;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Queued;
import org.foliofleet.protocol.message.Migration.Target;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code sched_setaffinity()}, {@code set_mempolicy()}, {@code mbind()} and {@code set_mempolicy_home_node()} (R11.2, R11.5). */
final class MemoryPolicies {
    private MemoryPolicies() {}

    static CallResult cpu(Process process, MemoryCall.Cpu call, Turn turn) {
        if (call.node() >= turn.context().topology().nodes().size() || turn.context().topology().nodes().get(call.node()).cpus() == 0) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        return change(process, task -> task.withCpuNode(call.node()), turn);
    }

    static CallResult setMempolicy(Process process, MemoryCall.SetMempolicy call, Turn turn) {
        Mempolicies.Made made = Mempolicies.make(call.policy(), turn.context().topology());
        return made.valid() ? change(process, task -> task.withPolicy(made.policy()), turn) : new CallResult.Failed(Errno.EINVAL);
    }

    private static CallResult change(Process process, Function<TaskContext, TaskContext> change, Turn turn) {
        turn.run(() -> turn.emit(new ProcessEvents.TaskChanged(change.apply(process.task))));
        return CallResult.OK;
    }

    /** The policy of each VMA in the range becomes this one; replies null, or why not ({@code mbind_range()}). */
    static Errno bind(Process process, PageRange range, Mempolicy policy, int homeNode, Turn turn) {
        for (long page = range.start(); page < range.end();) {
            VmaInfo vma = nextVma(process, page, turn);
            if (vma == null || vma.start() >= range.end()) {
                return null;
            }
            VmaInfo changed = bind(process, vma, range, policy, homeNode, turn);
            if (changed == null) {
                return Errno.ENOMEM;
            }
            Errno refused = refused(process, vma, range, turn);
            if (refused != null) {
                return refused;
            }
            page = Math.max(changed.end(), Math.min(vma.end(), range.end()));
        }
        return null;
    }

    private static Errno refused(Process process, VmaInfo vma, PageRange range, Turn turn) {
        PageRange part = PageRange.between(Math.max(vma.start(), range.start()), Math.min(vma.end(), range.end()));
        return BoundaryFolios.afterChange(process, vma, part, VmaSplitTrigger.MBIND, turn);
    }

    private static VmaInfo bind(Process process, VmaInfo vma, PageRange range, Mempolicy policy, int homeNode, Turn turn) {
        PageRange part = PageRange.between(Math.max(vma.start(), range.start()), Math.min(vma.end(), range.end()));
        if (Objects.equals(vma.policy(), policy) && vma.homeNode() == homeNode) {
            return vma;
        }
        VmaInfo changed = VmaEditing.modify(process, vma, part, vma.withPolicy(policy, homeNode), turn);
        if (changed != null && vma.file() != null) {
            PageRange pages = new PageRange(vma.pageOffsetOf(part.start()), part.count());
            turn.ask(vma.file(), new AddressSpaceCommand.SetPolicy(pages, policy));
        }
        return changed;
    }

    /** The VMA that holds the page, or the first after it; null if there is none. */
    static VmaInfo nextVma(Process process, long page, Turn turn) {
        return turn.step(() -> process.vmas.findOrNext(page));
    }

    static CallResult setHomeNode(Process process, MemoryCall.SetHomeNode call, Turn turn) {
        if (call.node() >= turn.context().topology().nodes().size()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.lock(Process.MMAP_LOCK, true);
        PageRange range = call.range();
        CallResult result = range.isEmpty() ? CallResult.OK : new CallResult.Failed(Errno.ENOENT);
        for (long page = range.start(); page < range.end();) {
            VmaInfo vma = nextVma(process, page, turn);
            if (vma == null || vma.start() >= range.end()) {
                break;
            }
            page = Math.min(vma.end(), range.end());
            if (vma.policy() == null) {
                continue;
            }
            if (vma.policy().mode() != Mempolicy.Mode.BIND && vma.policy().mode() != Mempolicy.Mode.PREFERRED_MANY) {
                return new CallResult.Failed(Errno.EOPNOTSUPP);
            }
            VmaInfo changed = bind(process, vma, range, vma.policy(), call.node(), turn);
            if (changed == null) {
                return new CallResult.Failed(Errno.ENOMEM);
            }
            Errno refused = refused(process, vma, range, turn);
            if (refused != null) {
                return new CallResult.Failed(refused);
            }
            page = Math.max(page, changed.end());
            result = CallResult.OK;
        }
        return result;
    }

    static CallResult mbind(Process process, MemoryCall.Mbind call, Turn turn) {
        Mempolicies.Made made = Mempolicies.make(call.policy(), turn.context().topology());
        if (!made.valid()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        PageRange range = call.range();
        if (range.isEmpty()) {
            return CallResult.OK;
        }
        turn.lock(Process.MMAP_LOCK, true);
        boolean mayHaveHoles = call.policy().mode().equals("default");
        if (mayHaveHoles ? isHole(process, range, turn) : hasHole(process, range, turn)) {
            return new CallResult.Failed(Errno.EFAULT);
        }
        boolean strict = call.flags().contains("strict") && !call.policy().mode().equals("default");
        boolean all = call.flags().contains("moveall");
        boolean move = all || call.flags().contains("move");
        Queued queued = new Queued(List.of(), 0, -1);
        if (move || strict) {
            queued = PageMigration.queue(process, range, named(call, turn), true, all, move, turn);
            if (strict && !move && queued.failed() > 0) {
                return new CallResult.Failed(Errno.EIO);
            }
        }
        Errno error = bind(process, range, made.policy(), -1, turn);
        if (error != null) {
            PageMigration.putBack(queued.groups(), turn);
            return new CallResult.Failed(error);
        }
        turn.unlock(Process.MMAP_LOCK);
        long failed = queued.failed();
        if (!queued.groups().isEmpty()) {
            TaskContext task = turn.step(() -> process.task);
            Mempolicy policy = made.policy() != null ? made.policy() : task.policy();
            long base = policy != null && policy.isInterleaved() ? interleaveBase(process, range, queued.groups(), turn) : 0;
            failed += PageMigration.migrate(queued.groups(), Target.policy(policy, base, task.cpuNode()), turn);
        }
        return strict && failed > 0 ? new CallResult.Failed(Errno.EIO) : CallResult.OK;
    }

    /** The node mask as it was given: a preferred node is the only one where pages are in place. */
    private static List<Integer> named(MemoryCall.Mbind call, Turn turn) {
        List<Integer> nodes = new ArrayList<>(call.policy().nodes());
        nodes.removeIf(node -> node >= turn.context().topology().nodes().size());
        return nodes;
    }

    /** So that the first folio goes where a fault at its address would have put it. */
    private static long interleaveBase(Process process, PageRange range, List<Group> groups, Turn turn) {
        Group first = groups.get(0);
        return turn.step(() -> {
            long[] base = {0};
            process.vmas.forEach(range.start(), range.end(), vma -> {
                long offset = first.index() - vma.pageOffset();
                if (offset >= 0 && offset < vma.pages()) {
                    base[0] = (vma.pageOffset() >> first.order()) + (offset >> first.order()) - (first.index() >> first.order());
                }
            });
            return base[0];
        });
    }

    /** {@code task_numa_work()}: one pass over all VMAs whose policy lets faults move pages (R11.6). */
    static CallResult numaScan(Process process, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        TaskContext task = turn.step(() -> process.task);
        for (long page = 0;;) {
            VmaInfo vma = nextVma(process, page, turn);
            if (vma == null) {
                return CallResult.OK;
            }
            if (isScanned(vma) && movesOnFaults(vma, task, turn)) {
                turn.ask(vma.id(), new Migration.MarkHints(vma.has(VmaFlags.SHARED) ? -1 : task.cpuNode()));
            }
            page = vma.end();
        }
    }

    /** {@code task_numa_work()} (R11.6): every period a portion, VMA by VMA, while the process lives. */
    static Void balance(Process process, Migration.BalancePeriodically from, Turn turn) {
        turn.sleepUntil(turn.step(() -> turn.tick()
                + Math.max(1, turn.context().settings().balancing().periodMillis() * 1_000_000L / turn.context().settings().tickNanos())));
        if (turn.step(() -> !process.alive || !turn.context().settings().balancing().run())) {
            return null;
        }
        turn.lock(Process.MMAP_LOCK, false);
        TaskContext task = turn.step(() -> process.task);
        long left = turn.step(() -> turn.context().settings().balancing().sizePages());
        long page = from.from();
        while (left > 0) {
            VmaInfo vma = nextVma(process, page, turn);
            if (vma == null) {
                page = 0;
                break;
            }
            if (isScanned(vma) && movesOnFaults(vma, task, turn)) {
                turn.ask(vma.id(), new Migration.MarkHints(vma.has(VmaFlags.SHARED) ? -1 : task.cpuNode()));
                left -= vma.pages();
            }
            page = vma.end();
        }
        turn.unlock(Process.MMAP_LOCK);
        return turn.continueAs(new Migration.BalancePeriodically(page));
    }

    /** Inaccessible memory, files mapped for reading, and what drivers map stay as they are. */
    private static boolean isScanned(VmaInfo vma) {
        boolean onlyRead = vma.has(VmaFlags.READ) && !vma.has(VmaFlags.WRITE);
        return vma.has(VmaFlags.ACCESS) && !vma.has(VmaFlags.IO | VmaFlags.PFNMAP | VmaFlags.MIXEDMAP) && (vma.isAnonymous() || !onlyRead);
    }

    /** {@code vma_policy_mof()}: of files, the policy of the first page decides, whoever set it. */
    private static boolean movesOnFaults(VmaInfo vma, TaskContext task, Turn turn) {
        if (!vma.isAnonymous()) {
            Mempolicy shared = turn.ask(vma.file(), new AddressSpaceCommand.PolicyOf(vma.pageOffset()));
            return shared != null && shared.balancing();
        }
        Mempolicy policy = vma.policy() != null ? vma.policy() : task.policy();
        return policy == null || policy.balancing();
    }

    /** Nothing at all is mapped in the range. */
    private static boolean isHole(Process process, PageRange range, Turn turn) {
        VmaInfo first = nextVma(process, range.start(), turn);
        return first == null || first.start() >= range.end();
    }

    private static boolean hasHole(Process process, PageRange range, Turn turn) {
        return turn.step(() -> {
            for (long page = range.start(); page < range.end();) {
                VmaInfo vma = process.vmas.find(page);
                if (vma == null) {
                    return true;
                }
                page = vma.end();
            }
            return false;
        });
    }
}
