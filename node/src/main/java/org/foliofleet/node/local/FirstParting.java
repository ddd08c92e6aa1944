package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId;

/**
 * A machine of two experiments, which differ in policies or settings, run side by side to the first event that only one of
 * them has. Events say all that happens to owners, so nothing is written or hashed on the way, and both run once only.
 */
public final class FirstParting {
    private static final int SLICE = 256;
    private static final int LOOK_AHEAD = 10_000;

    /**
     * The first event that differs.
     *
     * @param tick    in which it is, or -1: none differs
     * @param nanos   simulated time then
     * @param owner   whose it is; null if none differs
     * @param ofOne   what happened to that owner then or next, or null: nothing more
     * @param ofOther the same of the other
     */
    public record Found(long tick, long nanos, OwnerId owner, Next ofOne, Next ofOther) {}

    /** An event, and the tick in which it was. */
    public record Next(long tick, Object event) {}

    private record Happened(OwnerId owner, Object event) {}

    private static final class Side {
        private final Machine machine;
        private final StopRule rule;
        private final List<Happened> happened = new ArrayList<>();

        private Side(ExperimentSpec spec, int machines, int ordinal) {
            MachineClass each = spec.machines().get(machines);
            machine = new LocalHost().boot(spec, each, ordinal);
            rule = StopRule.of(spec.stop(), WorkloadPlan.of(spec, each, ordinal));
            machine.listener((tick, owner, event) -> happened.add(new Happened(owner.id(), event)));
        }

        /** The next tick, or the greatest number if there is none. */
        private long next() {
            return machine.end(rule) != null || machine.isQuiet() ? Long.MAX_VALUE : machine.nextTick();
        }

        /** Runs that tick if it is the next. */
        private void run(long tick) {
            happened.clear();
            if (next() == tick) {
                machine.step();
            }
        }
    }

    private FirstParting() {}

    /**
     * Runs both.
     *
     * @param machines  number of the class in both
     * @param cancelled is asked now and then
     * @throws CancellationException if it held
     */
    public static Found find(ExperimentSpec one, ExperimentSpec other, int machines, int ordinal, BooleanSupplier cancelled) {
        Side first = new Side(one, machines, ordinal);
        Side second = new Side(other, machines, ordinal);
        for (long ticks = 0;; ticks++) {
            long tick = Math.min(first.next(), second.next());
            if (tick == Long.MAX_VALUE) {
                return new Found(-1, 0, null, null, null);
            }
            first.run(tick);
            second.run(tick);
            if (!first.happened.equals(second.happened)) {
                return found(tick, first, second);
            }
            if (ticks % SLICE == 0 && cancelled.getAsBoolean()) {
                throw new CancellationException("the comparison was cancelled");
            }
        }
    }

    private static Found found(long tick, Side first, Side second) {
        long nanos = Math.max(0, first.machine.workload().nanos(tick));
        for (int i = 0;; i++) {
            Happened one = i < first.happened.size() ? first.happened.get(i) : null;
            Happened other = i < second.happened.size() ? second.happened.get(i) : null;
            if (one == null || !one.equals(other)) {
                OwnerId owner = one == null || other != null && other.owner().compareTo(one.owner()) < 0 ? other.owner() : one.owner();
                return new Found(tick, nanos, owner, next(first, tick, one, owner), next(second, tick, other, owner));
            }
        }
    }

    /** What differed, if it is of that owner, or else what happens to the owner next, in a few ticks at most. */
    private static Next next(Side side, long parted, Happened happened, OwnerId owner) {
        if (happened != null && happened.owner().equals(owner)) {
            return new Next(parted, happened.event());
        }
        for (int ticks = 0; ticks < LOOK_AHEAD && side.next() != Long.MAX_VALUE; ticks++) {
            long tick = side.next();
            side.run(tick);
            for (Happened each : side.happened) {
                if (each.owner().equals(owner)) {
                    return new Next(tick, each.event());
                }
            }
        }
        return null;
    }
}
