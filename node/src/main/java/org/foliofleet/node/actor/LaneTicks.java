package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.foliofleet.node.actor.LaneMessage.Batch;
import org.foliofleet.node.actor.OwnerReply.TurnTaken;
import org.foliofleet.node.mm.control.KernelControl.SettingChanged;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.protocol.id.OwnerId.DriverId;
import org.foliofleet.protocol.message.Envelope;

/**
 * The ticks of one lane. When its owners have taken their turns, it tells all other lanes what goes to theirs and what it
 * knows; when it has heard the same of all others, it routes everything in the order of the senders, whose lane thus makes
 * no difference, and the tick is over. All lanes then know the same next tick.
 */
final class LaneTicks {
    private final OwnerLane lane;
    private final LanePost post;
    private final Lanes lanes;
    private final int mine;
    /** Of the tick that is run, by lane; that of this lane as if it had sent it to itself. */
    private Batch[] batches;
    /** Of the tick after it: other lanes may be that far ahead. */
    private Batch[] early;
    private int awaited;
    private boolean running;
    private BooleanSupplier halt;
    private Consumer<Batch> then;

    LaneTicks(OwnerLane lane, LanePost post) {
        this.lane = lane;
        this.post = post;
        lanes = lane.name.table();
        mine = lane.name.lane();
        batches = new Batch[lanes.count()];
        early = new Batch[lanes.count()];
    }

    /** Whether a tick is being run. */
    boolean isRunning() {
        return running;
    }

    /** Lanes whose batch is missing. */
    List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        for (int other = 0; other < batches.length; other++) {
            if (batches[other] == null) {
                missing.add(other);
            }
        }
        return missing;
    }

    /**
     * Begins a tick.
     *
     * @param halts    whether all lanes shall stand after this tick; asked when the turns are over
     * @param whenOver is told what all lanes together know then; it sends nothing
     */
    void begin(long tick, BooleanSupplier halts, Consumer<Batch> whenOver) {
        halt = halts;
        then = whenOver;
        running = true;
        awaited = lanes.count();
        Batch[] free = batches;
        batches = early;
        early = free;
        for (Batch batch : batches) {
            if (batch != null) {
                requireTick(batch, tick);
                awaited--;
            }
        }
        lane.beginTick(tick, lanes.count() == 1 ? this::endAlone : this::endTurns);
    }

    private void requireTick(Batch batch, long tick) {
        if (batch.tick() != tick) {
            throw new Disturbance(lane.name + ": another lane runs tick " + batch.tick() + ", this one runs tick " + tick);
        }
    }

    // -- a lane that is the whole machine ------------------------------------------------------------------------

    private void endAlone() {
        int count = lane.turns();
        for (int i = 0; i < count; i++) {
            lane.note(i);
            TurnTaken turn = lane.turn(i);
            Envelope[] sent = turn.sent();
            for (int j = 0; j < sent.length; j++) {
                route(sent[j], turn.ticks() == null ? 0 : turn.ticks()[j]);
            }
            lane.end(i);
        }
        lane.settings.endTick();
        running = false;
        then.accept(batch(List.of(), null, List.of(), lane.schedule.nextDue(), true));
    }

    private void route(Envelope envelope, long tick) {
        if (tick == 0) {
            lane.schedule.send(envelope);
        } else {
            lane.schedule.sendAt(tick, envelope);
        }
    }

    private Batch batch(List<Envelope> sent, long[] ticks, List<SettingChanged> settings, long nextTick, boolean halts) {
        return new Batch(lane.schedule.tick(), sent, ticks, settings, nextTick, lane.waiting(),
                nextTick == Schedule.NEVER && lane.waiting() > 0 ? lane.waiters() : List.of(), halts);
    }

    // -- lanes among others --------------------------------------------------------------------------------------

    private void endTurns() {
        LaneBatcher[] outgoing = new LaneBatcher[lanes.count()];
        for (int other = 0; other < outgoing.length; other++) {
            outgoing[other] = new LaneBatcher();
        }
        List<SettingChanged> settings = new ArrayList<>();
        long nextTick = lane.schedule.nextDue();
        int count = lane.turns();
        for (int i = 0; i < count; i++) {
            lane.note(i);
            TurnTaken turn = lane.turn(i);
            for (int j = 0; j < turn.sent().length; j++) {
                long due = turn.ticks() == null ? 0 : turn.ticks()[j];
                Envelope envelope = turn.sent()[j];
                if (!(envelope.to() instanceof DriverId)) {
                    nextTick = Math.min(nextTick, Math.max(due, lane.schedule.tick() + 1));
                }
                int to = lanes.of(envelope.to().key());
                if (to != mine) {
                    outgoing[to].add(envelope, due);
                }
            }
            for (Object event : turn.events()) {
                if (event instanceof SettingChanged changed) {
                    settings.add(changed);
                }
            }
        }
        boolean halts = halt.getAsBoolean();
        for (int other = 0; other < outgoing.length; other++) {
            Batch batch = batch(outgoing[other].sent(), outgoing[other].ticks(), settings, nextTick, halts);
            if (other == mine) {
                batches[mine] = batch;
            } else {
                post.send(other, batch);
            }
        }
        awaited--;
        endIfComplete();
    }

    /** Takes what another lane has sent. */
    void take(int from, Batch batch) {
        if (running && batch.tick() == lane.schedule.tick()) {
            batches[from] = batch;
            awaited--;
            endIfComplete();
        } else if (early[from] == null) {
            early[from] = batch;
        } else {
            throw new Disturbance(lane.name + ": lane " + from + " is two ticks ahead, in tick " + batch.tick());
        }
    }

    private void endIfComplete() {
        if (awaited > 0) {
            return;
        }
        routeAll();
        long nextTick = Schedule.NEVER;
        long waiting = 0;
        List<Long> waiters = new ArrayList<>();
        for (int other = 0; other < batches.length; other++) {
            Batch batch = batches[other];
            if (other != mine) {
                batch.settings().forEach(lane.settings::happened);
            }
            nextTick = Math.min(nextTick, batch.nextTick());
            waiting += batch.waiting();
            waiters.addAll(batch.waiters());
        }
        lane.settings.endTick();
        Batch outcome = new Batch(lane.schedule.tick(), List.of(), null, List.of(), nextTick, waiting, waiters, batches[0].halt());
        Arrays.fill(batches, null);
        running = false;
        then.accept(outcome);
    }

    /** In the order of the senders: an owner may be forgotten if nobody before it has sent it anything, in whatever lane. */
    private void routeAll() {
        int[] routed = new int[batches.length];
        int count = lane.turns();
        for (int i = 0; i < count; i++) {
            routeOthers(routed, lane.schedule.station(i).key());
            TurnTaken turn = lane.turn(i);
            for (int j = 0; j < turn.sent().length; j++) {
                if (lanes.of(turn.sent()[j].to().key()) == mine) {
                    route(turn.sent()[j], turn.ticks() == null ? 0 : turn.ticks()[j]);
                }
            }
            lane.end(i);
        }
        routeOthers(routed, Long.MAX_VALUE);
    }

    private void routeOthers(int[] routed, long before) {
        for (int other = 0; other < routed.length; other++) {
            Batch batch = batches[other];
            while (routed[other] < batch.sent().size() && batch.sent().get(routed[other]).from().key() < before) {
                int next = routed[other]++;
                route(batch.sent().get(next), batch.ticks() == null ? 0 : batch.ticks()[next]);
            }
        }
    }
}
