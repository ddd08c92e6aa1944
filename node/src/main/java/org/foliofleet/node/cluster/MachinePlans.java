package org.foliofleet.node.cluster;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.JournaledMachine;
import org.foliofleet.node.actor.MachineActor;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.actor.MachineMessage;
import org.foliofleet.node.actor.SpreadLanes;
import org.foliofleet.node.journal.BranchPoints;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.LaneRows;
import org.foliofleet.node.journal.RowSet;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/** Makes of orders what is to run. Many machines of a JVM have the same source, which is read once. */
final class MachinePlans {
    /** Experiments of which this JVM is likely to run machines at the same time. */
    private static final int SOURCES_KEPT = 8;
    /** How long an owner may take for a turn: full collections of large heaps take many seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ActorSystem<?> system;
    private final Duration lanePatience;
    private final Map<ExperimentSource, ExperimentSpec> specs = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ExperimentSource, ExperimentSpec> eldest) {
            return size() > SOURCES_KEPT;
        }
    };

    MachinePlans(ActorSystem<?> system) {
        this.system = system;
        lanePatience = system.settings().config().getDuration("foliofleet.cluster.lane-patience");
    }

    /**
     * A machine that can be run.
     *
     * @param tickNanos      simulated length of a tick
     * @param mostReferences that a large folio can have
     */
    record Loaded(JournaledMachine.Plan plan, long tickNanos, long mostReferences) {
        /** Simulated time at the end of a tick; a little too much where it is not known when the programs began. */
        long nanos(long tick, WorkloadStatus programs) {
            return programs.start() < 0 ? tick * tickNanos : programs.nanos(tick, tickNanos);
        }
    }

    /** @throws BadInput if the source is not usable, or has no such machine */
    Loaded load(MachineName name, ExperimentSource source, Execution execution) {
        ExperimentSpec spec = spec(source);
        MachineClass machines = spec.machines().stream().filter(each -> each.name().equals(name.machineClass())).findFirst()
                .orElseThrow(() -> new BadInput(source.name() + ": has no machine class " + name.machineClass()));
        if (name.ordinal() < 0 || name.ordinal() >= machines.count()) {
            throw new BadInput(source.name() + ": machine class " + machines.name() + " has " + machines.count() + " machines, from 0");
        }
        WorkloadPlan workload = WorkloadPlan.of(spec, machines, name.ordinal());
        SpreadLanes spread = execution.lanes() == 1 ? null
                : new SpreadLanes(execution.lanes(), lanePatience, (lane, order) -> LaneEntity.of(system, name.toString(), lane).tell(order));
        return new Loaded(new JournaledMachine.Plan(name.toString(), () -> start(spec, machines, name, source.origin()),
                parts -> parts.resume(workload), hosting(execution), StopRule.of(spec.stop(), workload), execution.epochTicks(),
                execution.commitMillis(), execution.branchEvery(), execution.history(), spread), spec.tickNanos(), machines.policies().mostReferences());
    }

    /** At the beginning of its programs, or where another experiment has a branch point. */
    private MachineParts start(ExperimentSpec spec, MachineClass machines, MachineName name, ExperimentSource.Origin origin) {
        return origin == null ? new LocalHost().boot(spec, machines, name.ordinal()).parts() : branch(spec, machines, name, origin);
    }

    private MachineParts branch(ExperimentSpec spec, MachineClass machines, MachineName name, ExperimentSource.Origin origin) {
        JournalDatabase database = JournalDatabase.of(system.settings().config());
        String from = new MachineName(origin.experiment(), name.machineClass(), name.ordinal()).toString();
        JournalCommand.Committed point = BranchPoints.read(database, from, origin.epoch());
        if (point == null) {
            throw new BadInput("machine " + from + " has no branch point " + origin.epoch());
        }
        List<RowSet> lanes = LaneRows.read(database, from, point.lanes());
        MachineParts parts = MachineParts.join(lanes.stream().map(RowSet::toParts).toList());
        parts.resume(WorkloadPlan.of(spec, machines, name.ordinal()));
        return new MachineParts(parts.topology(), LocalHost.withPolicies(parts.settings(), machines), parts.progress(), parts.owners(),
                parts.messages(), parts.answers());
    }

    private static Function<MachineParts, Behavior<MachineMessage>> hosting(Execution execution) {
        return execution.hosting() == Hosting.MACHINE ? parts -> MachineActor.create(parts, EventSink.journaled(execution.history()))
                : parts -> MachineClock.create(parts, PATIENCE, EventSink.journaled(execution.history()));
    }

    private synchronized ExperimentSpec spec(ExperimentSource source) {
        return specs.computeIfAbsent(source, ExperimentSource::load);
    }
}
