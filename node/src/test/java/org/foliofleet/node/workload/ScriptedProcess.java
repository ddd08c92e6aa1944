package org.foliofleet.node.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.foliofleet.node.local.LocalMachine;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;


/** A process without memory: writes down what is asked of it, and answers as it is told. */
final class ScriptedProcess extends Owner {
    private static final int PROCESSES = 200;

    private final transient Machine machine;
    private final transient List<String> log;
    private final transient BiFunction<String, Object, CallResult> answers;

    private ScriptedProcess(int number, Machine machine, List<String> log, BiFunction<String, Object, CallResult> answers) {
        super(new ProcessId(number));
        this.machine = machine;
        this.log = log;
        this.answers = answers;
    }

    /** A machine all of whose processes are scripted. */
    static SimulatedMachine machine(ExperimentSpec spec, MachineClass machines, int ordinal, List<String> log,
            BiFunction<String, Object, CallResult> answers) {
        List<Topology.Node> nodes = new ArrayList<>();
        for (int i = 0; i < machines.nodes().size(); i++) {
            nodes.add(new Topology.Node(machines.nodes().get(i).memoryPages(), 1, machines.distances().get(i), 0));
        }
        Machine machine = new Machine(new Topology(nodes), new KernelSettings());
        for (int number = 1; number <= PROCESSES; number++) {
            machine.add(new ScriptedProcess(number, machine, log, answers));
        }
        WorkloadPlan plan = WorkloadPlan.of(spec, machines, ordinal);
        machine.start(plan);
        return new LocalMachine(machine, plan, spec.stop());
    }

    private String time(Turn turn) {
        return machine.workload().nanos(turn.tick()) / 1000 + " ";
    }

    private String name() {
        Map<String, ProcessId> names = new TreeMap<>(machine.namespace().processes());
        return names.entrySet().stream().filter(entry -> entry.getValue().equals(id())).findFirst().orElseThrow().getKey();
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        if (command instanceof ProcessCommand.Begin begin) {
            turn.run(() -> {
                if (begin.parent() == null) {
                    log.add(time(turn) + name() + " on node " + begin.task().cpuNode());
                }
            });
            return null;
        }
        MemoryCall call = ((ProcessCommand.Execute) command).call();
        CallResult result = turn.step(() -> {
            log.add(time(turn) + name() + " " + call.getClass().getSimpleName());
            return answers.apply(name(), call);
        });
        if (call instanceof MemoryCall.Fork fork && result instanceof CallResult.Ok) {
            turn.ask(new NamespaceId(), new NamespaceCommand.AllocateProcess(fork.child()));
        }
        return result;
    }

    @Override
    protected void apply(Object event) {
        throw new IllegalStateException("a scripted process has no state");
    }
}
