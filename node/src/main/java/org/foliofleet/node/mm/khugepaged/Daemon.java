package org.foliofleet.node.mm.khugepaged;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Collapse.ScannedMm;
import org.foliofleet.protocol.message.Collapse.Wake;

/**
 * The thread: {@code khugepaged()}, {@code khugepaged_do_scan()}, mm/khugepaged.c. It scans {@code pages_to_scan} pages and
 * sleeps. Asleep it is a message for a later tick, with nothing to scan not even that: it ends, and begins with the next
 * process.
 */
final class Daemon {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Daemon() {}

    static Void start(Khugepaged khugepaged, Collapse.StartDaemon start, Turn turn) {
        begin(khugepaged, turn);
        return null;
    }

    /** Wakes the daemon if it was not there and has work. Within a step. */
    static void begin(Khugepaged khugepaged, Turn turn) {
        if (!khugepaged.running && hasWork(khugepaged, turn)) {
            turn.emit(new Running(true));
            turn.send(khugepaged.id(), new Wake(0, 0, false, -1, 0));
        }
    }

    private static boolean hasWork(Khugepaged khugepaged, Turn turn) {
        KernelSettings settings = turn.context().settings();
        return settings.khugepaged().run() && settings.isPmdEnabled() && !khugepaged.slots.isEmpty();
    }

    /** What is to be scanned next; no process at the end of a scan. */
    private record Next(int process, long address, int heads, Limits limits) {}

    static Void wake(Khugepaged khugepaged, Wake given, Turn turn) {
        Wake wake = given.began() >= 0 ? given : new Wake(0, 0, false, turn.step(turn::tick), turn.step(turn::cost));
        long pages = turn.step(() -> (long) turn.context().settings().khugepaged().pagesToScan());
        Next next = turn.step(() -> next(khugepaged, wake, pages, turn));
        if (next.process() == 0) {
            return sleep(khugepaged, wake, turn);
        }
        ScannedMm scanned = turn.ask(new ProcessId(next.process()), new Collapse.ScanMm(next.limits(), next.address(), pages - wake.progress()));
        turn.run(() -> {
            turn.emit(new Scanned(scanned.next(), scanned.collapsed()));
            MmSlots.scanEnded(next.process(), turn);
        });
        long progress = wake.progress() + scanned.progress();
        boolean failed = scanned.last() == Result.ALLOC_HUGE_PAGE_FAIL;
        if (failed && progress < pages) {
            if (wake.waited()) {
                return sleep(khugepaged, wake, turn);
            }
            turn.sleepUntil(turn.step(() -> turn.tick() + ticks(turn.context().settings().khugepaged().allocSleepMillis(), turn)));
        }
        return turn.continueAs(new Wake(progress, next.heads(), wake.waited() || failed, wake.began(), wake.cost()));
    }

    /** {@code khugepaged_do_scan()}: goes on with the process under the cursor, over the head of the list at most once. Within a step. */
    private static Next next(Khugepaged khugepaged, Wake wake, long pages, Turn turn) {
        int heads = wake.heads() + (khugepaged.cursor == 0 ? 1 : 0);
        if (wake.progress() >= pages || heads >= 2 || !hasWork(khugepaged, turn)) {
            return new Next(0, 0, heads, null);
        }
        KernelSettings settings = turn.context().settings();
        turn.emit(new Began(khugepaged.cursor == 0 ? khugepaged.slots.get(0) : khugepaged.cursor));
        return new Next(khugepaged.cursor, khugepaged.address, heads,
                new Limits(true, settings.maxPtesNone(), settings.maxPtesSwap(), settings.maxPtesShared()));
    }

    /** {@code khugepaged_wait_work()}: the scan has taken its time; now the pause. */
    private static Void sleep(Khugepaged khugepaged, Wake wake, Turn turn) {
        long until = turn.step(() -> {
            if (!hasWork(khugepaged, turn)) {
                turn.emit(new Running(false));
                return -1L;
            }
            KernelSettings settings = turn.context().settings();
            long took = (turn.cost() - wake.cost() + settings.tickNanos() - 1) / settings.tickNanos();
            return Math.max(turn.tick() + 1, wake.began() + took) + ticks(settings.khugepaged().scanSleepMillis(), turn);
        });
        if (until < 0) {
            return null;
        }
        turn.sleepUntil(until);
        return turn.continueAs(new Wake(0, 0, false, -1, 0));
    }

    private static long ticks(long millis, Turn turn) {
        return Math.max(1, millis * NANOS_PER_MILLI / turn.context().settings().tickNanos());
    }

    private record Running(boolean running) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged khugepaged) {
            khugepaged.running = running;
        }
    }

    private record Began(int process) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged khugepaged) {
            khugepaged.address = khugepaged.cursor == process ? khugepaged.address : 0;
            khugepaged.cursor = process;
            khugepaged.scanning = true;
        }
    }

    /** A process was scanned up to a page, or to its end, or ends meanwhile: then comes the next, or the end of the list. */
    private record Scanned(long next, long collapsed) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged khugepaged) {
            khugepaged.scanning = false;
            khugepaged.pagesCollapsed += collapsed;
            khugepaged.address = Math.max(0, next);
            if (next >= 0 && !khugepaged.leaving) {
                return;
            }
            int at = khugepaged.slots.indexOf(khugepaged.cursor);
            boolean last = at + 1 == khugepaged.slots.size();
            int following = last ? 0 : khugepaged.slots.get(at + 1);
            if (khugepaged.leaving) {
                khugepaged.slots.remove(at);
                khugepaged.leaving = false;
            }
            khugepaged.address = 0;
            khugepaged.cursor = following;
            khugepaged.fullScans += last ? 1 : 0;
        }
    }
}
