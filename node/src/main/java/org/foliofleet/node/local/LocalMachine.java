package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.SimulatedMachine;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** A {@link Machine} whose processes run programs: keeps what was asked of it until the answer comes. */
final class LocalMachine implements SimulatedMachine {
    /** What an answer will be about. */
    private enum Asked { NUMBER, BEGIN, CALL }

    private record Question(Asked what, String process, int node) {}

    /** An operation on the whole machine; done between two ticks. */
    private record Operation(String process, CallResult result) {}

    private final Machine machine;
    private final Map<Long, Question> questions = new LinkedHashMap<>();
    /** Calls of processes that are still being brought to life. */
    private final Map<String, MemoryCall> early = new HashMap<>();
    private final Map<String, Integer> unborn = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private long now;

    LocalMachine(Machine machine) {
        this.machine = machine;
    }

    @Override
    public void spawn(String process, int node) {
        unborn.put(process, node);
        ask(new NamespaceId(), new NamespaceCommand.AllocateProcess(process), new Question(Asked.NUMBER, process, node));
    }

    @Override
    public void submit(String process, MemoryCall call) {
        if (unborn.containsKey(process)) {
            early.put(process, call);
        } else {
            ask(machine.namespace().process(process), new ProcessCommand.Execute(call),
                    new Question(Asked.CALL, process, 0));
        }
    }

    @Override
    public void submit(String process, MachineCall call) {
        operations.add(new Operation(process, operate(call)));
    }

    private CallResult operate(MachineCall call) {
        if (call instanceof MachineCall.Set set) {
            try {
                machine.settings(machine.settings().with(set.key(), set.value()));
                return CallResult.OK;
            } catch (IllegalArgumentException e) {
                return new CallResult.Unsupported(e.getMessage());
            }
        }
        return new CallResult.Unsupported(call.getClass().getSimpleName());
    }

    private void ask(OwnerId owner, Command<?> command, Question question) {
        questions.put(machine.submit(owner, command), question);
    }

    @Override
    public long nextTick() {
        return isQuiet() ? Long.MAX_VALUE : now + 1;
    }

    @Override
    public boolean isQuiet() {
        return machine.isQuiet() && operations.isEmpty();
    }

    @Override
    public void advanceTo(long tick) {
        now = tick;
        machine.runUntil(tick - 1);
    }

    @Override
    public void execute(Listener listener) {
        machine.runUntil(now);
        List<Operation> done = new ArrayList<>(operations);
        operations.clear();
        done.forEach(operation -> listener.completed(operation.process, operation.result, 0));
        for (Map.Entry<Long, Question> entry : new ArrayList<>(questions.entrySet())) {
            long number = entry.getKey();
            long cost = machine.cost(number);
            Object answer = machine.takeAnswer(number);
            if (answer != null) {
                questions.remove(number);
                answered(entry.getValue(), answer, cost, listener);
            }
        }
    }

    private void answered(Question question, Object answer, long cost, Listener listener) {
        String process = question.process;
        switch (question.what) {
            case NUMBER -> ask((ProcessId) answer, new ProcessCommand.Begin(null, question.node),
                    new Question(Asked.BEGIN, process, question.node));
            case BEGIN -> {
                unborn.remove(process);
                MemoryCall call = early.remove(process);
                if (call != null) {
                    submit(process, call);
                }
            }
            case CALL -> listener.completed(process, (CallResult) answer, cost);
        }
    }

    @Override
    public MetricValues metrics() {
        return MachineMetrics.of(machine);
    }

    @Override
    public String digest() {
        return StateSum.of(machine);
    }
}
