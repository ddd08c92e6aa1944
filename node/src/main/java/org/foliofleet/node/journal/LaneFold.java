package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.collections.Long2ObjectHashMap;
import org.foliofleet.node.journal.JournalRecord.BranchPoint;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.node.journal.JournalRecord.EventsHappened;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
import org.foliofleet.node.journal.JournalRecord.Resumed;
import org.foliofleet.node.mm.machine.OwnerRow;

/** What the rows of a lane add up to, from the first row of an image on. An epoch counts once it is known to be committed. */
final class LaneFold {
    private final Long2ObjectHashMap<byte[]> owners = new Long2ObjectHashMap<>();
    /** Of the epoch that is being read. */
    private final List<OwnersChanged> chunks = new ArrayList<>();
    private int eventChunks;
    /** The end of an epoch of which it is not known yet whether it was committed. */
    private EpochPrepared prepared;
    /** The last epoch that counts. */
    private EpochPrepared last;
    /** The same; -1 before the first row. */
    private long epoch = -1;
    /** Whose commit must come next; 0 if none must. */
    private long commitAwaited;
    private long lastCommit;

    /** @throws JournalDamage if the row does not follow on those before */
    void add(JournalRecord record) {
        if (record instanceof OwnersChanged chunk) {
            begin(chunk.epoch());
            require(chunk.number() == chunks.size(), () -> "chunk " + chunk.number() + " of epoch " + chunk.epoch() + " follows on "
                    + chunks.size() + " chunks");
            chunks.add(chunk);
        } else if (record instanceof EventsHappened events) {
            begin(events.epoch());
            require(events.number() == eventChunks, () -> "events " + events.number() + " of epoch " + events.epoch() + " follow on " + eventChunks);
            eventChunks++;
        } else if (record instanceof EpochPrepared end) {
            begin(end.position().epoch());
            require(end.owners().length == 2 * chunks.size() && end.eventChunks() == eventChunks
                            && (last == null || last.position().digest().equals(end.previousDigest())),
                    () -> "epoch " + end.position().epoch() + " with " + end.owners().length / 2 + " chunks ends after " + chunks.size());
            prepared = end;
            commitAwaited = end.alone() ? end.position().epoch() : 0;
        } else if (record instanceof EpochCommitted commit) {
            confirm();
            require(commit.epoch() == epoch && commit.epoch() > lastCommit, () -> "a commit of epoch " + commit.epoch() + " is not after its end");
            commitAwaited = 0;
            lastCommit = commit.epoch();
        } else if (record instanceof Resumed resumed) {
            resume(resumed);
        } else {
            require(record instanceof BranchPoint, () -> "a row that is none of a lane");
        }
    }

    /** A row of that epoch has come. */
    private void begin(long number) {
        requireCommit();
        if (prepared != null && prepared.position().epoch() == number - 1) {
            confirm();
        }
        if (epoch < 0) {
            epoch = number - 1;
        }
        require(number == epoch + 1 && prepared == null, () -> "a row of epoch " + number + " follows on epoch " + epoch);
    }

    private void resume(Resumed resumed) {
        requireCommit();
        if (prepared != null && resumed.position().row() == prepared.position().row()) {
            confirm();
        }
        forgetTail();
        if (resumed.position().row() == 0) {
            owners.clear();
            last = null;
            epoch = resumed.position().epoch();
        }
        require(epoch < 0 || resumed.position().epoch() == epoch, () -> "somebody went on from epoch " + resumed.position().epoch()
                + " after epoch " + epoch);
    }

    private void forgetTail() {
        prepared = null;
        chunks.clear();
        eventChunks = 0;
    }

    /** The epoch that has ended counts. */
    void confirm() {
        if (prepared == null) {
            return;
        }
        if (prepared.all()) {
            owners.clear();
        }
        prepared.gone().forEach(key -> owners.remove(key.longValue()));
        for (OwnersChanged chunk : chunks) {
            for (OwnerRow row : chunk.rows()) {
                owners.put(row.owner(), row.state());
            }
        }
        last = prepared;
        epoch = prepared.position().epoch();
        forgetTail();
    }

    /** There are no more rows. @throws JournalDamage if there should be */
    void end() {
        requireCommit();
    }

    private void requireCommit() {
        require(commitAwaited == 0, () -> "the commit of epoch " + commitAwaited + " is missing");
    }

    private static void require(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new JournalDamage("rows are missing or doubled: " + what.get());
        }
    }

    /** The state after the last epoch that counts. */
    RowSet rows() {
        long[] keys = new long[owners.size()];
        int count = 0;
        for (Long2ObjectHashMap<byte[]>.KeyIterator all = owners.keySet().iterator(); all.hasNext();) {
            keys[count++] = all.nextLong();
        }
        Arrays.sort(keys);
        List<OwnerRow> rows = new ArrayList<>(keys.length);
        for (long key : keys) {
            rows.add(new OwnerRow(key, owners.get(key)));
        }
        return new RowSet(rows, last.rest());
    }
}
