package org.foliofleet.node.mm.workload;

import org.foliofleet.node.mm.workload.Workload.CallCost;
import org.foliofleet.node.mm.workload.Workload.Mark;
import org.foliofleet.node.mm.workload.Workload.Totals;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.program.ProgramPosition;

/** What happens to programs. */
final class WorkloadEvents {
    private WorkloadEvents() {}

    record Began(String planDigest, long tick, int groups) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.planDigest = planDigest;
            workload.start = tick;
            workload.arriving = groups;
        }
    }

    /** No process of some group is still to arrive. */
    record GroupArrived() implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.arriving--;
        }
    }

    /** A process came to life; or a thread, which knows its process from the beginning. */
    record Born(ProgramRun run) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.living.put(run.number(), run);
            ProgramRun parent = workload.living.get(run.parent());
            if (parent != null) {
                workload.living.put(parent.number(), parent.withChildren(parent.children() + 1));
            }
            boolean thread = run.id() != null;
            if (thread) {
                workload.threads.merge(run.id().number(), 1, Integer::sum);
                workload.threadsStarted++;
            }
            Totals t = workload.totals;
            workload.totals = new Totals(t.processes() + 1, Math.max(t.peak(), workload.living()), t.calls(), t.failed(), t.unmet(),
                    t.forks() + (run.parent() >= 0 && !thread ? 1 : 0), t.overruns());
        }
    }

    /** A process was killed: it does nothing more than exit. */
    record Killed(long process, long tick) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.living.put(process, workload.living.get(process).withDeadline(tick));
        }
    }

    /** The machine has a process for it. */
    record Begun(long process, ProcessId id) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.living.put(process, workload.living.get(process).withId(id));
        }
    }

    /** A process is somewhere else in its program. */
    record Advanced(long process, ProgramPosition position) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.living.put(process, workload.living.get(process).withPosition(position));
        }
    }

    /** A call went well. */
    record CallSucceeded(String call, long cost, Latencies spent, boolean overrun) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            count(workload, call, cost, spent, false, overrun);
        }
    }

    /** A call did not. */
    record CallFailed(String call, long cost, Latencies spent, boolean overrun, FailureGroup failure) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            count(workload, call, cost, spent, true, overrun);
            for (int i = 0; i < workload.failures.size(); i++) {
                FailureGroup known = workload.failures.get(i);
                if (known.call().equals(failure.call()) && known.error().equals(failure.error())) {
                    workload.failures.set(i, known.withCount(known.count() + 1));
                    return;
                }
            }
            workload.failures.add(failure);
        }
    }

    private static void count(Workload workload, String call, long cost, Latencies spent, boolean failed, boolean overrun) {
        workload.latencies = workload.latencies.and(spent);
        workload.costs.merge(call, CallCost.NONE.and(cost), (known, fresh) -> known.and(cost));
        Totals t = workload.totals;
        workload.totals = new Totals(t.processes(), t.peak(), t.calls() + 1, t.failed() + (failed ? 1 : 0), t.unmet(), t.forks(),
                t.overruns() + (overrun ? 1 : 0));
    }

    /** A call ended otherwise than the program expected. */
    record ExpectationUnmet(Unmet unmet) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            if (workload.unmet.size() < ExperimentResult.MOST_UNMET) {
                workload.unmet.add(unmet);
            }
            Totals t = workload.totals;
            workload.totals = new Totals(t.processes(), t.peak(), t.calls(), t.failed(), t.unmet() + 1, t.forks(), t.overruns());
        }
    }

    /** A thread ends, and others of its process go on. */
    record ThreadEnded(int process) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.threads.merge(process, -1, (count, one) -> count + one == 0 ? null : count + one);
        }
    }

    record MarkReached(String label, long tick) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            workload.marks.add(new Mark(label, tick, null));
        }
    }

    /** A process has exited. */
    record Left(long process) implements WorkloadEvent {
        @Override
        public void applyTo(Workload workload) {
            ProgramRun run = workload.living.remove(process);
            ProgramRun parent = workload.living.get(run.parent());
            if (parent != null) {
                workload.living.put(parent.number(), parent.withChildren(parent.children() - 1));
            }
        }
    }
}
