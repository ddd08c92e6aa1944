package org.foliofleet.node.mm.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.tick.Mailbox;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.message.Envelope.Rank;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.message.LatencyKind;

/**
 * All that a handler may reach beside its owner's state. One object serves one host thread; it is lent to one handler
 * after the other.
 */
public final class Turn {
    private final Outbox outbox;
    private final MachineContext context;
    private final ArrayDeque<Flight> ready = new ArrayDeque<>();
    private final ArrayList<Flight> granted = new ArrayList<>();
    private Owner owner;
    private Flight flight;
    private int position;
    private int stepDepth;

    public Turn(Outbox outbox, MachineContext context) {
        this.outbox = outbox;
        this.context = context;
    }

    // -- what handlers use ---------------------------------------------------------------------------------------

    /** The tick that is being run. */
    public long tick() {
        return context.tick();
    }

    /** What all owners of the machine know: topology, settings, policies, cost table. */
    public MachineContext context() {
        return context;
    }

    /**
     * Whether the handler runs for the first time, and nothing has been read or asked yet: only now may it look at the owner's
     * state outside a step, and then end.
     */
    public boolean isBeginning() {
        return flight.log.isEmpty();
    }

    /** Reads or changes the owner's state, once; later runs of the flight get the same value. */
    @SuppressWarnings("unchecked")
    public <T> T step(Supplier<T> action) {
        if (stepDepth > 0) {
            return action.get();
        }
        if (position < flight.log.size()) {
            Object value = flight.log.get(position++);
            if (value instanceof Flight.Mark && value != Flight.Mark.NULL) {
                throw violation("runs a step where an earlier run waited: its path depends on more than its log");
            }
            return value == Flight.Mark.NULL ? null : (T) value;
        }
        stepDepth = 1;
        T value;
        try {
            value = action.get();
        } finally {
            stepDepth = 0;
        }
        flight.log.add(value == null ? Flight.Mark.NULL : value);
        position++;
        return value;
    }

    /** A step without a value. */
    public void run(Runnable action) {
        step(() -> {
            action.run();
            return null;
        });
    }

    /** Applies the event to the owner. Within a step only. */
    public void emit(Object event) {
        requireStep("emit");
        owner.apply(event);
        outbox.emitted(owner, event);
    }

    /** Sends a command whose reply nobody awaits. Within a step only. */
    public void send(OwnerId to, Command<?> notice) {
        requireStep("send");
        outbox.send(new Envelope(to, owner.id(), ++owner.sequence, Rank.NOTICE, 0, 0, notice, 0));
    }

    /** Simulated nanoseconds that this operation takes. Within a step only. */
    public void charge(long nanoseconds) {
        requireStep("charge");
        flight.cost += nanoseconds;
    }

    /** Faults took that long each, beside the stalls that came before. Within a step only. */
    public void chargeFaults(LatencyKind kind, long count, long nanosEach) {
        charge(count * nanosEach);
        if (count > 0) {
            flight.spent = (flight.spent == null ? Latencies.NONE : flight.spent).withFaults(kind, count, nanosEach);
        }
    }

    /** A stall took that long; it becomes part of the next fault. Within a step only. */
    public void chargeStall(LatencyKind kind, long nanos) {
        charge(nanos);
        if (nanos > 0) {
            flight.spent = (flight.spent == null ? Latencies.NONE : flight.spent).withStall(kind, nanos);
        }
    }

    /** Faults and stalls of this operation that were not taken before. Within a step only. */
    public Latencies takeSpent() {
        requireStep("take what was spent");
        Latencies spent = flight.spent;
        flight.spent = null;
        return spent == null ? Latencies.NONE : spent;
    }

    /** What this operation has taken so far, with the requests that were answered. Within a step only. */
    public long cost() {
        requireStep("read the cost");
        return flight.cost;
    }

    /** Asks another owner (or this one) and waits for the answer. */
    @SuppressWarnings("unchecked")
    public <R> R ask(OwnerId to, Command<R> request) {
        forbidStep("ask");
        if (position == flight.log.size()) {
            dispatch(to, request);
            throw Suspension.WAITING;
        }
        Object value = flight.log.get(position++);
        if (value == Flight.Mark.PENDING) {
            throw Suspension.WAITING;
        }
        return value == Flight.Mark.NULL ? null : (R) value;
    }

    /** Asks several owners at once and waits for all answers, which come in the order of the requests. */
    @SuppressWarnings("unchecked")
    public <R> List<R> askAll(List<? extends OwnerId> to, List<? extends Command<R>> requests) {
        forbidStep("ask");
        if (requests.isEmpty()) {
            return List.of();
        }
        if (position == flight.log.size()) {
            for (int i = 0; i < requests.size(); i++) {
                dispatch(to.get(i), requests.get(i));
            }
            throw Suspension.WAITING;
        }
        List<R> answers = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            Object value = flight.log.get(position++);
            if (value == Flight.Mark.PENDING) {
                throw Suspension.WAITING;
            }
            answers.add(value == Flight.Mark.NULL ? null : (R) value);
        }
        return answers;
    }

    private void dispatch(OwnerId to, Command<?> request) {
        int call = flight.log.size();
        flight.log.add(Flight.Mark.PENDING);
        flight.pending++;
        outbox.send(new Envelope(to, owner.id(), ++owner.sequence, Rank.REQUEST, flight.number, call, request, 0));
    }

    /** Goes on with another command in place of this one, with an empty log: keeps long loops from growing it. */
    public <R> R continueAs(Command<R> command) {
        forbidStep("continue");
        throw new Suspension(command);
    }

    /** Waits until another flight of this owner {@link #wake wakes} those that wait for {@code key}. */
    public void park(Object key) {
        forbidStep("park");
        if (position == flight.log.size()) {
            flight.log.add(Flight.Mark.PARKED);
            flight.parkedOn = key;
            throw Suspension.WAITING;
        }
        if (flight.log.get(position++) == Flight.Mark.PARKED && flight.parkedOn != null) {
            throw Suspension.WAITING;
        }
    }

    /** Lets flights of this owner that are parked on {@code key} go on, after this one. Within a step only. */
    public void wake(Object key) {
        requireStep("wake");
        for (Flight sleeper : owner.flights()) {
            if (key.equals(sleeper.parkedOn)) {
                sleeper.parkedOn = null;
                ready.add(sleeper);
            }
        }
    }

    /** Sleeps until the tick has come. */
    public void sleepUntil(long tick) {
        forbidStep("sleep");
        if (position == flight.log.size()) {
            if (tick <= tick()) {
                flight.log.add(Flight.Mark.NULL);
                position++;
                return;
            }
            int call = flight.log.size();
            flight.log.add(Flight.Mark.PENDING);
            flight.pending++;
            outbox.sendAt(tick, new Envelope(owner.id(), owner.id(), ++owner.sequence, Rank.WAKE_UP, flight.number, call, null, 0));
            throw Suspension.WAITING;
        }
        if (flight.log.get(position++) == Flight.Mark.PENDING) {
            throw Suspension.WAITING;
        }
    }

    /**
     * Takes a sleeping lock of this owner, waiting in order. It is given up by {@link #unlock}, or when the operation
     * ends; so whoever {@link #continueAs goes on with another command} has it already.
     */
    public void lock(Object key, boolean exclusive) {
        forbidStep("lock");
        if (position == flight.log.size()) {
            if (flight.locks == null) {
                flight.locks = new ArrayList<>(2);
            }
            if (flight.locks.contains(key)) {
                flight.log.add(Flight.Mark.LOCKED);
                position++;
                return;
            }
            flight.locks.add(key);
            if (!owner.needLocks().acquire(flight, key, exclusive)) {
                flight.log.add(Flight.Mark.PARKED);
                flight.parkedOn = new LockWait(key);
                flight.parkedSince = tick();
                throw Suspension.WAITING;
            }
            flight.log.add(Flight.Mark.LOCKED);
            position++;
            return;
        }
        if (flight.log.get(position++) == Flight.Mark.PARKED && flight.parkedOn != null) {
            throw Suspension.WAITING;
        }
    }

    /** Takes the lock if that needs no waiting: trylock. */
    public boolean tryLock(Object key, boolean exclusive) {
        forbidStep("lock");
        Flight me = flight;
        return step(() -> {
            boolean taken = owner.needLocks().tryAcquire(me, key, exclusive);
            if (taken) {
                if (me.locks == null) {
                    me.locks = new ArrayList<>(2);
                }
                me.locks.add(key);
            }
            return taken;
        });
    }

    /** Gives a lock up. */
    public void unlock(Object key) {
        forbidStep("unlock");
        run(() -> {
            flight.locks.remove(key);
            release(key);
        });
    }

    // -- what hosts use ------------------------------------------------------------------------------------------

    /** Gives the owner its turn: hands it all its messages, in their order. */
    public void deliver(Owner to, Mailbox mailbox) {
        int count = mailbox.sort();
        for (int i = 0; i < count; i++) {
            deliver(to, mailbox.get(i));
        }
    }

    /** Hands one message to its owner and runs whatever that makes ready. */
    public void deliver(Owner to, Envelope envelope) {
        owner = to;
        to.hash = 0;
        switch (envelope.rank()) {
            case REQUEST, NOTICE -> {
                Flight fresh = new Flight(++to.flightsStarted, envelope.from(), envelope.flight(), envelope.call(),
                        envelope.rank() == Rank.REQUEST, (Command<?>) envelope.payload());
                runFlight(fresh, true);
            }
            case REPLY, WAKE_UP -> {
                Flight waiting = to.flight(envelope.flight());
                if (waiting == null || waiting.log.get(envelope.call()) != Flight.Mark.PENDING) {
                    throw new InvariantViolation(to.id() + " got an answer that no flight awaits: " + envelope);
                }
                waiting.log.set(envelope.call(), envelope.payload() == null ? Flight.Mark.NULL : envelope.payload());
                waiting.cost += envelope.cost();
                if (envelope.spent() != null) {
                    waiting.spent = waiting.spent == null ? envelope.spent() : waiting.spent.and(envelope.spent());
                }
                if (--waiting.pending == 0) {
                    runFlight(waiting, false);
                }
            }
        }
        for (Flight next = ready.poll(); next != null; next = ready.poll()) {
            runFlight(next, false);
        }
    }

    private void runFlight(Flight f, boolean fresh) {
        flight = f;
        while (true) {
            position = 0;
            try {
                Object reply = owner.handle(f.command, this);
                if (!fresh) {
                    owner.removeFlight(f);
                }
                if (f.locks != null) {
                    for (Object key : f.locks) {
                        release(key);
                    }
                    f.locks = null;
                }
                if (f.wantsReply) {
                    outbox.send(new Envelope(f.requester, owner.id(), ++owner.sequence, Rank.REPLY, f.requesterFlight,
                            f.requesterCall, reply, f.cost, f.spent));
                }
                return;
            } catch (Suspension suspension) {
                if (suspension.continuation != null) {
                    f.command = suspension.continuation;
                    f.log.clear();
                    continue;
                }
                if (fresh) {
                    owner.addFlight(f);
                }
                return;
            }
        }
    }

    private void release(Object key) {
        granted.clear();
        owner.locks().release(flight, key, granted);
        for (Flight next : granted) {
            next.parkedOn = null;
            if (tick() > next.parkedSince) {
                next.spent = (next.spent == null ? Latencies.NONE : next.spent).withStall(LatencyKind.LOCK, tick() - next.parkedSince);
            }
            ready.add(next);
        }
        owner.forgetIdleLocks();
    }

    private void requireStep(String what) {
        if (stepDepth == 0) {
            throw violation("may " + what + " only within a step, else it would do so again in every run");
        }
    }

    private void forbidStep(String what) {
        if (stepDepth > 0) {
            throw violation("may not " + what + " within a step");
        }
    }

    private InvariantViolation violation(String text) {
        return new InvariantViolation("tick " + tick() + ", " + owner.id() + ", " + flight.command.getClass().getSimpleName() + ": " + text);
    }
}
