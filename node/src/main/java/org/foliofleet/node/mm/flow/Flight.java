package org.foliofleet.node.mm.flow;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Latencies;

/** An operation under way at its owner: the command and what happened so far. */
public final class Flight {
    /** Log entries that are not values of steps or answers. */
    enum Mark { NULL, PENDING, PARKED, LOCKED }

    final long number;
    final OwnerId requester;
    final long requesterFlight;
    final int requesterCall;
    final boolean wantsReply;
    Command<?> command;
    final ArrayList<Object> log = new ArrayList<>(4);
    long cost;
    /** Faults and stalls among the cost that nobody has taken yet, or null. */
    Latencies spent;
    int pending;
    /** What a parked flight waits for, or null. */
    Object parkedOn;
    ArrayList<Object> locks;
    /** Tick in which it began to wait for a lock. */
    long parkedSince;

    Flight(long number, OwnerId requester, long requesterFlight, int requesterCall, boolean wantsReply, Command<?> command) {
        this.number = number;
        this.requester = requester;
        this.requesterFlight = requesterFlight;
        this.requesterCall = requesterCall;
        this.wantsReply = wantsReply;
        this.command = command;
    }

    /** Number of the flight at its owner, counting from 1. */
    public long number() {
        return number;
    }

    public Command<?> command() {
        return command;
    }

    /** Values of steps and answers, in order; marks where one is awaited. */
    public List<Object> log() {
        return log;
    }

    /** Whether an answer is awaited at that place of the log. */
    public boolean isAwaitedAt(int place) {
        return log.get(place) == Mark.PENDING;
    }

    public Object parkedOn() {
        return parkedOn;
    }

    @Override
    public String toString() {
        return "flight " + number + " " + command + (parkedOn != null ? " parked on " + parkedOn : pending > 0 ? " awaits " + pending + " answers" : "");
    }
}
