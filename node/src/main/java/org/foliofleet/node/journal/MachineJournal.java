package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.Recovery;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.foliofleet.node.journal.JournalCommand.CommitReply;
import org.foliofleet.node.journal.JournalCommand.LaneResumed;
import org.foliofleet.node.journal.JournalCommand.Prepared;
import org.foliofleet.node.journal.JournalCommand.Refused;
import org.foliofleet.node.journal.JournalCommand.Resumption;
import org.foliofleet.node.journal.JournalCommand.Written;
import org.foliofleet.node.journal.JournalInternal.Deleted;
import org.foliofleet.node.journal.JournalInternal.LaneRead;
import org.foliofleet.node.journal.JournalInternal.MachineRead;
import org.foliofleet.node.journal.JournalInternal.NotRead;
import org.foliofleet.node.journal.JournalInternal.Seen;
import org.foliofleet.node.journal.JournalInternal.WriteOn;
import org.foliofleet.node.journal.JournalRecord.BranchPoint;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.Position;
import org.foliofleet.node.journal.JournalRecord.Resumed;
import org.foliofleet.node.mm.machine.MachineChanges;

/**
 * The journal of a lane of a machine: one atomic write for every epoch, and the state of the last to go on with.
 *
 * <p>What is written is read by {@link JournalReader} when it is asked to resume, from the last whole image on, and given
 * away: the actor keeps no state of owners. So Akka's own recovery, which reads every row there is, is left out.
 */
public final class MachineJournal extends EventSourcedBehavior<JournalCommand, JournalRecord, JournalState> {
    private final ActorContext<JournalCommand> context;
    private final LaneId lane;
    private final boolean history;
    private final JournalDatabase database;
    private final Executor blocking;
    private final SleepGuard guard;
    /** How often this JVM had stood still when this one went on with the machine; negative if that does not matter. */
    private long sleeps = -1;
    private boolean deleting;
    private long deletedBefore;
    /** Of the commit from which it went on. */
    private int lanesBefore;

    private MachineJournal(ActorContext<JournalCommand> context, LaneId lane, boolean history) {
        super(PersistenceId.ofUniqueId(lane.persistenceId()));
        this.context = context;
        this.lane = lane;
        this.history = history;
        database = JournalDatabase.of(context.getSystem().settings().config());
        blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        guard = SignsOfLife.of(context.getSystem());
    }

    /** Of a machine with one lane, of which no more than is needed is kept. @param machine names it among all of the database */
    public static Behavior<JournalCommand> create(String machine) {
        return create(machine, 0, false);
    }

    /**
     * Of a lane.
     *
     * @param machine names it among all machines of the database
     * @param lane    number of the lane, from 0
     * @param history whether nothing is ever deleted
     */
    public static Behavior<JournalCommand> create(String machine, int lane, boolean history) {
        // Whoever started it is told what it failed of, and says what is to be said.
        return Behaviors.supervise(Behaviors.<JournalCommand>setup(context -> new MachineJournal(context, new LaneId(machine, lane), history)))
                .onFailure(Exception.class, SupervisorStrategy.stop().withLoggingEnabled(false));
    }

    @Override
    public JournalState emptyState() {
        return JournalState.BEFORE;
    }

    @Override
    public Recovery recovery() {
        return Recovery.disabled();
    }

    @Override
    public EventHandler<JournalState, JournalRecord> eventHandler() {
        return JournalState::apply;
    }

    @Override
    public CommandHandler<JournalCommand, JournalRecord, JournalState> commandHandler() {
        return newCommandHandlerBuilder().forAnyState()
                .onCommand(JournalCommand.Resume.class, this::resume)
                .onCommand(JournalCommand.Look.class, this::look)
                .onCommand(Seen.class, this::seen)
                .onCommand(JournalCommand.ResumeLane.class, this::resumeLane)
                .onCommand(MachineRead.class, this::machineRead)
                .onCommand(LaneRead.class, this::laneRead)
                .onCommand(NotRead.class, this::notRead)
                .onCommand(JournalCommand.Commit.class, this::commit)
                .onCommand(JournalCommand.Prepare.class, this::prepare)
                .onCommand(JournalCommand.CommitLanes.class, this::commitLanes)
                .onCommand(WriteOn.class, this::writeOn)
                .onCommand(JournalInternal.DeleteOld.class, (state, old) -> deleteOld(state))
                .onCommand(Deleted.class, this::deleted)
                .build();
    }

    // -- going on ------------------------------------------------------------------------------------------------

    private Effect<JournalRecord, JournalState> resume(JournalCommand.Resume resume) {
        return read(reader -> reader.machine(lastSequenceNumber(context)), last -> new MachineRead(last, resume));
    }

    private Effect<JournalRecord, JournalState> look(JournalCommand.Look look) {
        return read(reader -> reader.machine(lastSequenceNumber(context)), last -> new Seen(last, look.replyTo()));
    }

    private Effect<JournalRecord, JournalState> resumeLane(JournalCommand.ResumeLane resume) {
        return read(reader -> reader.lane(resume.seal(), resume.epoch(), lastSequenceNumber(context)), read -> new LaneRead(resume, read));
    }

    /** Something to be read. */
    @FunctionalInterface
    private interface Reading<T> {
        T from(JournalReader reader) throws SQLException;
    }

    private <T> Effect<JournalRecord, JournalState> read(Reading<T> reading, Function<T, JournalInternal> then) {
        context.pipeToSelf(async(() -> {
            try (JournalReader reader = new JournalReader(database, lane)) {
                return reading.from(reader);
            }
        }), (result, failure) -> failure == null ? then.apply(result) : new NotRead(failure));
        return Effect().none();
    }

    private <T> CompletableFuture<T> async(Callable<T> work) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return work.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }, blocking);
    }

    private Effect<JournalRecord, JournalState> notRead(NotRead failure) {
        throw new IllegalStateException(lane + ": its journal cannot be read", failure.cause());
    }

    private Effect<JournalRecord, JournalState> machineRead(MachineRead read) {
        JournalReader.Last last = read.last();
        long after = read.resume().after();
        if (after != JournalCommand.Resume.WHOEVER && after != last.incarnation()) {
            read.resume().replyTo().tell(new Refused(last.incarnation()));
            return Effect().none();
        }
        lanesBefore = last.committed() == null ? 0 : last.committed().lanes().size();
        return persist(List.of(new Resumed(last.incarnation() + 1, last.position())),
                () -> {
                    hasResumed();
                    read.resume().replyTo().tell(new Resumption(last.incarnation() + 1, last.committed()));
                });
    }

    private Effect<JournalRecord, JournalState> seen(Seen seen) {
        seen.replyTo().tell(new Resumption(seen.last().incarnation(), seen.last().committed()));
        return Effect().none();
    }

    private Effect<JournalRecord, JournalState> laneRead(LaneRead read) {
        JournalReader.Lane found = read.lane();
        if (found.incarnation() >= read.resume().incarnation()) {
            throw new JournalRefusal(lane + " is in incarnation " + found.incarnation() + " already, " + read.resume().incarnation()
                    + " is over");
        }
        return persist(List.of(new Resumed(read.resume().incarnation(), found.position())),
                () -> {
                    hasResumed();
                    read.resume().replyTo().tell(new LaneResumed(found.rows()));
                });
    }

    // -- writing -------------------------------------------------------------------------------------------------

    /** A file is locked by this JVM, however long it stands still; and who only goes on finds out by writing that. */
    private void hasResumed() {
        sleeps = database.address().isFile() ? -1 : guard.sleeps();
    }

    private Effect<JournalRecord, JournalState> persist(List<JournalRecord> records, Runnable then) {
        if (sleeps >= 0) {
            guard.requireAwakeSince(sleeps);
        }
        return Effect().persist(records).thenRun(after -> then.run());
    }

    private Effect<JournalRecord, JournalState> commit(JournalState state, JournalCommand.Commit commit) {
        MachineChanges changes = commit.changes();
        return write(state, commit.incarnation(), changes, null, commit.branch(), commit.replyTo(),
                end -> new Written(end.epoch(), changes.tick(), changes.quiet(), changes.digest()));
    }

    private Effect<JournalRecord, JournalState> prepare(JournalState state, JournalCommand.Prepare prepare) {
        return write(state, prepare.incarnation(), prepare.changes(), prepare.digest(), prepare.branch(), prepare.replyTo(),
                end -> new Prepared(end.epoch(), end.seal()));
    }

    /** @param digest of the lane; null if the machine has no other */
    private Effect<JournalRecord, JournalState> write(JournalState state, long incarnation, MachineChanges changes, String digest, long branch,
            ActorRef<CommitReply> replyTo, Function<EpochWrite, CommitReply> reply) {
        if (incarnation != state.incarnation()) {
            replyTo.tell(new Refused(state.incarnation()));
            return Effect().none();
        }
        EpochWrite epoch = new EpochWrite(state, changes, lastSequenceNumber(context) + 1, digest, branch);
        return writeOn(new WriteOn(epoch.writes().iterator(), replyTo, reply.apply(epoch)));
    }

    private Effect<JournalRecord, JournalState> writeOn(WriteOn on) {
        return persist(on.writes().next(), () -> {
            if (on.writes().hasNext()) {
                context.getSelf().tell(on);
            } else {
                on.replyTo().tell(on.reply());
                if (on.reply() instanceof Written) {
                    deleteLanesFrom(1);
                }
                context.getSelf().tell(new JournalInternal.DeleteOld());
            }
        });
    }

    private Effect<JournalRecord, JournalState> commitLanes(JournalState state, JournalCommand.CommitLanes commit) {
        if (commit.incarnation() != state.incarnation()) {
            commit.replyTo().tell(new Refused(state.incarnation()));
            return Effect().none();
        }
        Position position = state.position();
        if (!commit.lanes().get(0).equals(new PreparedLane(position.row(), position.digest()))) {
            throw new IllegalStateException(lane + " has prepared " + position + ", not " + commit.lanes().get(0));
        }
        EpochCommitted committed = new EpochCommitted(position.epoch(), commit.tick(), commit.quiet(), commit.incarnation(), commit.digest(),
                commit.lanes());
        List<JournalRecord> records = commit.branch() == 0 ? List.of(committed)
                : List.of(committed, new BranchPoint(commit.branch(), position.image(), position.row(), committed));
        return persist(records, () -> {
            commit.replyTo().tell(new Written(position.epoch(), commit.tick(), commit.quiet(), commit.digest()));
            deleteLanesFrom(commit.lanes().size());
        });
    }

    // -- deleting ------------------------------------------------------------------------------------------------

    /** The rows before the last two images, when an image has become whole. */
    private Effect<JournalRecord, JournalState> deleteOld(JournalState state) {
        long before = state.position().olderImage();
        if (history || deleting || before <= deletedBefore) {
            return Effect().none();
        }
        deleting = true;
        context.pipeToSelf(async(() -> {
            Retention.deleteBefore(database, lane, before);
            return before;
        }), (row, trouble) -> new Deleted(before, trouble));
        return Effect().none();
    }

    /** All rows of lanes that the machine has no more. */
    private void deleteLanesFrom(int first) {
        int end = lanesBefore;
        lanesBefore = first;
        if (!history && first < end) {
            context.pipeToSelf(async(() -> {
                for (int gone = first; gone < end; gone++) {
                    Retention.deleteBefore(database, new LaneId(lane.machine(), gone), Long.MAX_VALUE);
                }
                return end;
            }), (count, trouble) -> new Deleted(deletedBefore, trouble));
        }
    }

    /** If they could not be deleted they are at the next image. */
    private Effect<JournalRecord, JournalState> deleted(Deleted deleted) {
        deleting = false;
        deletedBefore = deleted.before();
        if (deleted.trouble() != null) {
            context.getLog().warn("{}: old rows of its journal could not be deleted: {}", lane, JournalFailure.explain(deleted.trouble()));
        }
        return Effect().none();
    }
}
