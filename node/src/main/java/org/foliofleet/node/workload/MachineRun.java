package org.foliofleet.node.workload;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.CallName;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.ProgramCursor;
import org.foliofleet.protocol.program.ProgramCursor.Action;
import org.foliofleet.protocol.program.RandomStream;

/**
 * One machine of an experiment, from boot to end: processes arrive, do one step after the other, and leave.
 *
 * <p>Method: an agenda of (tick, process). In each tick that is due, the processes of that tick act in the order in
 * which they came to life, each until it has a call under way or waits; then the machine executes the tick, and whoever
 * got an answer is due in the next.
 */
final class MachineRun implements SimulatedMachine.Listener {
    private static final long NEVER = Long.MAX_VALUE;

    private record Due(long tick, ProcessRun process, ProcessGroup arrives, int node) {}

    private final ExperimentSpec spec;
    private final MachineClass machines;
    private final int ordinal;
    private final SimulatedMachine machine;
    private final PriorityQueue<Due> agenda = new PriorityQueue<>((a, b) -> a.tick != b.tick
            ? Long.compare(a.tick, b.tick) : Long.compare(a.process.ordinal, b.process.ordinal));
    private final Map<String, ProcessRun> living = new HashMap<>();
    private final Map<String, MarkResult> marks = new LinkedHashMap<>();
    /** Marks that processes came to in this tick. */
    private final List<String> reached = new ArrayList<>();
    private final FailureTable failures = new FailureTable();
    private final List<Unmet> unmet = new ArrayList<>();
    private final TreeMap<MetricKey, Long> counts = new TreeMap<>();
    private long tick = -1;
    private long executed;
    private long processes;
    private String end = "";

    /** @param number number of the machine in the whole experiment; owner of its workload draws */
    MachineRun(ExperimentSpec spec, MachineClass machines, int ordinal, long number, SimulatedMachine machine) {
        this.spec = spec;
        this.machines = machines;
        this.ordinal = ordinal;
        this.machine = machine;
        for (Metric metric : List.of(Metric.PROCESSES, Metric.PROCESSES_PEAK, Metric.CALLS, Metric.CALLS_FAILED,
                Metric.EXPECTATIONS_UNMET, Metric.FORKS)) {
            counts.put(MetricKey.of(metric), 0L);
        }
        for (ProcessGroup group : machines.processes()) {
            schedule(group, RandomStream.of(spec.seed(), "workload " + group.name(), number));
        }
    }

    private void schedule(ProcessGroup group, RandomStream random) {
        RandomStream arrivals = random.child(0);
        long nanos = group.arrival() instanceof Arrival.At at ? at.nanos() : 0;
        for (int i = 0; i < group.count(); i++) {
            if (group.arrival() instanceof Arrival.Every every) {
                nanos += every.nanos().draw(scope(arrivals));
            }
            RandomStream own = random.child(i + 1L);
            long arrives = ticks(nanos);
            long deadline = group.lifetime() == null ? NEVER
                    : arrives + Math.max(1, ticks(group.lifetime().draw(scope(own.child(-1)))));
            int node = group.node() == ProcessGroup.SPREAD ? i % machines.nodes().size() : group.node();
            String name = group.count() == 1 ? group.name() : group.name() + "-" + i;
            ProcessRun process = new ProcessRun(name, processes++, null, ProgramCursor.start(group.program(), own), deadline);
            process.dueAt = arrives;
            agenda.add(new Due(arrives, process, group, node));
        }
    }

    private static Amount.Scope scope(RandomStream random) {
        return new Amount.Scope() {
            @Override
            public long index(int level) {
                throw new IllegalStateException("there is no loop around arrivals");
            }

            @Override
            public RandomStream random() {
                return random;
            }
        };
    }

    /** Nanoseconds in ticks, rounded up. */
    private long ticks(long nanos) {
        return nanos / spec.tickNanos() + (nanos % spec.tickNanos() == 0 ? 0 : 1);
    }

    /** Runs to the end. */
    void run() {
        long last = spec.stop().nanos() < 0 ? NEVER : ticks(spec.stop().nanos());
        while (true) {
            long next = Math.min(agenda.isEmpty() ? NEVER : agenda.peek().tick, machine.nextTick());
            boolean idle = agenda.isEmpty() && machine.isQuiet() && spec.stop().whenIdle();
            if (idle || next == NEVER) {
                end = living.isEmpty() ? "all programs are over" : living.size() + " processes wait for ever";
                return;
            }
            if (next > last) {
                tick = last;
                end = "the time is over";
                return;
            }
            if (spec.stop().ticks() >= 0 && executed >= spec.stop().ticks()) {
                end = "the ticks are over";
                return;
            }
            tick = next;
            executed++;
            while (!agenda.isEmpty() && agenda.peek().tick == tick) {
                Due due = agenda.poll();
                if (due.arrives != null) {
                    machine.spawn(due.process.name, due.node);
                    live(due.process);
                }
                if (!due.process.gone && due.process.dueAt == tick) {
                    act(due.process);
                }
            }
            machine.execute(tick, this);
            look();
        }
    }

    /** Measures at marks when the tick is over: what the last call sent to other owners has arrived then. */
    private void look() {
        for (String label : reached) {
            marks.computeIfAbsent(label, first -> new MarkResult(first, 1, tick * spec.tickNanos(), metrics()));
        }
        reached.clear();
    }

    private void live(ProcessRun process) {
        living.put(process.name, process);
        count(Metric.PROCESSES);
        counts.merge(MetricKey.of(Metric.PROCESSES_PEAK), (long) living.size(), Math::max);
    }

    /** Lets a process go on until it has a call under way or waits. */
    private void act(ProcessRun process) {
        process.joining = false;
        while (true) {
            Action action = tick >= process.deadline ? new Action.End() : process.cursor.next();
            if (action instanceof Action.Make make) {
                submit(process, make.call(), make.step().expect(), null, make.step().line().line());
                process.exiting = make.call() instanceof MemoryCall.Exit;
                return;
            } else if (action instanceof Action.Operate operate) {
                process.pending = new ProcessRun.Pending(CallName.of(operate.step().call()), operate.step().expect(), null,
                        operate.step().line().line(), tick);
                machine.submit(process.name, operate.step().call());
                return;
            } else if (action instanceof Action.Fork fork) {
                String name = process.name + "." + fork.step().name() + "-" + fork.ordinal();
                ProcessRun child = new ProcessRun(name, processes++, process, fork.child(), NEVER);
                submit(process, new MemoryCall.Fork(name), fork.step().expect(), child, fork.step().line().line());
                return;
            } else if (action instanceof Action.Wait wait) {
                later(process, Math.min(process.deadline, tick + Math.max(1, ticks(wait.nanos()))));
                return;
            } else if (action instanceof Action.Join) {
                if (process.children > 0) {
                    process.joining = true;
                    if (process.deadline != NEVER) {
                        later(process, process.deadline);
                    }
                    return;
                }
            } else if (action instanceof Action.Mark mark) {
                reached.add(mark.label());
                later(process, tick + 1);
                return;
            } else {
                submit(process, new MemoryCall.Exit(), Expectation.ANYTHING, null, 0);
                process.exiting = true;
                return;
            }
        }
    }

    private void submit(ProcessRun process, MemoryCall call, Expectation expect, ProcessRun child, int line) {
        process.pending = new ProcessRun.Pending(CallName.of(call), expect, child, line, tick);
        machine.submit(process.name, call);
    }

    private void later(ProcessRun process, long due) {
        process.dueAt = due;
        agenda.add(new Due(due, process, null, 0));
    }

    @Override
    public void completed(String name, CallResult result, long costNanos) {
        ProcessRun process = living.get(name);
        if (process == null || process.pending == null) {
            throw new IllegalStateException("an answer for " + name + ", which asked nothing: " + result);
        }
        ProcessRun.Pending call = process.pending;
        process.pending = null;
        count(Metric.CALLS);
        String error = FailureTable.errorOf(result);
        if (!error.isEmpty()) {
            count(Metric.CALLS_FAILED);
            failures.add(new FailureGroup(call.call(), error, 1, tick * spec.tickNanos(), ordinal, name, call.line()));
        }
        if (!call.expect().isMetBy(result)) {
            count(Metric.EXPECTATIONS_UNMET);
            if (unmet.size() < ExperimentResult.MOST_UNMET) {
                unmet.add(new Unmet(machines.name(), ordinal, name, call.line(), call.call(), call.expect().word(),
                        error.isEmpty() ? "ok" : error));
            }
        }
        long goesOn = Math.max(tick + 1, call.since() + ticks(costNanos));
        if (call.child() != null && error.isEmpty()) {
            count(Metric.FORKS);
            process.children++;
            live(call.child());
            later(call.child(), goesOn);
        }
        if (process.exiting) {
            leave(process);
        } else {
            process.cursor.answered(result);
            later(process, goesOn);
        }
    }

    @Override
    public void killed(String name) {
        leave(living.get(name));
    }

    private void leave(ProcessRun process) {
        process.gone = true;
        living.remove(process.name);
        ProcessRun parent = process.parent;
        if (parent != null && --parent.children == 0 && parent.joining && !parent.gone) {
            later(parent, tick + 1);
        }
    }

    private void count(Metric metric) {
        counts.merge(MetricKey.of(metric), 1L, Long::sum);
    }

    /** What the machine measures, and what was counted here. */
    MetricValues metrics() {
        TreeMap<MetricKey, Long> all = new TreeMap<>(machine.metrics().values());
        all.putAll(counts);
        all.put(MetricKey.of(Metric.TICKS), executed);
        for (FailureGroup group : failures.groups()) {
            all.put(MetricKey.of(Metric.CALLS_FAILED, group.call(), group.error()), group.count());
        }
        return new MetricValues(all);
    }

    List<MarkResult> marks() {
        return new ArrayList<>(marks.values());
    }

    List<FailureGroup> failures() {
        return failures.groups();
    }

    List<Unmet> unmet() {
        return unmet;
    }

    long nanos() {
        return tick * spec.tickNanos();
    }

    String end() {
        return end;
    }
}
