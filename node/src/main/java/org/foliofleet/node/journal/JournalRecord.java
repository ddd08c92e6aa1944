package org.foliofleet.node.journal;

import java.util.List;
import org.foliofleet.node.mm.machine.OwnerRow;

/** What is written to the journal of a machine. */
public sealed interface JournalRecord {
    /**
     * Somebody goes on with the machine; whoever did before may write no more.
     *
     * @param incarnation counts them, from 1
     */
    record Resumed(long incarnation) implements JournalRecord {}

    /**
     * Owners that changed in an epoch.
     *
     * @param number of the chunk within its epoch, from 0
     */
    record OwnersChanged(long epoch, int number, List<OwnerRow> rows) implements JournalRecord {}

    /**
     * The end of an epoch: all its chunks are valid.
     *
     * @param epoch          counts the commits of the machine, from 1
     * @param tick           the last that was run
     * @param quiet          whether nothing was under way
     * @param previousDigest of the commit before, empty for the first
     * @param chunks         how many belong to it
     * @param all            whether they hold all owners
     * @param gone           keys of owners that have ended
     * @param rest           all but the owners
     */
    record EpochCommitted(long epoch, long tick, boolean quiet, long incarnation, String digest, String previousDigest, int chunks,
            boolean all, List<Long> gone, byte[] rest) implements JournalRecord {}

    /** A snapshot: the last commit and all owners. */
    record Image(EpochCommitted last, long incarnation, List<OwnerRow> owners) implements JournalRecord {}
}
