package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.ArrayList;
import java.util.List;

/** The actor of a process, and what it is to be told. */
final class ProcessHandle {
    final int number;
    final ActorRef<ProcessTask> actor;
    /** The process and its VMAs, as far as they exist. */
    int owners;
    /** Tasks to be sent together; null while there are none. */
    private List<ProcessTask.Addressed> tasks;

    ProcessHandle(int number, ActorRef<ProcessTask> actor) {
        this.number = number;
        this.actor = actor;
    }

    /** @return whether it is the first since {@link #send} */
    boolean add(long owner, OwnerTask task) {
        boolean first = tasks == null;
        if (first) {
            tasks = new ArrayList<>(4);
        }
        tasks.add(new ProcessTask.Addressed(owner, task));
        return first;
    }

    void send(ActorRef<? super FoldedReplies> replyTo) {
        actor.tell(new ProcessTask.Batch(tasks, replyTo));
        tasks = null;
    }
}
