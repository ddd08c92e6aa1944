package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.node.mm.machine.MachineChanges;

/**
 * What may be asked of the journal of a lane; lane 0 is also that of its machine. One actor serves one incarnation: it is
 * asked to resume once, then to commit, one epoch after the other, the next when the last has been answered. It ends by
 * failing if it cannot do what is asked ({@link JournalFailure} says of the cause what to do); whoever wants to go on starts
 * another.
 */
public sealed interface JournalCommand permits JournalCommand.Resume, JournalCommand.Look, JournalCommand.ResumeLane, JournalCommand.Commit,
        JournalCommand.Prepare, JournalCommand.CommitLanes, JournalInternal {

    /**
     * Lane 0: goes on with the machine, in a new incarnation; writes of those before are refused from here on.
     *
     * @param after the incarnation that steps back, so that one that was superseded stays so, or {@link #WHOEVER}
     */
    record Resume(long after, ActorRef<ResumeReply> replyTo) implements JournalCommand {
        /** Who goes on did not run the machine before. */
        public static final long WHOEVER = 0;
    }

    /** How a resumption ended. */
    sealed interface ResumeReply {}

    /**
     * What there is to go on with.
     *
     * @param committed the last commit; null if there was none
     */
    record Resumption(long incarnation, Committed committed) implements ResumeReply {}

    /** Lane 0: where the machine is; nothing is written. */
    record Look(ActorRef<Resumption> replyTo) implements JournalCommand {}

    /**
     * A machine as it was at a commit.
     *
     * @param digest it must have
     * @param lanes  over which it was spread, by number
     * @param rows   of lane 0
     */
    record Committed(long epoch, long tick, boolean quiet, String digest, List<PreparedLane> lanes, RowSet rows) {}

    /**
     * Another lane: goes on as lane 0 has said. What the lane prepared after that epoch did not happen.
     *
     * @param incarnation of {@link Resumption}
     * @param epoch       of the machine's last commit, 0 if there was none
     * @param seal        of this lane in that commit; null if the lane begins anew, because it was not there or because owners go
     *                    to other lanes now: then its first {@link Prepare} has all its owners
     */
    record ResumeLane(long incarnation, long epoch, PreparedLane seal, ActorRef<LaneResumed> replyTo) implements JournalCommand {}

    /** @param rows of the lane; null if it begins anew */
    record LaneResumed(RowSet rows) {}

    /**
     * Writes an epoch of a machine with one lane, and commits it in the same write.
     *
     * @param branch number of the branch point that this commit is: its rows are kept for ever; 0 if it is none
     */
    record Commit(long incarnation, MachineChanges changes, long branch, ActorRef<CommitReply> replyTo) implements JournalCommand {
        public Commit(long incarnation, MachineChanges changes, ActorRef<CommitReply> replyTo) {
            this(incarnation, changes, 0, replyTo);
        }
    }

    /**
     * Writes a lane's part of an epoch, lane 0's too, so that it can be committed; answered by {@link Prepared}. It is not
     * asked before the epoch before was committed.
     *
     * @param digest of the lane: what its rows must amount to when they are read
     */
    record Prepare(long incarnation, MachineChanges changes, String digest, long branch, ActorRef<CommitReply> replyTo)
            implements JournalCommand {}

    /**
     * Lane 0: commits what all lanes have prepared.
     *
     * @param digest of the machine
     * @param lanes  what they answered, by number; lane 0's own is the first
     * @param branch what they were told
     */
    record CommitLanes(long incarnation, long tick, boolean quiet, String digest, List<PreparedLane> lanes, long branch,
            ActorRef<CommitReply> replyTo) implements JournalCommand {}

    /** How a commit ended. */
    sealed interface CommitReply {}

    /** It will be there after any crash, once lane 0 commits it. */
    record Prepared(long epoch, PreparedLane seal) implements CommitReply {}

    /** It will be there after any crash. */
    record Written(long epoch, long tick, boolean quiet, String digest) implements CommitReply {}

    /** Somebody else goes on with the machine. */
    record Refused(long incarnation) implements CommitReply, ResumeReply {}
}
