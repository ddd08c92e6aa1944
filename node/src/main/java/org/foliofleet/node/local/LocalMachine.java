package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.SimulatedMachine;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** A {@link Machine} whose processes run programs: knows which process waits for which answer. */
final class LocalMachine implements SimulatedMachine {
    /** An operation on the whole machine; it is done between two ticks. */
    private record Operation(String process, CallResult result) {}

    private final Machine machine;
    private final Map<String, ProcessId> spawned = new HashMap<>();
    private final Map<Long, String> callers = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();

    LocalMachine(Machine machine) {
        this.machine = machine;
    }

    @Override
    public void spawn(String process, int node) {
        spawned.put(process, machine.spawn(process, TaskContext.onNode(node)));
    }

    @Override
    public void submit(String process, MemoryCall call) {
        ProcessId id = spawned.computeIfAbsent(process, machine.namespace()::process);
        callers.put(machine.submit(id, new ProcessCommand.Execute(call)), process);
        if (call instanceof MemoryCall.Exit) {
            spawned.remove(process);
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

    @Override
    public long nextTick() {
        return machine.isQuiet() ? Long.MAX_VALUE : machine.nextTick();
    }

    @Override
    public boolean isQuiet() {
        return machine.isQuiet() && operations.isEmpty();
    }

    @Override
    public void execute(long tick, Listener listener) {
        machine.execute(tick);
        List<Operation> done = new ArrayList<>(operations);
        operations.clear();
        done.forEach(operation -> listener.completed(operation.process, operation.result, 0));
        machine.drainAnswers((number, answer, cost) ->
                listener.completed(callers.remove(number), (CallResult) answer, cost));
    }

    @Override
    public MetricValues metrics() {
        return MachineMetrics.of(machine);
    }

    @Override
    public String digest() {
        return machine.digest();
    }
}
