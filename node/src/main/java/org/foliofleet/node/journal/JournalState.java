package org.foliofleet.node.journal;

import org.foliofleet.node.journal.JournalRecord.EpochPrepared;
import org.foliofleet.node.journal.JournalRecord.Position;
import org.foliofleet.node.journal.JournalRecord.Resumed;

/**
 * Where whoever writes a lane's journal is: no more than the last rows say, and nothing of owners.
 *
 * @param incarnation 0 before it has resumed
 */
record JournalState(long incarnation, Position position) {
    static final JournalState BEFORE = new JournalState(0, Position.anew(0));

    JournalState apply(JournalRecord record) {
        if (record instanceof Resumed resumed) {
            return new JournalState(resumed.incarnation(), resumed.position());
        }
        return record instanceof EpochPrepared end ? new JournalState(incarnation, end.position()) : this;
    }
}
