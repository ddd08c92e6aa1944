package org.foliofleet.node.mm.process;

import java.util.Locale;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.MemoryCall.UffdEvent;
import org.foliofleet.protocol.program.MemoryCall.UffdMonitor;

/**
 * UFFD_FEATURE_EVENT_*: the monitor is told of changes of the memory that it watches, and who makes one waits until it has read
 * the event ({@code userfaultfd_event_wait_completion()}, fs/userfaultfd.c). Until then the memory cannot be filled or
 * protected: EAGAIN, {@code mmap_changing}.
 */
final class UserfaultEvents {
    private UserfaultEvents() {}

    /** Whether the process's monitor wants to know of such changes. Within a step. */
    static boolean isWanted(Process process, UffdEvent event) {
        return process.monitor != null && process.monitor.events().contains(event);
    }

    /** Whether it wants to know of a change of this VMA. Within a step. */
    static boolean isWanted(Process process, UffdEvent event, VmaInfo vma) {
        return vma != null && vma.has(VmaFlags.UFFD_ANY) && isWanted(process, event);
    }

    /** VMAs of a range of which the monitor wants to know. Within a step. */
    static int wanted(Process process, UffdEvent event, PageRange range) {
        int[] count = {0};
        if (isWanted(process, event)) {
            process.vmas.forEach(range.start(), range.end(), vma -> count[0] += vma.has(VmaFlags.UFFD_ANY) ? 1 : 0);
        }
        return count[0];
    }

    /** A change begins. Within a step. */
    static void begin(Turn turn) {
        turn.emit(new Changing(1));
    }

    /** A change that began did not come about. Within a step. */
    static void drop(Turn turn) {
        turn.emit(new Changing(-1));
    }

    /**
     * Waits until the monitor has read of the change. {@code mmap_lock} is given up, if it is held.
     *
     * @param held whether it is held, and shall be held again, shared, afterwards
     */
    static void await(Process process, UffdEvent event, boolean held, Turn turn) {
        if (held) {
            turn.unlock(Process.MMAP_LOCK);
        }
        UffdMonitor monitor = turn.step(() -> process.monitor);
        long since = turn.step(turn::tick);
        turn.lock(UserfaultMonitor.THREAD, true);
        turn.sleepUntil(turn.step(() -> turn.tick() + Math.max(1, monitor.nanos() / turn.context().settings().tickNanos())));
        turn.run(() -> {
            turn.charge((turn.tick() - since) * turn.context().settings().tickNanos());
            turn.emit(new Changing(-1));
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("uffd_" + event.name().toLowerCase(Locale.ROOT), -1, 1));
        });
        turn.unlock(UserfaultMonitor.THREAD);
        if (held) {
            turn.lock(Process.MMAP_LOCK, false);
        }
    }

    /**
     * {@code userfaultfd_remove()}: before pages of a VMA are dropped.
     *
     * @return the VMA at the page afterwards, or null
     */
    static VmaInfo removing(Process process, VmaInfo vma, long page, Advice advice, Turn turn) {
        boolean told = switch (advice) {
            case DONTNEED, DONTNEED_LOCKED, FREE -> !DontNeed.isRefused(vma, advice);
            case REMOVE -> !vma.has(VmaFlags.LOCKED) && vma.file() != null && vma.has(VmaFlags.SHARED);
            default -> false;
        };
        if (!told || turn.step(() -> !isWanted(process, UffdEvent.REMOVE))) {
            return vma;
        }
        turn.run(() -> begin(turn));
        await(process, UffdEvent.REMOVE, true, turn);
        return turn.step(() -> process.vmas.find(page));
    }

    static Void inherit(Process process, Userfault.Inherit request, Turn turn) {
        turn.emit(new Watched(request.monitor()));
        return null;
    }

    private record Changing(int more) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.changes += more;
        }
    }

    /** A child of fork is watched from its beginning. */
    private record Watched(UffdMonitor monitor) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.userfaultfd = true;
            process.monitor = monitor;
        }
    }
}
