package org.foliofleet.node.journal;

import akka.actor.typed.Behavior;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.SnapshotAdapter;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.RetentionCriteria;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.OwnerRow;

/** The journal of one machine: one atomic write for every epoch, and the state of the last to go on with. */
public final class MachineJournal extends EventSourcedBehavior<JournalCommand, JournalRecord, JournalState> {
    /** Bytes of owners' states in one row. */
    private static final int CHUNK_BYTES = 256 << 10;
    private static final int ROWS_PER_SNAPSHOT = 128;
    private static final int SNAPSHOTS_KEPT = 2;

    private MachineJournal(String machine) {
        super(PersistenceId.of("machine", machine));
    }

    /** @param machine names it among all machines of the database */
    public static Behavior<JournalCommand> create(String machine) {
        return new MachineJournal(machine);
    }

    @Override
    public JournalState emptyState() {
        return new JournalState();
    }

    @Override
    public CommandHandler<JournalCommand, JournalRecord, JournalState> commandHandler() {
        return newCommandHandlerBuilder().forAnyState()
                .onCommand(JournalCommand.Resume.class, this::resume)
                .onCommand(JournalCommand.Commit.class, this::commit)
                .build();
    }

    private Effect<JournalRecord, JournalState> resume(JournalState state, JournalCommand.Resume resume) {
        return Effect().persist(new JournalRecord.Resumed(state.incarnation() + 1))
                .thenRun(after -> resume.replyTo().tell(new JournalCommand.Resumption(after.incarnation(), after.committed())));
    }

    private Effect<JournalRecord, JournalState> commit(JournalState state, JournalCommand.Commit commit) {
        if (commit.incarnation() != state.incarnation()) {
            return Effect().none().thenRun(same -> commit.replyTo().tell(new JournalCommand.Refused(state.incarnation())));
        }
        MachineChanges changes = commit.changes();
        long epoch = state.epoch() + 1;
        List<JournalRecord> records = chunks(epoch, changes.changed());
        records.add(new EpochCommitted(epoch, changes.tick(), changes.quiet(), state.incarnation(), changes.digest(), state.digest(),
                records.size(), changes.all(), changes.gone(), changes.rest()));
        return Effect().persist(records).thenRun(after -> commit.replyTo().tell(
                new JournalCommand.Written(epoch, changes.tick(), changes.quiet(), changes.digest())));
    }

    private static List<JournalRecord> chunks(long epoch, List<OwnerRow> changed) {
        List<JournalRecord> chunks = new ArrayList<>();
        int start = 0;
        long bytes = 0;
        for (int i = 0; i < changed.size(); i++) {
            bytes += changed.get(i).state().length;
            if (bytes >= CHUNK_BYTES || i == changed.size() - 1) {
                chunks.add(new OwnersChanged(epoch, chunks.size(), List.copyOf(changed.subList(start, i + 1))));
                start = i + 1;
                bytes = 0;
            }
        }
        return chunks;
    }

    @Override
    public EventHandler<JournalState, JournalRecord> eventHandler() {
        return JournalState::apply;
    }

    /** Two snapshots, and the rows since the older of them. Snapshots are made between epochs only. */
    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(ROWS_PER_SNAPSHOT, SNAPSHOTS_KEPT).withDeleteEventsOnSnapshot();
    }

    @Override
    public SnapshotAdapter<JournalState> snapshotAdapter() {
        return new SnapshotAdapter<>() {
            @Override
            public Object toJournal(JournalState state) {
                return state.toImage();
            }

            @Override
            public JournalState fromJournal(Object from) {
                return new JournalState().apply((JournalRecord) from);
            }
        };
    }
}
