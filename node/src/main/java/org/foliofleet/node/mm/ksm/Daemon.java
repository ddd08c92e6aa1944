package org.foliofleet.node.mm.ksm;

import org.foliofleet.node.mm.DaemonSettings;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.ScanRest;

/**
 * The thread: {@code ksm_scan_thread()}, mm/ksm.c. It looks at {@code pages_to_scan} pages, at most to the end of a full scan,
 * and sleeps. With no process to scan it ends, and begins with the next one.
 */
final class Daemon {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private Daemon() {}

    static Void start(Ksmd ksmd, Ksm.StartDaemon start, Turn turn) {
        begin(ksmd, turn);
        return null;
    }

    /** Wakes the daemon if it was not there and has work. Within a step. */
    static void begin(Ksmd ksmd, Turn turn) {
        if (!ksmd.running && hasWork(ksmd, turn)) {
            turn.emit(new Running(true));
            turn.send(ksmd.id(), new Ksm.Wake());
        }
    }

    /** {@code ksmd_should_run()}. */
    private static boolean hasWork(Ksmd ksmd, Turn turn) {
        return turn.context().settings().ksm().run() && !ksmd.order.isEmpty();
    }

    static Void wake(Ksmd ksmd, Ksm.Wake wake, Turn turn) {
        long began = turn.step(turn::tick);
        long cost = turn.step(turn::cost);
        ScanRest part = turn.step(() -> {
            if (!hasWork(ksmd, turn)) {
                turn.emit(new Running(false));
                return null;
            }
            return new ScanRest(1, ksmd.cursor, ksmd.address, ksmd.seen, turn.context().settings().ksm().pagesToScan());
        });
        if (part == null) {
            return null;
        }
        turn.ask(ksmd.id(), part);
        turn.sleepUntil(turn.step(() -> {
            DaemonSettings.Ksm settings = turn.context().settings().ksm();
            long tickNanos = turn.context().settings().tickNanos();
            long took = (turn.cost() - cost + tickNanos - 1) / tickNanos;
            return Math.max(turn.tick(), began + took) + Math.max(1, settings.sleepMillis() * NANOS_PER_MILLI / tickNanos);
        }));
        return turn.continueAs(new Ksm.Wake());
    }

    /** The scan stops in the middle of a process. */
    record Paused(long address, boolean seen) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.address = address;
            ksmd.seen = seen;
        }
    }

    private record Running(boolean running) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.running = running;
        }
    }
}
