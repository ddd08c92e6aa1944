package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import org.foliofleet.node.mm.tick.Station;
import org.foliofleet.protocol.id.OwnerId;

/** What the clock knows of one owner: where it is, and what it must say next. */
final class OwnerHandle extends Station {
    /** The owner's actor; null if it is reached through its process. */
    final ActorRef<OwnerTask> actor;
    /** Its process, if it is a process or a VMA. */
    final ProcessHandle process;
    /** Count of its messages that have come. */
    long sequence;
    /** Its operations that wait. */
    int waiting;
    /** As last known; 0 if never. */
    long hash;
    /** At the last commit; 0 if it was not there. */
    long committed;
    /** Whether its hash is not known, because it is new or had a turn since. */
    boolean dirty;
    /** Whether it is new or had a turn since the last commit. */
    boolean uncommitted;

    OwnerHandle(long key, ActorRef<OwnerTask> actor, ProcessHandle process) {
        super(key);
        this.actor = actor;
        this.process = process;
    }

    @Override
    public String toString() {
        return OwnerId.of(key()).toString();
    }
}
