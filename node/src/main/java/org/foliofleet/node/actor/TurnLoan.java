package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Arrays;
import org.foliofleet.node.actor.OwnerReply.TurnFailed;
import org.foliofleet.node.actor.OwnerReply.TurnTaken;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.MachineContext;
import org.foliofleet.node.mm.flow.Outbox;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.message.Envelope;

/** A turn and an outbox that collects; each thread has one and lends it to one owner after the other. */
final class TurnLoan implements Outbox, MachineContext {
    private static final ThreadLocal<TurnLoan> OF_THREAD = ThreadLocal.withInitial(TurnLoan::new);
    private static final Object[] NO_EVENTS = {};
    private static final Envelope[] NOTHING = {};

    private final Turn turn = new Turn(this, this);
    private final ArrayList<Object> events = new ArrayList<>();
    private Envelope[] sent = new Envelope[16];
    private int sentCount;
    /** Ticks of what was sent; 0 is the next. Null while nothing is for later. */
    private long[] ticks;
    private TickContext context;

    private TurnLoan() {}

    /** Lends the owner a turn, in which it gets its messages. */
    static OwnerReply take(Owner owner, OwnerTask.TakeTurn task) {
        TurnLoan loan = OF_THREAD.get();
        loan.context = task.context();
        try {
            loan.turn.deliver(owner, task.mailbox());
            return loan.collect(owner, task.number());
        } catch (RuntimeException e) {
            OF_THREAD.remove();
            return new TurnFailed(task.number(), e);
        }
    }

    private TurnTaken collect(Owner owner, int number) {
        Envelope[] its = sentCount == 0 ? NOTHING : Arrays.copyOf(sent, sentCount);
        long[] itsTicks = ticks == null ? null : Arrays.copyOf(ticks, sentCount);
        Object[] itsEvents = events.isEmpty() ? NO_EVENTS : events.toArray();
        Arrays.fill(sent, 0, sentCount, null);
        sentCount = 0;
        ticks = null;
        events.clear();
        return new TurnTaken(number, its, itsTicks, itsEvents, owner.sequence(), owner.flightCount(), owner.hasEnded(),
                owner instanceof Workload workload ? workload.status() : null);
    }

    @Override
    public void send(Envelope envelope) {
        if (sentCount == sent.length) {
            sent = Arrays.copyOf(sent, sentCount * 2);
        }
        sent[sentCount++] = envelope;
    }

    @Override
    public void sendAt(long tick, Envelope envelope) {
        send(envelope);
        if (ticks == null || ticks.length < sent.length) {
            ticks = ticks == null ? new long[sent.length] : Arrays.copyOf(ticks, sent.length);
        }
        ticks[sentCount - 1] = tick;
    }

    @Override
    public void emitted(Owner owner, Object event) {
        events.add(event);
    }

    @Override
    public long tick() {
        return context.tick();
    }

    @Override
    public Topology topology() {
        return context.topology();
    }

    @Override
    public KernelSettings settings() {
        return context.settings();
    }
}
