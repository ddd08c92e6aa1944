package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.journal.JournalRecord.BranchPoint;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.node.journal.JournalRecord.EventsHappened;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
import org.foliofleet.node.journal.JournalRecord.Position;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.OwnerRow;

/** The rows of one epoch of a lane. What is too large for one write goes in several, of which the last makes it count. */
final class EpochWrite {
    /** Bytes of owners' states in one row. */
    private static final int CHUNK_BYTES = 256 << 10;
    /** Rows of a write but the last. */
    private static final int ROWS_AT_ONCE = 128;

    private final List<JournalRecord> records = new ArrayList<>();
    private final List<Long> ends = new ArrayList<>();
    private final MachineChanges changes;
    private final long epoch;
    private final Position position;
    /** Number of rows that go together with the last. */
    private final int inseparable;

    /**
     * @param firstRow number of its first row
     * @param lane     digest of the lane; null if the machine has one lane: then the commit belongs to it
     * @param branch   number of the branch point, or 0
     */
    EpochWrite(JournalState before, MachineChanges changes, long firstRow, String lane, long branch) {
        boolean alone = lane == null;
        this.changes = changes;
        epoch = before.position().epoch() + 1;
        owners();
        int chunks = records.size();
        for (int i = 0; i < changes.events().size(); i++) {
            records.add(new EventsHappened(epoch, i, changes.events().get(i)));
        }
        position = after(before.position(), firstRow, firstRow + records.size(), alone ? changes.digest() : lane);
        int last = records.size();
        records.add(new EpochPrepared(position, changes.tick(), before.incarnation(), before.position().digest(), firstRow,
                ends.stream().mapToLong(Long::longValue).toArray(), last - chunks, alone, changes.all(), changes.gone(), changes.rest()));
        EpochCommitted commit = alone ? new EpochCommitted(epoch, changes.tick(), changes.quiet(), before.incarnation(), changes.digest(),
                List.of(seal())) : null;
        if (branch != 0 && position.image() != 0) {
            records.add(new BranchPoint(branch, position.image(), position.row(), commit));
        }
        if (alone) {
            records.add(commit);
        }
        inseparable = records.size() - last;
    }

    /** Rows of changed owners and of those of the image that is under way, in one order. */
    private void owners() {
        List<OwnerRow> chunk = new ArrayList<>();
        long bytes = 0;
        for (List<OwnerRow> rows : List.of(changes.changed(), changes.slice().rows())) {
            for (OwnerRow row : rows) {
                chunk.add(row);
                bytes += row.state().length;
                if (bytes >= CHUNK_BYTES) {
                    add(chunk);
                    chunk = new ArrayList<>();
                    bytes = 0;
                }
            }
        }
        if (!chunk.isEmpty()) {
            add(chunk);
        }
    }

    private void add(List<OwnerRow> chunk) {
        records.add(new OwnersChanged(epoch, records.size(), chunk));
        ends.add(chunk.get(0).owner());
        ends.add(chunk.get(chunk.size() - 1).owner());
    }

    private Position after(Position before, long firstRow, long row, String digest) {
        long underWay = changes.slice().first() ? firstRow : before.underWay();
        boolean whole = changes.slice().last() && underWay != 0;
        return new Position(epoch, row, digest, whole ? underWay : before.image(), whole ? before.image() : before.olderImage(),
                whole ? 0 : underWay);
    }

    long epoch() {
        return epoch;
    }

    PreparedLane seal() {
        return new PreparedLane(position.row(), position.digest());
    }

    /** The writes in order. */
    List<List<JournalRecord>> writes() {
        List<List<JournalRecord>> writes = new ArrayList<>();
        int at = 0;
        while (records.size() - at - inseparable > ROWS_AT_ONCE) {
            writes.add(List.copyOf(records.subList(at, at + ROWS_AT_ONCE)));
            at += ROWS_AT_ONCE;
        }
        writes.add(List.copyOf(records.subList(at, records.size())));
        return writes;
    }
}
