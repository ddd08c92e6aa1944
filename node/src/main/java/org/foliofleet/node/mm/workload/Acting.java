package org.foliofleet.node.mm.workload;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.workload.Workload.Act;
import org.foliofleet.node.mm.workload.Workload.BeginChild;
import org.foliofleet.node.mm.workload.Workload.EndJoin;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.program.CallName;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.ProgramCursor;
import org.foliofleet.protocol.program.ProgramCursor.Action;
import org.foliofleet.protocol.program.ProgramPosition;

/** What a process does: the next step of its program, which is a call, a pause or the end. */
final class Acting {
    /** What comes next. */
    private sealed interface Move {
        /**
         * A call.
         *
         * @param child where the child's program begins, if it is a fork
         * @param last  the process is gone then
         * @param since tick in which it is made
         * @param cost  what the operations of this process had cost before
         */
        record Call(OwnerId to, Command<CallResult> command, String call, String childName, ProgramPosition child, boolean last,
                Expectation expect, int line, long since, long cost) implements Move {}

        record Pause(long until) implements Move {}

        record Join() implements Move {}

        /** A thread ends, and its process goes on. */
        record EndThread() implements Move {}
    }

    /** What a process waits for that joins its children. */
    private record Joining(long process) {}

    private Acting() {}

    static Void act(Workload workload, Act act, Turn turn) {
        Move move = turn.step(() -> next(workload, act.process(), turn));
        if (move instanceof Move.Call call) {
            CallResult result = turn.ask(call.to(), call.command());
            long until = turn.step(() -> answered(workload, act.process(), call, result, turn));
            if (call.last()) {
                return null;
            }
            turn.sleepUntil(until);
        } else if (move instanceof Move.Pause pause) {
            turn.sleepUntil(pause.until());
        } else if (move instanceof Move.EndThread) {
            turn.run(() -> {
                ProgramRun run = workload.living.get(act.process());
                turn.emit(new WorkloadEvents.ThreadEnded(run.id().number()));
                leave(workload, run, turn);
            });
            return null;
        } else {
            join(workload, act, turn);
        }
        return turn.continueAs(act);
    }

    private static void join(Workload workload, Act act, Turn turn) {
        while (turn.step(() -> !mayGoOn(workload, act.process(), turn))) {
            turn.park(new Joining(act.process()));
        }
    }

    private static boolean mayGoOn(Workload workload, long process, Turn turn) {
        ProgramRun run = workload.living.get(process);
        if (run.children() == 0 || turn.tick() >= run.deadline()) {
            return true;
        }
        if (run.deadline() != ProgramRun.NEVER) {
            turn.send(workload.id(), new EndJoin(process, run.deadline()));
        }
        return false;
    }

    static Void endJoin(Workload workload, EndJoin end, Turn turn) {
        turn.sleepUntil(end.tick());
        turn.run(() -> turn.wake(new Joining(end.process())));
        return null;
    }

    /** Asks the program. Within a step. */
    private static Move next(Workload workload, long process, Turn turn) {
        ProgramRun run = workload.living.get(process);
        long tick = turn.tick();
        if (tick >= run.deadline()) {
            return exit(workload, run, turn);
        }
        ProgramCursor cursor = workload.cursor(run);
        Action action = cursor.next();
        turn.emit(new WorkloadEvents.Advanced(process, cursor.toPosition()));
        if (action instanceof Action.Make make && make.call() instanceof MemoryCall.Exit && workload.threads.containsKey(run.id().number())) {
            return new Move.EndThread();
        } else if (action instanceof Action.Make make) {
            return call(run, make.call(), null, null, make.step().expect(), make.step().line().line(), turn);
        } else if (action instanceof Action.Operate operate) {
            return new Move.Call(new KernelControlId(), new KernelControlCommand.Execute(operate.step().call()),
                    CallName.of(operate.step().call()), null, null, false, operate.step().expect(), operate.step().line().line(), tick,
                    turn.cost());
        } else if (action instanceof Action.Fork fork) {
            String name = run.name() + "." + fork.step().name() + "-" + fork.ordinal();
            return call(run, new MemoryCall.Fork(name), name, fork.child().toPosition(), fork.step().expect(), fork.step().line().line(),
                    turn);
        } else if (action instanceof Action.StartThread start) {
            ProgramRun thread = new ProgramRun(workload.processes(), run.name() + "." + start.step().name() + "-" + start.ordinal(), process,
                    run.deadline(), run.id(), start.thread().toPosition(), 0);
            turn.emit(new WorkloadEvents.Born(thread));
            turn.send(workload.id(), new Act(thread.number()));
            return new Move.Pause(tick + 1);
        } else if (action instanceof Action.Wait wait) {
            return new Move.Pause(Math.min(run.deadline(), tick + Math.max(1, workload.plan().ticks(wait.nanos()))));
        } else if (action instanceof Action.Join) {
            return new Move.Join();
        } else if (action instanceof Action.Mark mark) {
            if (workload.marks.stream().noneMatch(known -> known.label().equals(mark.label()))) {
                turn.emit(new WorkloadEvents.MarkReached(mark.label(), tick));
            }
            return new Move.Pause(tick + 1);
        }
        return exit(workload, run, turn);
    }

    /** The memory goes with the last thread. */
    private static Move exit(Workload workload, ProgramRun run, Turn turn) {
        if (workload.threads.containsKey(run.id().number())) {
            return new Move.EndThread();
        }
        return call(run, new MemoryCall.Exit(), null, null, Expectation.ANYTHING, 0, turn);
    }

    private static Move call(ProgramRun run, MemoryCall call, String childName, ProgramPosition child, Expectation expect, int line,
            Turn turn) {
        return new Move.Call(run.id(), new ProcessCommand.Execute(call), CallName.of(call), childName, child,
                call instanceof MemoryCall.Exit, expect, line, turn.tick(), turn.cost());
    }

    /**
     * Notes how a call ended. Within a step.
     *
     * @return tick at which the process goes on
     */
    private static long answered(Workload workload, long process, Move.Call call, CallResult result, Turn turn) {
        ProgramRun run = workload.living.get(process);
        long cost = turn.cost() - call.cost();
        long until = call.since() + workload.plan().ticks(cost);
        boolean overrun = turn.tick() > until;
        Latencies spent = turn.takeSpent().inNanos(workload.plan().tickNanos());
        String error = errorOf(result);
        if (error.isEmpty()) {
            turn.emit(new WorkloadEvents.CallSucceeded(call.call(), cost, spent, overrun));
        } else {
            turn.emit(new WorkloadEvents.CallFailed(call.call(), cost, spent, overrun, new FailureGroup(call.call(), error, 1,
                    workload.nanos(turn.tick()), (int) workload.plan().ordinal(), run.name(), call.line(), FailureGroup.NOT_COUNTED)));
        }
        if (!call.expect().isMetBy(result)) {
            turn.emit(new WorkloadEvents.ExpectationUnmet(new Unmet("", (int) workload.plan().ordinal(), run.name(), call.line(),
                    call.call(), call.expect().word(), error.isEmpty() ? "ok" : error)));
        }
        if (call.last()) {
            leave(workload, run, turn);
            return until;
        }
        if (result instanceof CallResult.Killed) {
            turn.emit(new WorkloadEvents.Killed(process, turn.tick()));
        } else if (!error.isEmpty()) {
            ProgramCursor cursor = workload.cursor(run);
            cursor.answered(result);
            turn.emit(new WorkloadEvents.Advanced(process, cursor.toPosition()));
        } else if (call.child() != null) {
            ProgramRun child = new ProgramRun(workload.processes(), call.childName(), process, ProgramRun.NEVER, null, call.child(), 0);
            turn.emit(new WorkloadEvents.Born(child));
            turn.send(workload.id(), new BeginChild(child.number(), until));
        }
        return until;
    }

    private static void leave(Workload workload, ProgramRun run, Turn turn) {
        turn.emit(new WorkloadEvents.Left(run.number()));
        ProgramRun parent = workload.living.get(run.parent());
        if (parent != null && parent.children() == 0) {
            turn.wake(new Joining(parent.number()));
        }
    }

    /** How a result that is no success is called, or empty text for a success. */
    private static String errorOf(CallResult result) {
        if (result instanceof CallResult.Failed failed) {
            return failed.errno().name();
        } else if (result instanceof CallResult.Signal signal) {
            return signal.bus() ? "SIGBUS" : "SIGSEGV";
        } else if (result instanceof CallResult.Killed) {
            return result.toString();
        } else if (result instanceof CallResult.Unsupported unsupported) {
            return ExperimentResult.UNSUPPORTED + unsupported.what();
        }
        return "";
    }
}
