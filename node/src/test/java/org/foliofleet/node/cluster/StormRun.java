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
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * A JVM that runs storms on a journal, one machine for each seed, and tells how they get on; it hears how many commits it may make. The database is in its
 * environment. Arguments: rounds, {@code owner} or {@code machine}, seeds with a slash and the ticks of an epoch.
 */
final class StormRun {
    private static final Pacer PACER = new Pacer();

    private StormRun() {}

    public static void main(String[] arguments) {
        Told.endWithParent(order -> PACER.permit(Long.parseLong(order)));
        Config config = JournalDatabase.open(DatabaseAddress.ofEnvironment(System.getenv())).config();
        int rounds = Integer.parseInt(arguments[0]);
        boolean owners = arguments[1].equals("owner");
        ActorSystem.create(Behaviors.setup(context -> {
            for (int i = 2; i < arguments.length; i++) {
                String[] machine = arguments[i].split("/");
                long seed = Long.parseLong(machine[0]);
                long epochTicks = Long.parseLong(machine[1]);
                ActorRef<Progress> listener = context.spawnAnonymous(Behaviors.receiveMessage(progress -> {
                    Told.tell(seed + " " + line(progress));
                    return Behaviors.same();
                }));
                context.spawnAnonymous(JournaledMachine.create(plan(seed, rounds, owners, epochTicks), listener));
            }
            return Behaviors.empty();
        }), "storms", config);
    }

    private static Plan plan(long seed, int rounds, boolean owners, long epochTicks) {
        ExperimentSpec spec = Storm.spec(seed, rounds);
        MachineClass machines = spec.machines().get(0);
        Function<MachineParts, Behavior<MachineMessage>> hosting = owners
                ? parts -> MachineClock.create(parts, Duration.ofSeconds(30)) : MachineActor::create;
        return new Plan("storm/host/" + seed, () -> new LocalHost().boot(spec, machines, 0).parts(), parts -> {
            Told.tell(seed + " underway " + UnderWay.of(parts));
            return parts.resume(WorkloadPlan.of(spec, machines, 0));
        }, parts -> PACER.pace(hosting.apply(parts)), epochTicks, 0);
    }

    private static String line(Progress progress) {
        if (progress instanceof Progress.WentOn on) {
            return "wenton " + on.epoch() + " " + on.tick() + " " + on.incarnation();
        } else if (progress instanceof Progress.Epoch epoch) {
            return "epoch " + epoch.epoch() + " " + epoch.tick() + " " + epoch.digest();
        } else if (progress instanceof Progress.Finished finished) {
            return "finished " + finished.tick() + " " + finished.digest();
        }
        return progress instanceof Progress.Failed failed ? "failed " + failed.reason()
                : progress instanceof Progress.Waiting waiting ? "waiting " + waiting.cause()
                : progress instanceof Progress.SteppedBack back ? "steppedback " + back.cause() : "failed unexpectedly: " + progress;
    }
}
