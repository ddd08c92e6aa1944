package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Look;
import org.foliofleet.protocol.message.Migration.Looked;
import org.foliofleet.protocol.message.Migration.MigrateCounted;
import org.foliofleet.protocol.message.Migration.Migrated;
import org.foliofleet.protocol.message.Migration.PutBack;
import org.foliofleet.protocol.message.Migration.Queue;
import org.foliofleet.protocol.message.Migration.Queued;
import org.foliofleet.protocol.message.Migration.Target;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.CallResult.PageStatus;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code migrate_pages()} and {@code move_pages()}, and the moving part of {@code mbind()} (R11.5). */
final class PageMigration {
    private PageMigration() {}

    /** Folios of the range that are, or are not, on the nodes; {@code mmap_lock} is held. */
    static Queued queue(Process process, PageRange range, List<Integer> nodes, boolean invert, boolean all, boolean move, Turn turn) {
        List<Group> groups = new ArrayList<>();
        long failed = 0;
        long large = -1;
        for (long page = range.start(); page < range.end();) {
            VmaInfo vma = MemoryPolicies.nextVma(process, page, turn);
            if (vma == null || vma.start() >= range.end()) {
                break;
            }
            PageRange part = PageRange.between(Math.max(page, vma.start()), Math.min(vma.end(), range.end()));
            if (isMigratable(vma) || !move) {
                Queued queued = turn.ask(vma.id(), new Queue(part, nodes, invert, all, move && isMigratable(vma), large));
                groups.addAll(queued.groups());
                failed += queued.failed();
                large = queued.large();
            }
            page = part.end();
        }
        return new Queued(groups, failed, large);
    }

    /** {@code vma_migratable()}. */
    private static boolean isMigratable(VmaInfo vma) {
        return !vma.has(VmaFlags.IO | VmaFlags.PFNMAP);
    }

    /** Moves isolated folios; answers how many stayed, as {@code migrate_pages()} counts them. */
    static long migrate(List<Group> groups, Target target, Turn turn) {
        Migrated all = Migrated.NOTHING;
        for (Group group : groups) {
            all = all.and(turn.ask(new NumaNodeId(Frame.node(group.frame())), new MigrateCounted(group, target)));
        }
        return all.result();
    }

    /** Isolated folios go back to their lists. */
    static void putBack(List<Group> groups, Turn turn) {
        for (Group group : groups) {
            turn.ask(new NumaNodeId(Frame.node(group.frame())), new PutBack(group));
        }
    }

    /** {@code do_migrate_pages()}: node by node, those first to which nothing else moves. */
    static CallResult migratePages(Process process, MemoryCall.MigratePages call, Turn turn) {
        int nodes = turn.context().topology().nodes().size();
        List<Integer> from = present(call.from(), nodes);
        List<Integer> to = present(call.to(), nodes);
        if (to.isEmpty()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        long left = 0;
        TreeSet<Integer> open = new TreeSet<>(from);
        while (!open.isEmpty()) {
            int source = -1;
            int destination = 0;
            for (int node : open) {
                if (from.size() != to.size() && to.contains(node)) {
                    continue;
                }
                int mapped = to.get(from.indexOf(node) % to.size());
                if (mapped == node) {
                    continue;
                }
                source = node;
                destination = mapped;
                if (!open.contains(destination)) {
                    break;
                }
            }
            if (source < 0) {
                break;
            }
            open.remove(source);
            turn.lock(Process.MMAP_LOCK, false);
            Queued queued = queue(process, new PageRange(0, Long.MAX_VALUE), List.of(source), false, true, true, turn);
            turn.unlock(Process.MMAP_LOCK);
            left += queued.failed() + migrate(queued.groups(), Target.node(destination), turn);
        }
        return new CallResult.Moved(left, List.of());
    }

    private static List<Integer> present(List<Integer> named, int nodes) {
        TreeSet<Integer> all = new TreeSet<>(named);
        all.removeIf(node -> node >= nodes);
        return new ArrayList<>(all);
    }

    // -- move_pages ----------------------------------------------------------------------------------------------

    /** {@code do_pages_move()}: queues pages until one is met that needs no move, and then moves what is queued. */
    static CallResult movePages(Process process, MemoryCall.MovePages call, Turn turn) {
        if (call.node() >= turn.context().topology().nodes().size()) {
            return new CallResult.Failed(Errno.ENODEV);
        }
        PageRange range = call.range();
        List<PageStatus> status = new ArrayList<>();
        List<Group> queue = new ArrayList<>();
        long queuedFrom = -1;
        for (long page = range.start(); page < range.end();) {
            Looked looked = look(process, PageRange.between(page, range.end()), call, turn);
            if (looked.group() != null) {
                queue.add(looked.group());
                queuedFrom = queuedFrom < 0 ? page : queuedFrom;
                page += looked.count();
                continue;
            }
            long failed = migrate(queue, Target.node(call.node()), turn);
            if (failed > 0) {
                status.add(new PageStatus(page, 1, looked.node(), looked.error()));
                addUnset(status, queuedFrom, page);
                addUnset(status, page + 1, range.end());
                return new CallResult.Moved(failed + range.end() - page - 1, sorted(status));
            }
            if (queuedFrom >= 0) {
                status.add(new PageStatus(queuedFrom, page - queuedFrom, call.node(), null));
                queue.clear();
                queuedFrom = -1;
            }
            status.add(new PageStatus(page, looked.count(), looked.node(), looked.error()));
            page += looked.count();
        }
        long failed = migrate(queue, Target.node(call.node()), turn);
        if (queuedFrom >= 0 && failed == 0) {
            status.add(new PageStatus(queuedFrom, range.end() - queuedFrom, call.node(), null));
        } else if (queuedFrom >= 0) {
            addUnset(status, queuedFrom, range.end());
        }
        return new CallResult.Moved(failed, sorted(status));
    }

    private static void addUnset(List<PageStatus> status, long from, long end) {
        if (from < end) {
            status.add(new PageStatus(from, end - from, -1, "unset"));
        }
    }

    private static List<PageStatus> sorted(List<PageStatus> status) {
        List<PageStatus> sorted = new ArrayList<>(status);
        sorted.sort((a, b) -> Long.compare(a.at(), b.at()));
        return List.copyOf(sorted);
    }

    private static Looked look(Process process, PageRange range, MemoryCall.MovePages call, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        VmaInfo vma = MemoryPolicies.nextVma(process, range.start(), turn);
        Looked looked;
        if (vma == null || vma.start() > range.start() || !isMigratable(vma)) {
            long end = vma == null ? range.end() : vma.start() > range.start() ? vma.start() : vma.end();
            looked = new Looked(Math.min(end, range.end()) - range.start(), null, -1, "EFAULT");
        } else {
            looked = turn.ask(vma.id(), new Look(PageRange.between(range.start(), Math.min(range.end(), vma.end())), call.node(), call.all()));
        }
        turn.unlock(Process.MMAP_LOCK);
        return looked;
    }
}
