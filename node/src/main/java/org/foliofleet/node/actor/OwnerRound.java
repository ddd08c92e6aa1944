package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tasks sent to many owners at once, and their answers as they come in. */
final class OwnerRound {
    private final ActorRef<MachineMessage> self;
    private final List<ProcessHandle> processes = new ArrayList<>();
    private OwnerReply[] replies = new OwnerReply[16];
    private OwnerHandle[] asked = new OwnerHandle[16];
    private int count;
    private int awaited;

    /** @param self gets the answers and brings them here */
    OwnerRound(ActorRef<MachineMessage> self) {
        this.self = self;
    }

    /** Makes room for the answers of that many owners. */
    void begin(int owners) {
        if (replies.length < owners) {
            replies = new OwnerReply[Math.max(owners, replies.length * 2)];
            asked = new OwnerHandle[replies.length];
        } else {
            Arrays.fill(replies, 0, count, null);
            Arrays.fill(asked, 0, count, null);
        }
        count = owners;
        awaited = owners;
    }

    /** To whom the owner's task is to be answered. */
    ActorRef<? super OwnerReply> replyTo(OwnerHandle owner) {
        return owner.process == null ? self : owner.process.actor;
    }

    /** Asks an owner; one that is reached through its process at {@link #send}. */
    void ask(OwnerHandle owner, OwnerTask task) {
        asked[task.number()] = owner;
        if (owner.process == null) {
            owner.actor.tell(task);
        } else if (owner.process.add(owner.key(), task)) {
            processes.add(owner.process);
        }
    }

    /** No more is asked. */
    void send() {
        for (ProcessHandle process : processes) {
            process.send(self);
        }
        processes.clear();
    }

    /** Takes an answer. */
    void add(OwnerReply reply) {
        replies[reply.number()] = reply;
        awaited--;
    }

    boolean isComplete() {
        return awaited == 0;
    }

    int size() {
        return count;
    }

    OwnerReply reply(int number) {
        return replies[number];
    }

    /** Owners that have not answered; some of them. */
    String missing() {
        StringBuilder text = new StringBuilder();
        int named = 0;
        for (int i = 0; i < count && named < 10; i++) {
            if (replies[i] == null) {
                text.append(named++ == 0 ? "" : ", ").append(asked[i]);
            }
        }
        return named < awaited ? text + " and others, " + awaited + " in all" : text.toString();
    }
}
