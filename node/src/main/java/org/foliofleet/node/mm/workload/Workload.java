package org.foliofleet.node.mm.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId.WorkloadId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.ProgramCursor;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;

/**
 * What runs on a machine: processes arrive, do one step of their program after the other, and leave. Each process that
 * lives is one operation under way here: it asks the process to make the call, sleeps until the call's cost has passed, and
 * goes on with the next step.
 */
public final class Workload extends Owner {
    /** The programs begin. */
    public record Begin() implements Command<Void> {}

    /**
     * The next process of a group arrives.
     *
     * @param index of the process in its group
     * @param nanos when the one before it arrived
     * @param draws made for arrivals so far
     */
    record Arrive(int group, int index, long nanos, long draws) implements Command<Void> {}

    /** A process that arrived begins without memory, on a node and in a memory cgroup; an empty name for the root. */
    record Spawn(long process, int node, String cgroup) implements Command<Void> {}

    /** The child of a fork begins, at that tick. */
    record BeginChild(long process, long tick) implements Command<Void> {}

    /** A process does the next step of its program. */
    record Act(long process) implements Command<Void> {}

    /** Whoever joins its children is told that its life is over, at that tick. */
    record EndJoin(long process, long tick) implements Command<Void> {}

    private static final Handlers<Workload> HANDLERS = new Handlers<Workload>()
            .flow(Begin.class, Arrivals::begin)
            .flow(Arrive.class, Arrivals::arrive)
            .flow(Spawn.class, Arrivals::spawn)
            .flow(BeginChild.class, Arrivals::beginChild)
            .flow(Act.class, Acting::act)
            .flow(EndJoin.class, Acting::endJoin);

    /** How a kind of call went. */
    public record CallCost(long calls, long nanos, long maxNanos) {
        static final CallCost NONE = new CallCost(0, 0, 0);

        CallCost and(long cost) {
            return new CallCost(calls + 1, nanos + cost, Math.max(maxNanos, cost));
        }
    }

    /**
     * A mark that was reached.
     *
     * @param metrics as they were when the tick was over; null until somebody looked
     */
    public record Mark(String label, long tick, Map<MetricKey, Long> metrics) {}

    /** Totals. */
    record Totals(long processes, long peak, long calls, long failed, long unmet, long forks, long overruns) {}

    private transient WorkloadPlan plan;
    private transient Map<String, Program> programs;
    /** Of the plan: what is restored must go on with the same. */
    String planDigest = "";
    /** Tick at which the programs began, -1 before. */
    long start = -1;
    /** Groups of which processes are still to arrive. */
    int arriving;
    final TreeMap<Long, ProgramRun> living = new TreeMap<>();
    /** Threads beside the first, by the number of their process. */
    final TreeMap<Integer, Integer> threads = new TreeMap<>();
    /** That ever were. */
    long threadsStarted;
    Totals totals = new Totals(0, 0, 0, 0, 0, 0, 0);
    final TreeMap<String, CallCost> costs = new TreeMap<>();
    /** Of all calls that were answered. */
    Latencies latencies = Latencies.NONE;
    /** By call and error, in the order first met. */
    final ArrayList<FailureGroup> failures = new ArrayList<>();
    final ArrayList<Unmet> unmet = new ArrayList<>();
    /** In the order reached. */
    final ArrayList<Mark> marks = new ArrayList<>();
    /** How the machine was in the course of time. */
    private Series series = Series.NONE;

    /** @param plan what is to run; null in a snapshot, which {@link #resume} gives it */
    public Workload(WorkloadPlan plan) {
        super(new WorkloadId());
        if (plan != null) {
            attach(plan);
        }
    }

    private void attach(WorkloadPlan newPlan) {
        plan = newPlan;
        programs = newPlan.programs();
        series = series.isEmpty() ? Series.begin(newPlan.tickNanos()) : series;
    }

    /**
     * Gives a restored workload what it was running.
     *
     * @throws IllegalArgumentException if it was running something else
     */
    public void resume(WorkloadPlan samePlan) {
        if (start >= 0 && !samePlan.digest().equals(planDigest)) {
            throw new IllegalArgumentException("the machine was running another experiment (plan " + planDigest + "); resume it with that one");
        }
        attach(samePlan);
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        if (plan == null) {
            throw new InvariantViolation("a restored workload does not know what it was running");
        }
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((WorkloadEvent) event).applyTo(this);
    }

    int living() {
        int all = living.size();
        for (int more : threads.values()) {
            all -= more;
        }
        return all;
    }

    /** Processes and threads that came to life: the number of the next. */
    long processes() {
        return totals.processes();
    }

    WorkloadPlan plan() {
        return plan;
    }

    ProgramCursor cursor(ProgramRun run) {
        return ProgramCursor.at(run.position(), programs.get(run.position().program()));
    }

    // -- for whoever runs the machine ----------------------------------------------------------------------------

    /** Simulated time since the programs began, at the end of a tick. */
    public long nanos(long tick) {
        return start < 0 ? 0 : (tick - start) * plan.tickNanos();
    }

    public WorkloadStatus status() {
        return new WorkloadStatus(start, isOver(), living.size(), isUnseen(), series, nextSample());
    }

    /** Whether all processes have come and gone. */
    private boolean isOver() {
        return start >= 0 && arriving == 0 && living.isEmpty();
    }

    /** Tick from the end of which on a sample is to be taken; none before the programs begin or after they are over. */
    private long nextSample() {
        return start < 0 || isOver() ? Long.MAX_VALUE : start + series.nextNanos() / plan.tickNanos();
    }

    /** Somebody took a sample after a tick; what the programs know is added to it. */
    public void sampled(Sample.Builder sample, long tick) {
        series = series.with(report().complete(sample, nanos(tick)));
        changed();
    }

    /** Whether somebody must look at the machine before the next tick, and tell what is {@link #seen}. */
    public boolean isUnseen() {
        return !marks.isEmpty() && marks.get(marks.size() - 1).metrics() == null
                || !failures.isEmpty() && failures.get(failures.size() - 1).vmas() == FailureGroup.NOT_COUNTED;
    }

    /** What came of the programs so far. */
    public WorkloadReport report() {
        return new WorkloadReport(status(), plan.tickNanos(), totals.processes() - threadsStarted, totals.peak(), totals.calls(),
                totals.failed(), totals.unmet(), totals.forks(), totals.overruns(), List.copyOf(marks), List.copyOf(failures), List.copyOf(unmet),
                new TreeMap<>(costs), latencies);
    }

    /** Marks in the order reached. */
    public List<Mark> marks() {
        return Collections.unmodifiableList(marks);
    }

    /**
     * Somebody looked at the machine after a tick, in which marks were reached or calls failed for the first time; what the
     * last call of a process at a mark sent to other owners has arrived by then.
     *
     * @param metrics of the machine
     * @param vmas    of the machine
     */
    public void seen(Map<MetricKey, Long> metrics, long vmas) {
        for (int i = marks.size() - 1; i >= 0 && marks.get(i).metrics() == null; i--) {
            marks.set(i, new Mark(marks.get(i).label(), marks.get(i).tick(), new TreeMap<>(metrics)));
        }
        for (int i = failures.size() - 1; i >= 0 && failures.get(i).vmas() == FailureGroup.NOT_COUNTED; i--) {
            failures.set(i, failures.get(i).withVmas(vmas));
        }
        changed();
    }
}
