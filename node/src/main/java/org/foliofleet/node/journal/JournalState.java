package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
import org.foliofleet.node.mm.machine.OwnerRow;

/** What a machine's journal says: the rows of the last whole epoch. */
final class JournalState {
    private final TreeMap<Long, byte[]> owners = new TreeMap<>();
    /** Chunks of the epoch whose end has not come. */
    private final List<OwnersChanged> chunks = new ArrayList<>();
    private EpochCommitted last;
    private long incarnation;

    /** @throws JournalDamage if a row does not follow on those before */
    JournalState apply(JournalRecord record) {
        if (record instanceof JournalRecord.Resumed resumed) {
            incarnation = resumed.incarnation();
            chunks.clear();
        } else if (record instanceof OwnersChanged chunk) {
            require(chunk.epoch() == epoch() + 1 && chunk.number() == chunks.size(), () -> "chunk " + chunk.number() + " of epoch "
                    + chunk.epoch() + " follows on " + chunks.size() + " chunks of epoch " + (epoch() + 1));
            chunks.add(chunk);
        } else if (record instanceof EpochCommitted committed) {
            apply(committed);
        } else if (record instanceof JournalRecord.Image image) {
            last = image.last();
            incarnation = image.incarnation();
            image.owners().forEach(row -> owners.put(row.owner(), row.state()));
        }
        return this;
    }

    private void apply(EpochCommitted committed) {
        require(committed.epoch() == epoch() + 1 && committed.chunks() == chunks.size() && committed.previousDigest().equals(digest()),
                () -> "epoch " + committed.epoch() + " with " + committed.chunks() + " chunks follows on epoch " + epoch() + " with "
                        + chunks.size() + " chunks after it");
        if (committed.all()) {
            owners.clear();
        }
        committed.gone().forEach(owners::remove);
        for (OwnersChanged chunk : chunks) {
            chunk.rows().forEach(row -> owners.put(row.owner(), row.state()));
        }
        chunks.clear();
        last = committed;
    }

    private static void require(boolean holds, java.util.function.Supplier<String> what) {
        if (!holds) {
            throw new JournalDamage("rows of the journal are missing or doubled: " + what.get());
        }
    }

    /** Of the last commit, 0 before the first. */
    long epoch() {
        return last == null ? 0 : last.epoch();
    }

    String digest() {
        return last == null ? "" : last.digest();
    }

    long incarnation() {
        return incarnation;
    }

    /** What to go on with, or null. */
    JournalCommand.Committed committed() {
        return last == null ? null : new JournalCommand.Committed(last.epoch(), last.tick(), last.quiet(), last.digest(),
                new RowSet(rows(), last.rest()));
    }

    /** Of a time when an epoch has just ended. */
    JournalRecord.Image toImage() {
        return new JournalRecord.Image(last, incarnation, rows());
    }

    private List<OwnerRow> rows() {
        List<OwnerRow> rows = new ArrayList<>(owners.size());
        owners.forEach((owner, state) -> rows.add(new OwnerRow(owner, state)));
        return rows;
    }
}
