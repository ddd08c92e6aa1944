package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.JournalFailure;
import org.foliofleet.node.journal.MachineJournal;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;

/**
 * A machine that goes on after a crash: runs it epoch by epoch, from its last commit or from its beginning, until nothing is
 * under way. The next epoch runs while the last is being written, and is not committed before that.
 */
public final class JournaledMachine extends AbstractBehavior<JournaledMachine.Message> {
    /** What it hears. */
    public sealed interface Message {}

    /** Ends it at once, whatever it is doing; it can go on later. */
    public record Stop() implements Message {}

    private record Resumed(JournalCommand.ResumeReply reply) implements Message {}

    private record Ran(RunReport report) implements Message {}

    private record Changed(MachineChanges changes) implements Message {}

    private record Replied(JournalCommand.CommitReply reply) implements Message {}

    /** What it tells. */
    public sealed interface Progress {
        /** It goes on from there; epoch 0 is the beginning. */
        record WentOn(long epoch, long tick, long incarnation) implements Progress {}

        /** An epoch will be there after any crash. */
        record Epoch(long epoch, long tick, String digest) implements Progress {}

        /** Nothing is under way any more, and that is committed. */
        record Finished(long tick, String digest) implements Progress {}

        /** The machine does not go on. */
        record Failed(String reason) implements Progress {}
    }

    /**
     * How a machine is run.
     *
     * @param name       names the machine among all of the database
     * @param start      makes the machine, if the journal knows nothing of it
     * @param resume     gives a machine of the journal what is not in it, such as the programs of its experiment
     * @param hosting    {@link MachineActor#create} or {@link MachineClock#create}
     * @param epochTicks ticks from commit to commit; results do not depend on it
     */
    public record Plan(String name, Supplier<MachineParts> start, UnaryOperator<MachineParts> resume,
            Function<MachineParts, Behavior<MachineMessage>> hosting, long epochTicks) {}

    private final Plan plan;
    private final ActorRef<Progress> listener;
    private final ActorRef<JournalCommand> journal;
    private ActorRef<MachineMessage> machine;
    private long incarnation;
    /** The next in which anybody is due. */
    private long nextTick;
    private boolean writing;
    /** Changes that wait until those before are written. */
    private MachineChanges next;

    private JournaledMachine(ActorContext<Message> context, Plan plan, ActorRef<Progress> listener) {
        super(context);
        this.plan = plan;
        this.listener = listener;
        journal = context.spawn(MachineJournal.create(plan.name()), "journal");
        context.watch(journal);
        journal.tell(new JournalCommand.Resume(JournalCommand.Resume.WHOEVER,
                context.messageAdapter(JournalCommand.ResumeReply.class, Resumed::new)));
    }

    public static Behavior<Message> create(Plan plan, ActorRef<Progress> listener) {
        return Behaviors.setup(context -> new JournaledMachine(context, plan, listener));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Resumed.class, resumed -> onResumed(resumed.reply()))
                .onMessage(Ran.class, ran -> onRan(ran.report()))
                .onMessage(Changed.class, changed -> onChanged(changed.changes()))
                .onMessage(Replied.class, replied -> onReplied(replied.reply()))
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(ChildFailed.class, this::onChildFailed)
                .build();
    }

    private Behavior<Message> fail(String reason) {
        listener.tell(new Progress.Failed(reason));
        return Behaviors.stopped();
    }

    private Behavior<Message> onChildFailed(ChildFailed child) {
        String what = child.getRef().equals(journal) ? "its journal cannot be used: " + JournalFailure.explain(child.getCause())
                : "its actor failed: " + child.getCause();
        return fail("machine " + plan.name() + ": " + what);
    }

    private Behavior<Message> onResumed(JournalCommand.ResumeReply reply) {
        if (!(reply instanceof JournalCommand.Resumption resumption)) {
            return fail("machine " + plan.name() + " is run elsewhere");
        }
        incarnation = resumption.incarnation();
        Committed committed = resumption.committed();
        MachineParts parts;
        try {
            parts = committed == null ? plan.start().get() : plan.resume().apply(verified(committed));
        } catch (RuntimeException e) {
            return fail("machine " + plan.name() + " cannot go on from its journal: " + e.getMessage());
        }
        listener.tell(new Progress.WentOn(committed == null ? 0 : committed.epoch(), parts.progress().tick(), incarnation));
        if (committed != null && committed.quiet()) {
            return finish(committed.tick(), committed.digest());
        }
        machine = getContext().spawn(plan.hosting().apply(parts), "machine");
        getContext().watch(machine);
        nextTick = parts.messages().stream().mapToLong(Due::tick).min().orElse(parts.progress().tick() + 1);
        runEpoch();
        return this;
    }

    private static MachineParts verified(Committed committed) {
        MachineParts parts = committed.rows().toParts();
        String digest = new Machine(parts).digest();
        if (!digest.equals(committed.digest())) {
            throw new JournalDamage("after epoch " + committed.epoch() + " the digest must be " + committed.digest() + ", but is " + digest);
        }
        return parts;
    }

    private Behavior<Message> finish(long tick, String digest) {
        listener.tell(new Progress.Finished(tick, digest));
        return Behaviors.stopped();
    }

    /** To the end of the epoch in which anybody is due next. */
    private void runEpoch() {
        long until = nextTick - nextTick % plan.epochTicks() + plan.epochTicks() - 1;
        machine.tell(new MachineMessage.Run(until, getContext().messageAdapter(RunReport.class, Ran::new)));
    }

    private Behavior<Message> onRan(RunReport report) {
        if (report instanceof RunReport.Failed failed) {
            return fail("machine " + plan.name() + ": " + failed.cause().getMessage());
        }
        nextTick = report instanceof RunReport.Reached reached ? reached.nextTick() : nextTick;
        machine.tell(new MachineMessage.Commit(getContext().messageAdapter(MachineChanges.class, Changed::new)));
        return this;
    }

    private Behavior<Message> onChanged(MachineChanges changes) {
        if (writing) {
            next = changes;
        } else {
            write(changes);
        }
        return this;
    }

    private void write(MachineChanges changes) {
        writing = true;
        journal.tell(new JournalCommand.Commit(incarnation, changes, getContext().messageAdapter(JournalCommand.CommitReply.class, Replied::new)));
        if (!changes.quiet()) {
            runEpoch();
        }
    }

    private Behavior<Message> onReplied(JournalCommand.CommitReply reply) {
        if (!(reply instanceof Written written)) {
            return fail("machine " + plan.name() + " is run elsewhere: a later incarnation than " + incarnation + " has begun");
        }
        writing = false;
        listener.tell(new Progress.Epoch(written.epoch(), written.tick(), written.digest()));
        if (written.quiet()) {
            return finish(written.tick(), written.digest());
        }
        if (next != null) {
            MachineChanges changes = next;
            next = null;
            write(changes);
        }
        return this;
    }
}
