package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;

/**
 * What may be said to a hosted machine, whatever its hosting. Everything is answered between two ticks, in the order in
 * which it came. A machine that has failed answers every {@link Run} with its failure, and nothing else. The first lane of
 * a machine with several speaks for all; all that speak to it are in its JVM.
 */
public sealed interface MachineMessage permits MachineMessage.Run, MachineMessage.Pause, MachineMessage.Submit, MachineMessage.TakeAnswers,
        MachineMessage.Digest, MachineMessage.Snapshot, MachineMessage.Result, MachineMessage.Commit, MachineMessage.CommitLanes, MachineMessage.AllCommitted, MachineMessage.Connect,
        MachineMessage.Stop, Internal {
    /** A {@link Run} to the end, when nothing is under way any more. */
    long UNTIL_QUIET = Long.MAX_VALUE;

    /**
     * Runs all ticks up to that one in which anybody is due, or to the end of the machine. A second one adds to the first.
     *
     * @param rule says when the machine has come to its end; null: if nothing is under way, and then nothing may wait
     */
    record Run(long untilTick, StopRule rule, ActorRef<RunReport> replyTo) implements MachineMessage {
        public Run(long untilTick, ActorRef<RunReport> replyTo) {
            this(untilTick, null, replyTo);
        }
    }

    /** Ends what {@link Run} began. */
    record Pause(ActorRef<RunReport> replyTo) implements MachineMessage {}

    /** Asks an owner from outside; the reply is under which number the answer can be had. */
    record Submit(OwnerId to, Command<?> command, ActorRef<Long> replyTo) implements MachineMessage {}

    /** Takes the answers that came since, by number. */
    record TakeAnswers(ActorRef<List<Answer>> replyTo) implements MachineMessage {}

    /** The machine's fingerprint, which does not depend on its hosting. */
    record Digest(ActorRef<String> replyTo) implements MachineMessage {}

    /** All that the machine is, as bytes that any hosting can go on with. */
    record Snapshot(ActorRef<byte[]> replyTo) implements MachineMessage {}

    /** What came of the machine, which has programs, so far; the rule says whether it has ended. */
    record Result(StopRule rule, ActorRef<MachineResult> replyTo) implements MachineMessage {}

    /** What has changed since the last time, for the journal. */
    record Commit(ActorRef<MachineChanges> replyTo) implements MachineMessage {}

    /** Like {@link Commit}, but every lane {@linkplain LaneNews.Changed tells its host} what has changed in it. */
    record CommitLanes(ActorRef<LaneCommit> replyTo) implements MachineMessage {}

    /** To every lane before it runs: what it was made of is what was committed last, so that the next commit tells what has changed since. */
    record AllCommitted() implements MachineMessage {}

    /** To every lane of a machine with several, before it does anything: all of them in their order, itself among them. */
    record Connect(List<ActorRef<MachineMessage>> lanes) implements MachineMessage {}

    /** Ends the actors, of the first lane those of all. */
    record Stop() implements MachineMessage {}
}
