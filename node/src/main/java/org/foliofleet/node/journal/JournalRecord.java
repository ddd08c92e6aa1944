package org.foliofleet.node.journal;

import java.util.List;
import org.foliofleet.node.mm.machine.OwnerRow;

/** What is written to the journal of a lane: one record a row. */
public sealed interface JournalRecord {
    /**
     * Where a lane is in its journal after an epoch.
     *
     * @param epoch      counts the commits of the machine, from 1
     * @param row        that ends the epoch, 0 if there is none
     * @param digest     of the lane; that of the machine if it has one lane
     * @param image      first row of the last whole image: what is to be read to go on; 0 if there is none
     * @param olderImage the same of the image before, which is kept too
     * @param underWay   the same of the image that is being written; 0 if there is none
     */
    record Position(long epoch, long row, String digest, long image, long olderImage, long underWay) {
        /** Of a lane that has nothing that counts. */
        static Position anew(long epoch) {
            return new Position(epoch, 0, "", 0, 0, 0);
        }
    }

    /**
     * Somebody goes on with the machine from that position. Whoever did before may write no more: these rows stay for ever,
     * each in the place where the one before would have written next.
     *
     * @param incarnation counts them, from 1
     */
    record Resumed(long incarnation, Position position) implements JournalRecord {}

    /**
     * Owners of an epoch: such as have changed, and some that have not, for the image that is under way.
     *
     * @param number of the chunk within its epoch, from 0
     */
    record OwnersChanged(long epoch, int number, List<OwnerRow> rows) implements JournalRecord {}

    /**
     * What happened to owners in an epoch.
     *
     * @param number of the chunk within its epoch, from 0
     * @param events what {@link EventLog} wrote
     */
    record EventsHappened(long epoch, int number, byte[] events) implements JournalRecord {}

    /**
     * The end of a lane's part of an epoch.
     *
     * @param tick           the last that was run
     * @param previousDigest of the lane, after the epoch before
     * @param firstRow       of the epoch: those of owners come first
     * @param owners         keys of the first and the last owner of each chunk of owners
     * @param eventChunks    how many follow on those
     * @param alone          whether the machine has one lane: the commit is the row after this, or after the branch point
     * @param all            whether these are all owners of the lane
     * @param gone           keys of owners that have ended
     * @param rest           all but the owners
     */
    record EpochPrepared(Position position, long tick, long incarnation, String previousDigest, long firstRow, long[] owners, int eventChunks,
            boolean alone, boolean all, List<Long> gone, byte[] rest) implements JournalRecord {}

    /**
     * In the journal of lane 0: the epoch is there for all lanes.
     *
     * @param digest of the machine
     * @param lanes  all of them, by number
     */
    record EpochCommitted(long epoch, long tick, boolean quiet, long incarnation, String digest, List<PreparedLane> lanes) implements JournalRecord {}

    /**
     * All rows that are needed to go on from this epoch stay for ever, and so does this one.
     *
     * @param number    of the branch point
     * @param image     first of the rows
     * @param row       the last of them
     * @param committed in the journal of lane 0: the commit; null in others
     */
    record BranchPoint(long number, long image, long row, EpochCommitted committed) implements JournalRecord {}
}
