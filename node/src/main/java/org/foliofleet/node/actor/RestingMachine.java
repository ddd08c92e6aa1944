package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.Behaviors;
import org.foliofleet.node.actor.JournaledMachine.Progress;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalFailure;
import org.foliofleet.node.journal.MachineJournal;

/** Says where a machine rests that nobody runs, and ends. */
public final class RestingMachine {
    private RestingMachine() {}

    /**
     * @param name     as in {@link JournaledMachine.Plan}
     * @param listener gets a {@link Progress.Paused}, of epoch 0 if nothing was ever committed, or why that is not known
     */
    public static Behavior<JournalCommand.Resumption> create(String name, ActorRef<Progress> listener) {
        return Behaviors.setup(context -> {
            ActorRef<JournalCommand> journal = context.spawn(MachineJournal.create(name), "journal");
            context.watch(journal);
            journal.tell(new JournalCommand.Look(context.getSelf()));
            return Behaviors.receive(JournalCommand.Resumption.class)
                    .onMessage(JournalCommand.Resumption.class, found -> {
                        JournalCommand.Committed last = found.committed();
                        listener.tell(last == null ? new Progress.Paused(0, 0, "") : new Progress.Paused(last.epoch(), last.tick(), last.digest()));
                        return Behaviors.stopped();
                    })
                    .onSignal(ChildFailed.class, failed -> {
                        JournalFailure failure = JournalFailure.of(failed.getCause());
                        listener.tell(failure.kind() == JournalFailure.Kind.DAMAGED
                                ? new Progress.Failed("machine " + name + ": its journal cannot be used: " + failure.reason())
                                : new Progress.Waiting(failure.reason()));
                        return Behaviors.stopped();
                    })
                    .onSignal(Terminated.class, ended -> {
                        listener.tell(new Progress.Waiting("its journal ended before it said where the machine rests"));
                        return Behaviors.stopped();
                    })
                    .build();
        });
    }
}
