package org.foliofleet.node.metrics;

import java.time.Duration;
import org.foliofleet.protocol.series.Series;

/** What a machine tells of itself while it runs in this JVM. */
public final class MachineMeters {
    private final EngineMeters engine;
    private final ClassMeters machines;
    private final Runnable whenGone;
    private final ClassMeters.Member member;

    MachineMeters(EngineMeters engine, ClassMeters machines, Runnable whenGone) {
        this.engine = engine;
        this.machines = machines;
        this.whenGone = whenGone;
        member = machines.join();
    }

    /** It goes on from a commit, or from the beginning: what it did before was not done here. */
    public void wentOn(long tick, long nanos) {
        engine.recoveries.increment();
        machines.from(member, tick, nanos);
    }

    /**
     * It has committed an epoch.
     *
     * @param tick     of the commit
     * @param nanos    simulated since the programs began
     * @param messages delivered so far
     * @param commit   wall time from the end of the epoch until it was written
     */
    public void committed(Series series, long tick, long nanos, long messages, Duration commit) {
        engine.epochs.increment();
        engine.commits.record(commit);
        machines.moved(member, series, tick, nanos, messages);
    }

    /** It returned to its last commit. @param cause one of a few words */
    public void steppedBack(String cause) {
        engine.stepBacks(cause).increment();
    }

    /** It does not run in this JVM any more. */
    public void gone() {
        machines.leave(member);
        whenGone.run();
    }
}
