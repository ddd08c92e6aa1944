package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * {@code handle_userfault()} with somebody who reads the events, fs/userfaultfd.c (R13.2 to R13.4): the thread that faults
 * gives {@code mmap_lock} up and waits. The monitor is one thread, which takes the events in the order in which they come.
 */
final class UserfaultMonitor {
    /** Lock: the monitor's thread is busy with an event. */
    static final String THREAD = "uffd_monitor";

    private UserfaultMonitor() {}

    static CallResult set(Process process, MemoryCall.UffdMonitor call, Turn turn) {
        turn.run(() -> turn.emit(new Attached(call)));
        return CallResult.OK;
    }

    /**
     * Waits until the monitor has resolved the fault. {@code mmap_lock} is held, and held again afterwards.
     *
     * @return whether the fault is to be tried again; otherwise it raises SIGBUS
     */
    static boolean resolve(Process process, long page, FaultError kind, Turn turn) {
        MemoryCall.UffdMonitor monitor = turn.step(() -> process.monitor);
        if (monitor == null) {
            return false;
        }
        turn.unlock(Process.MMAP_LOCK);
        long since = turn.step(turn::tick);
        turn.lock(THREAD, true);
        turn.sleepUntil(turn.step(() -> turn.tick() + Math.max(1, monitor.nanos() / turn.context().settings().tickNanos())));
        turn.run(() -> turn.charge((turn.tick() - since) * turn.context().settings().tickNanos()));
        CallResult result = answer(process, page, kind, monitor, turn);
        turn.unlock(THREAD);
        turn.lock(Process.MMAP_LOCK, false);
        return !(result instanceof CallResult.Failed failed)
                || failed.errno() == Errno.EEXIST || failed.errno() == Errno.ENOENT || failed.errno() == Errno.EAGAIN;
    }

    /** The monitor's ioctl for the block around the page; others may have resolved the fault before. */
    private static CallResult answer(Process process, long page, FaultError kind, MemoryCall.UffdMonitor monitor, Turn turn) {
        PageRange block = turn.step(() -> {
            VmaInfo vma = process.vmas.find(page);
            long start = page & -monitor.pages();
            return vma == null ? new PageRange(page, 1)
                    : PageRange.between(Math.max(start, vma.start()), Math.min(start + monitor.pages(), vma.end()));
        });
        if (kind == FaultError.UFFD_WP) {
            return writable(process, block, turn);
        }
        Fill fill = kind == FaultError.UFFD_MISSING ? Fill.COPY : Fill.CONTINUE;
        CallResult result = fill(process, block, fill, monitor, turn);
        // a page of the block that is there already, or not there yet, is no reason not to resolve the one that faulted
        return result instanceof CallResult.Failed && block.count() > 1 ? fill(process, new PageRange(page, 1), fill, monitor, turn) : result;
    }

    private static CallResult fill(Process process, PageRange range, Fill fill, MemoryCall.UffdMonitor monitor, Turn turn) {
        CallResult result = Userfaultfd.fill(process, range, fill, false, fill == Fill.COPY ? monitor.content() : null, turn);
        turn.unlock(Process.MMAP_LOCK);
        return result;
    }

    private static CallResult writable(Process process, PageRange range, Turn turn) {
        CallResult result = Userfaultfd.writeProtect(process, new MemoryCall.UffdWriteProtect(range, false), turn);
        turn.unlock(Process.MMAP_LOCK);
        return result;
    }

    /** A monitor reads the events. */
    private record Attached(MemoryCall.UffdMonitor monitor) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.monitor = monitor;
        }
    }
}
