package org.foliofleet.node.cluster;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import java.time.Duration;
import java.util.function.Function;
import org.foliofleet.node.actor.JournaledMachine;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.actor.MachineActor;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.actor.MachineMessage;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mechanism.Everything;
import org.foliofleet.node.mechanism.Mechanism;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * A JVM that runs the machines of {@link Everything} on a journal, and tells what was under way where they went on, each commit, and how
 * they end. The database is in its environment. Arguments: seed, rounds, {@code owner} or {@code machine}, and of each class the last tick
 * before its one commit, or -1: as many as it likes.
 */
final class MechanismsRun {
    private static final long FREE_EPOCH = 1000;

    private MechanismsRun() {}

    public static void main(String[] arguments) {
        Told.endWithParent(order -> { });
        Config config = JournalDatabase.open(DatabaseAddress.ofEnvironment(System.getenv())).config();
        long seed = Long.parseLong(arguments[0]);
        ExperimentSpec spec = Everything.spec(seed, Integer.parseInt(arguments[1]));
        boolean owners = arguments[2].equals("owner");
        ActorSystem.create(Behaviors.setup(context -> {
            for (int i = 0; i < spec.machines().size(); i++) {
                MachineClass machines = spec.machines().get(i);
                ActorRef<Progress> listener = context.spawnAnonymous(Behaviors.receiveMessage(progress -> {
                    tell(machines.name(), progress);
                    return Behaviors.same();
                }));
                context.spawnAnonymous(JournaledMachine.create(plan(spec, machines, owners, Long.parseLong(arguments[3 + i])), listener));
            }
            return Behaviors.empty();
        }), "mechanisms", config);
    }

    private static Plan plan(ExperimentSpec spec, MachineClass machines, boolean owners, long cut) {
        Pacer pacer = new Pacer();
        pacer.permit(cut < 0 ? Long.MAX_VALUE : 1);
        Function<MachineParts, Behavior<MachineMessage>> hosting = owners
                ? parts -> MachineClock.create(parts, Duration.ofSeconds(30)) : MachineActor::create;
        WorkloadPlan plan = WorkloadPlan.of(spec, machines, 0);
        return new Plan("mechanisms/" + machines.name() + "/" + spec.seed(), () -> new LocalHost().boot(spec, machines, 0).parts(), parts -> {
            Told.tell(machines.name() + " underway " + Mechanism.underWay(parts));
            return parts.resume(plan);
        }, parts -> pacer.pace(hosting.apply(parts)), StopRule.of(spec.stop(), plan), cut < 0 ? FREE_EPOCH : cut + 1, 0);
    }

    private static void tell(String machine, Progress progress) {
        if (progress instanceof Progress.Epoch) {
            Told.tell(machine + " epoch");
        } else if (progress instanceof Progress.Finished finished) {
            Told.tell(machine + " finished " + finished.tick() + " " + finished.digest());
        } else if (progress instanceof Progress.Failed failed) {
            Told.tell(machine + " failed " + failed.reason());
        } else if (progress instanceof Progress.SteppedBack back) {
            Told.tell(machine + " failed " + back.cause());
        }
    }
}
