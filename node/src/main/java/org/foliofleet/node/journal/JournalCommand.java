package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import org.foliofleet.node.mm.machine.MachineChanges;

/** What may be asked of a machine's journal. */
public sealed interface JournalCommand {
    /** Goes on with the machine, in a new incarnation. */
    record Resume(ActorRef<Resumption> replyTo) implements JournalCommand {}

    /** What there is to go on with. */
    record Resumption(long incarnation, Committed committed) {}

    /**
     * A machine as it was at a commit; null if there was none.
     *
     * @param digest it must have
     */
    record Committed(long epoch, long tick, boolean quiet, String digest, RowSet rows) {}

    /** Writes an epoch; refused if the incarnation is not the latest. */
    record Commit(long incarnation, MachineChanges changes, ActorRef<CommitReply> replyTo) implements JournalCommand {}

    /** How a commit ended. */
    sealed interface CommitReply {}

    /** It will be there after any crash. */
    record Written(long epoch, long tick, boolean quiet, String digest) implements CommitReply {}

    /** Somebody else goes on with the machine. */
    record Refused(long incarnation) implements CommitReply {}
}
