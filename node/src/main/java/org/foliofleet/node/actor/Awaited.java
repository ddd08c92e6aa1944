package org.foliofleet.node.actor;

import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an incarnation of a machine waits for, one thing at a time. A wait that takes long is told in the log, again and again; one
 * that takes too long is told to the incarnation.
 */
final class Awaited {
    /** Time has passed. */
    record Look() implements MachineRun.Message {}

    private static final Logger LOG = LoggerFactory.getLogger(Awaited.class);
    /** Time between two lines in the log. */
    private static final Duration LONG = Duration.ofSeconds(20);

    private final TimerScheduler<MachineRun.Message> timers;
    private final String machine;
    private String what;
    private long sinceNanos;
    private long patienceNanos;

    Awaited(TimerScheduler<MachineRun.Message> timers, String machine) {
        this.timers = timers;
        this.machine = machine;
    }

    /**
     * Waits for that, and for nothing else any more.
     *
     * @param thing    for a person
     * @param patience after which it is waited for no longer
     */
    void begins(String thing, Duration patience) {
        what = thing;
        sinceNanos = System.nanoTime();
        patienceNanos = patience.toNanos();
        timers.startTimerWithFixedDelay(Look.class, new Look(), patience.compareTo(LONG) < 0 ? patience : LONG);
    }

    /** It has come. @return nanoseconds that it took */
    long ends() {
        what = null;
        timers.cancel(Look.class);
        return System.nanoTime() - sinceNanos;
    }

    /** What has been waited for too long; null if nothing has. */
    String overdue() {
        if (what == null) {
            return null;
        }
        long waited = System.nanoTime() - sinceNanos;
        LOG.warn("machine {}: has waited {} s for {}", machine, TimeUnit.NANOSECONDS.toSeconds(waited), what);
        return waited >= patienceNanos ? what : null;
    }
}
