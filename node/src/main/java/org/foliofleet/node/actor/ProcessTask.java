package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.node.mm.flow.Owner;

/** What the actor of a process is told: for itself, and for its VMAs. */
sealed interface ProcessTask permits OwnerTask, OwnerReply, ProcessTask.Adopt, ProcessTask.Batch, ProcessTask.Forget,
        ProcessTask.Measure {
    /** These owners, the process and VMAs of it, are its own from now on; whoever sent them has no more to do with them. */
    record Adopt(List<Owner> owners) implements ProcessTask {}

    /**
     * Tasks for owners, at most one for each, that are answered to the process.
     *
     * @param replyTo gets all the answers in one message
     */
    record Batch(List<Addressed> tasks, ActorRef<? super FoldedReplies> replyTo) implements ProcessTask {}

    /** A task for one owner. */
    record Addressed(long owner, OwnerTask task) {}

    /** What can be measured of the process and its VMAs? */
    record Measure(int number, ActorRef<? super OwnerReply.Measured> replyTo) implements ProcessTask {}

    /** That owner has ended. */
    record Forget(long owner) implements ProcessTask {}
}
