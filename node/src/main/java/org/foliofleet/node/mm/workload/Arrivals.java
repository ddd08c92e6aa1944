package org.foliofleet.node.mm.workload;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.workload.Workload.Act;
import org.foliofleet.node.mm.workload.Workload.Arrive;
import org.foliofleet.node.mm.workload.Workload.Begin;
import org.foliofleet.node.mm.workload.Workload.BeginChild;
import org.foliofleet.node.mm.workload.Workload.Spawn;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.Cgroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.ProgramCursor;
import org.foliofleet.protocol.program.RandomStream;

/** How processes come to life: by groups, as their arrivals are drawn, or by a fork. */
final class Arrivals {
    /** When the next process of a group arrives, and how many draws that took since the group began. */
    private record Drawn(long nanos, long draws) {}

    private Arrivals() {}

    static Void begin(Workload workload, Begin begin, Turn turn) {
        WorkloadPlan plan = workload.plan();
        List<KernelControlId> control = new ArrayList<>();
        List<KernelControlCommand.Execute> creations = new ArrayList<>();
        for (FileObject file : plan.files()) {
            control.add(new KernelControlId());
            creations.add(new KernelControlCommand.Execute(creation(file)));
        }
        for (Cgroup cgroup : plan.cgroups()) {
            control.add(new KernelControlId());
            creations.add(new KernelControlCommand.Execute(new MachineCall.CreateCgroup(cgroup.name(), cgroup.maxPages())));
        }
        turn.askAll(control, creations);
        turn.run(() -> {
            List<ProcessGroup> groups = plan.groups();
            turn.emit(new WorkloadEvents.Began(plan.digest(), turn.tick(), (int) groups.stream().filter(group -> group.count() > 0).count()));
            for (int i = 0; i < groups.size(); i++) {
                if (groups.get(i).count() > 0) {
                    turn.send(workload.id(), new Arrive(i, 0, groups.get(i).arrival() instanceof Arrival.At at ? at.nanos() : 0, 0));
                }
            }
        });
        return null;
    }

    private static MachineCall creation(FileObject file) {
        if (file.device() != null) {
            return new MachineCall.CreateDevice(file.name(), file.pages(), file.device().kind(), file.device().order(), file.device().node());
        }
        return file.shmem() ? new MachineCall.CreateMemfd(file.name(), file.pages()) : new MachineCall.CreateFile(file.name(), file.pages());
    }

    static Void arrive(Workload workload, Arrive arrive, Turn turn) {
        WorkloadPlan plan = workload.plan();
        ProcessGroup group = plan.groups().get(arrive.group());
        RandomStream random = RandomStream.of(plan.seed(), "workload " + group.name(), plan.ordinal());
        Drawn drawn = turn.step(() -> draw(group, arrive, random.child(0)));
        turn.sleepUntil(turn.step(() -> workload.start + plan.ticks(drawn.nanos())));
        turn.run(() -> {
            ProgramRun run = born(workload, group, arrive.index(), random.child(arrive.index() + 1L), turn.tick());
            turn.emit(new WorkloadEvents.Born(run));
            turn.send(workload.id(), new Spawn(run.number(), plan.nodeOf(group, arrive.index()), group.cgroup()));
        });
        if (arrive.index() + 1 < group.count()) {
            return turn.continueAs(new Arrive(arrive.group(), arrive.index() + 1, drawn.nanos(), drawn.draws()));
        }
        turn.run(() -> turn.emit(new WorkloadEvents.GroupArrived()));
        return null;
    }

    private static Drawn draw(ProcessGroup group, Arrive arrive, RandomStream arrivals) {
        if (group.arrival() instanceof Arrival.Every every) {
            RandomStream next = RandomStream.restored(arrivals.key(), arrive.draws());
            long between = every.nanos().draw(scope(next));
            return new Drawn(arrive.nanos() + between, next.position());
        }
        return new Drawn(arrive.nanos(), 0);
    }

    private static ProgramRun born(Workload workload, ProcessGroup group, int index, RandomStream own, long tick) {
        long deadline = group.lifetime() == null ? ProgramRun.NEVER
                : tick + Math.max(1, workload.plan().ticks(group.lifetime().draw(scope(own.child(-1)))));
        String name = group.count() == 1 ? group.name() : group.name() + "-" + index;
        return new ProgramRun(workload.processes(), name, -1, deadline, null, ProgramCursor.start(group.program(), own).toPosition(), 0);
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

    static Void spawn(Workload workload, Spawn spawn, Turn turn) {
        String name = turn.step(() -> workload.living.get(spawn.process()).name());
        ProcessId id = turn.ask(new NamespaceId(), new NamespaceCommand.AllocateProcess(name));
        int cgroup = spawn.cgroup().isEmpty() ? Memcg.ROOT : turn.ask(new NamespaceId(), new NamespaceCommand.FindCgroup(spawn.cgroup()));
        turn.ask(id, new ProcessCommand.Begin(null, TaskContext.onNode(spawn.node()).withCgroup(cgroup)));
        turn.run(() -> turn.emit(new WorkloadEvents.Begun(spawn.process(), id)));
        return turn.continueAs(new Act(spawn.process()));
    }

    static Void beginChild(Workload workload, BeginChild child, Turn turn) {
        turn.sleepUntil(child.tick());
        String name = turn.step(() -> workload.living.get(child.process()).name());
        ProcessId id = turn.ask(new NamespaceId(), new NamespaceCommand.FindProcess(name));
        turn.run(() -> turn.emit(new WorkloadEvents.Begun(child.process(), id)));
        return turn.continueAs(new Act(child.process()));
    }
}
