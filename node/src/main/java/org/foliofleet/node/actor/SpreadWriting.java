package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.ChildFailed;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.journal.JournalCommand;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalCommand.LaneResumed;
import org.foliofleet.node.journal.MachineJournal;
import org.foliofleet.node.journal.PreparedLane;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.machine.OwnerRow;

/**
 * Commits a machine as it is in another number of lanes, without running it: every lane of then begins with all of its
 * owners. It has all their journals while it does.
 */
final class SpreadWriting extends AbstractBehavior<SpreadWriting.Message> {
    /** What it hears. */
    sealed interface Message {}

    /** @param failure null if the machine is spread */
    record Done(Throwable failure) {}

    private record Read(CommittedParts machine, Throwable failure) implements Message {}

    private record LaneBegins(int lane) implements Message {}

    private record Replied(int lane, JournalCommand.CommitReply reply) implements Message {}

    private final Plan plan;
    private final long incarnation;
    private final long epoch;
    private final List<ActorRef<JournalCommand>> journals = new ArrayList<>();
    private final ActorRef<Done> listener;
    private final PreparedLane[] prepared;
    private List<MachineParts> lanes;
    private List<LaneSeal> seals;

    private SpreadWriting(ActorContext<Message> context, Plan plan, long incarnation, Committed from, ActorRef<JournalCommand> first,
            ActorRef<Done> listener) {
        super(context);
        this.plan = plan;
        this.incarnation = incarnation;
        this.listener = listener;
        epoch = from == null ? 0 : from.epoch();
        journals.add(first);
        prepared = new PreparedLane[plan.spread().lanes()];
        context.pipeToSelf(CommittedParts.read(context.getSystem(), plan, from), Read::new);
    }

    /**
     * @param from  the last commit, null if there is none
     * @param first journal of the first lane, which has resumed
     */
    static Behavior<Message> create(Plan plan, long incarnation, Committed from, ActorRef<JournalCommand> first, ActorRef<Done> listener) {
        return Behaviors.setup(context -> new SpreadWriting(context, plan, incarnation, from, first, listener));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Read.class, this::onRead)
                .onMessage(LaneBegins.class, lane -> prepare(lane.lane()))
                .onMessage(Replied.class, replied -> onReplied(replied.lane(), replied.reply()))
                .onSignal(ChildFailed.class, child -> {
                    listener.tell(new Done(child.getCause()));
                    return this;
                })
                .build();
    }

    private Behavior<Message> onRead(Read read) {
        if (read.failure() != null) {
            listener.tell(new Done(read.failure()));
            return this;
        }
        lanes = read.machine().parts().split(new Lanes(plan.spread().lanes()));
        seals = new ArrayList<>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            seals.add(LaneSeal.of(lane, lanes.get(lane)));
        }
        for (int lane = 1; lane < lanes.size(); lane++) {
            int number = lane;
            ActorRef<JournalCommand> journal = getContext().spawn(MachineJournal.create(plan.name(), lane, plan.history()), "journal-" + lane);
            journals.add(journal);
            ActorRef<LaneResumed> begun = getContext().spawnAnonymous(forward(resumed -> new LaneBegins(number)));
            journal.tell(new JournalCommand.ResumeLane(incarnation, epoch, null, begun));
            getContext().watch(journal);
        }
        return prepare(0);
    }

    private <T> Behavior<T> forward(Function<T, Message> wrapper) {
        ActorRef<Message> self = getContext().getSelf();
        return Behaviors.receiveMessage(message -> {
            self.tell(wrapper.apply(message));
            return Behaviors.same();
        });
    }

    private Behavior<Message> prepare(int lane) {
        MachineParts parts = lanes.get(lane);
        List<OwnerRow> rows = new ArrayList<>(parts.owners().size());
        for (Owner owner : parts.owners()) {
            rows.add(new OwnerRow(owner.key(), OwnerImage.write(owner)));
        }
        rows.sort(Comparator.comparingLong(OwnerRow::owner));
        ActorRef<JournalCommand.CommitReply> reply = getContext().spawnAnonymous(forward(answer -> new Replied(lane, answer)));
        journals.get(lane).tell(new JournalCommand.Prepare(incarnation, MachineChanges.of(parts, "", true, rows, List.of()),
                LaneHost.digest(seals.get(lane)), 0, reply));
        return this;
    }

    private Behavior<Message> onReplied(int lane, JournalCommand.CommitReply reply) {
        if (reply instanceof JournalCommand.Written) {
            listener.tell(new Done(null));
        } else if (reply instanceof JournalCommand.Prepared part) {
            prepared[lane] = part.seal();
            commitIfPrepared();
        } else {
            throw new IllegalStateException("lane " + lane + " is refused: " + reply);
        }
        return this;
    }

    private void commitIfPrepared() {
        List<PreparedLane> all = new ArrayList<>();
        for (PreparedLane each : prepared) {
            if (each == null) {
                return;
            }
            all.add(each);
        }
        MachineParts first = lanes.get(0);
        ActorRef<JournalCommand.CommitReply> reply = getContext().spawnAnonymous(forward(answer -> new Replied(0, answer)));
        journals.get(0).tell(new JournalCommand.CommitLanes(incarnation, first.progress().tick(), lanes.stream().allMatch(lane ->
                lane.messages().isEmpty()), LaneSeal.digest(seals, first), all, 0, reply));
    }
}
