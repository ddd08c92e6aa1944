package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.ReceiveBuilder;
import akka.actor.typed.javadsl.TimerScheduler;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;

/** An incarnation of a machine with one lane. */
final class ColocatedRun extends MachineRun {
    private record Read(CommittedParts parts, Throwable failure) implements Message {}

    private record Changed(long branch, MachineChanges changes) implements Message {}

    private ColocatedRun(ActorContext<Message> context, TimerScheduler<Message> timers, Plan plan, long after, Behavior<JournalCommand> journal,
            ActorRef<JournaledMachine.Message> life) {
        super(context, timers, plan, after, journal, life);
    }

    /** @param after the incarnation before, if that was in the same life */
    static Behavior<Message> create(Plan plan, long after, Behavior<JournalCommand> journal, ActorRef<JournaledMachine.Message> life) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new ColocatedRun(context, timers, plan, after, journal, life)));
    }

    @Override
    ReceiveBuilder<Message> also(ReceiveBuilder<Message> builder) {
        return builder
                .onMessage(Read.class, read -> read.failure() != null ? cannotGoOn(read.failure()) : run(read.parts()))
                .onMessage(Changed.class, changed -> onChanged(changed.branch(), changed.changes()));
    }

    @Override
    Behavior<Message> resume(JournalCommand.Resumption from) {
        getContext().pipeToSelf(CommittedParts.read(getContext().getSystem(), plan, from.committed()), Read::new);
        return this;
    }

    private Behavior<Message> run(CommittedParts from) {
        MachineParts parts = from.parts();
        machine = getContext().spawn(plan.hosting().apply(parts), "machine");
        getContext().watch(machine);
        if (from.lanes() == 1) {
            machine.tell(new MachineMessage.AllCommitted());
        }
        return begin(parts.progress().tick(), from.nextTick());
    }

    @Override
    void takeChanges(long branchPoint) {
        machine.tell(new MachineMessage.Commit(getContext().messageAdapter(MachineChanges.class, changes -> new Changed(branchPoint, changes))));
    }

    private Behavior<Message> onChanged(long branch, MachineChanges changes) {
        journal.tell(new JournalCommand.Commit(incarnation, changes, branch, written));
        changed(changes.quiet(), changes.delivered());
        return this;
    }
}
