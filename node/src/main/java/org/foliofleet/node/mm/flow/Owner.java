package org.foliofleet.node.mm.flow;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.foliofleet.node.mm.tick.Station;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encoder;

/**
 * A piece of state with one owner, and the operations under way in it. Subclasses hold the state; only {@link #apply}
 * changes it.
 */
public abstract class Owner extends Station {
    private final OwnerId id;
    long sequence;
    long flightsStarted;
    /** Null while nothing is under way, as in most of millions of VMAs. */
    private Operations operations;
    /** Hash of state and operations; 0 when it is not known, as after every turn. */
    long hash;

    protected Owner(OwnerId id) {
        super(id.key());
        this.id = id;
    }

    public final OwnerId id() {
        return id;
    }

    /** Hands the command to its handler. */
    protected abstract Object handle(Command<?> command, Turn turn);

    /** Changes the state as the event says; decides nothing. */
    protected abstract void apply(Object event);

    /** Whether the owner has ended and may be forgotten once no flight is left. */
    public boolean isGone() {
        return false;
    }

    /** Whether the owner has ended and nothing is under way in it. */
    public final boolean hasEnded() {
        return isGone() && flightCount() == 0;
    }

    /** Operations under way, by number. */
    public final List<Flight> flights() {
        return operations == null || operations.flights == null ? List.of() : Collections.unmodifiableList(operations.flights);
    }

    /** How many operations are under way. */
    public final int flightCount() {
        return operations == null || operations.flights == null ? 0 : operations.flights.size();
    }

    public final boolean isLocked(Object lock) {
        return locks() != null && locks().isHeld(lock);
    }

    /** Messages sent so far; part of the committed state. */
    public final long sequence() {
        return sequence;
    }

    /** A hash of all that {@link #encode} writes and of who this is; costs nothing while the owner has no turn. */
    public final long hash(Encoder scratch) {
        if (hash == 0) {
            encode(scratch.reset());
            hash = Math.max(1, scratch.hash(key()) >>> 1);
        }
        return hash;
    }

    /** The {@link #hash} if it is known without any work, else 0. */
    public final long knownHash() {
        return hash;
    }

    /** The state was changed outside a turn. */
    protected final void changed() {
        hash = 0;
    }

    /** Writes the state, the operations under way and the locks they hold or await. */
    public final void encode(Encoder out) {
        out.writeLong(sequence);
        out.writeLong(flightsStarted);
        FlightCodec.write(this, out);
        out.writeState(this, Owner.class);
    }

    /** Becomes the owner that was written; this one is new. */
    public final void decode(Decoder in) {
        sequence = in.readLong();
        flightsStarted = in.readLong();
        FlightCodec.read(this, in);
        in.readState(this, Owner.class);
        hash = 0;
    }

    Flight flight(long number) {
        return operations == null ? null : operations.flight(number);
    }

    /** A flight begins to wait; those that wait already are older. */
    void addFlight(Flight flight) {
        Operations all = needOperations();
        if (all.flights == null) {
            all.flights = new ArrayList<>(1);
        }
        all.flights.add(flight);
    }

    void removeFlight(Flight flight) {
        operations.flights.remove(flight);
        if (operations.flights.isEmpty()) {
            operations.flights = null;
            forgetIdle();
        }
    }

    /** The locks that are held, or null. */
    Locks locks() {
        return operations == null ? null : operations.locks;
    }

    Locks needLocks() {
        Operations all = needOperations();
        if (all.locks == null) {
            all.locks = new Locks();
        }
        return all.locks;
    }

    /** After a lock was given up. */
    void forgetIdleLocks() {
        if (operations.locks.isEmpty()) {
            operations.locks = null;
            forgetIdle();
        }
    }

    private Operations needOperations() {
        if (operations == null) {
            operations = new Operations();
        }
        return operations;
    }

    private void forgetIdle() {
        if (operations.isEmpty()) {
            operations = null;
        }
    }
}
