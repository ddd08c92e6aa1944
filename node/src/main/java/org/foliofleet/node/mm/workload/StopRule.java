package org.foliofleet.node.mm.workload;

import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * When a machine of an experiment ends. Whoever runs it asks before every tick; the answer depends on the machine's state
 * only, so that a machine that was resumed ends where the other would have.
 *
 * @param stop      as the experiment says
 * @param tickNanos length of a tick
 */
public record StopRule(Stop stop, long tickNanos) {
    /**
     * A machine between two ticks.
     *
     * @param tick     the last that was executed
     * @param nextTick in which anybody is due; meaningless if the machine is quiet
     * @param ticks    executed so far
     * @param quiet    nothing is under way
     * @param idle     all that are under way are wake-ups; matters only once all programs are over
     */
    public record Moment(long tick, long nextTick, long ticks, boolean quiet, boolean idle) {
        /** Of a machine with one schedule. */
        public static Moment of(Schedule<?> schedule, WorkloadStatus programs) {
            boolean quiet = schedule.isQuiet();
            return new Moment(schedule.tick(), quiet ? Long.MAX_VALUE : schedule.nextTick(), schedule.ticks(), quiet,
                    programs.over() && schedule.isIdle());
        }
    }

    public static StopRule of(Stop stop, WorkloadPlan plan) {
        return new StopRule(stop, plan.tickNanos());
    }

    /** The end, or null: the machine goes on. */
    public MachineEnd end(Moment now, WorkloadStatus programs) {
        if (now.quiet() || stop.whenIdle() && programs.over() && now.idle()) {
            return new MachineEnd(programs.living() == 0 ? "all programs are over" : programs.living() + " processes wait for ever",
                    programs.nanos(now.tick(), tickNanos));
        }
        if (stop.nanos() >= 0 && programs.nanos(now.nextTick(), tickNanos) > rounded(stop.nanos())) {
            return new MachineEnd("the time is over", rounded(stop.nanos()));
        }
        if (stop.ticks() >= 0 && now.ticks() >= stop.ticks()) {
            return new MachineEnd("the ticks are over", programs.nanos(now.tick(), tickNanos));
        }
        return null;
    }

    /** The last tick that may be executed, as far as that is known before. */
    public long lastTick(WorkloadStatus programs) {
        return stop.nanos() < 0 || programs.start() < 0 ? Long.MAX_VALUE : programs.start() + rounded(stop.nanos()) / tickNanos;
    }

    /** Whether the machine may have ended, for another reason than that the next tick would be later than the last. */
    public boolean mayEnd(long ticks, WorkloadStatus programs) {
        return stop.whenIdle() && programs.over() || stop.ticks() >= 0 && ticks >= stop.ticks();
    }

    /** To whole ticks. */
    private long rounded(long nanos) {
        return (nanos / tickNanos + (nanos % tickNanos == 0 ? 0 : 1)) * tickNanos;
    }
}
