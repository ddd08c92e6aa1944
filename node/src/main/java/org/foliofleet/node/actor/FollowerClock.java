package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import java.util.ArrayDeque;
import org.foliofleet.node.actor.LaneMessage.Begin;
import org.foliofleet.node.actor.LaneMessage.Deliver;
import org.foliofleet.node.actor.LaneMessage.Inquiry;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.foliofleet.node.actor.LaneMessage.Subject;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.tick.Schedule;

/** The clock of a lane that is not the first: does what the first one says, and runs with the others meanwhile. */
final class FollowerClock extends LaneClock {
    /** What the first lane says; it waits for the end of the tick. */
    private final ArrayDeque<LaneMessage> orders = new ArrayDeque<>();
    /** Whether the first lane has not halted all. */
    private boolean goes;
    private long nextTick;
    private long untilTick;

    FollowerClock(ActorContext<MachineMessage> context, Make make) {
        super(context, make);
    }

    @Override
    void connected() {
        reports.report(0, Subject.PRESENCE, report -> post.send(0, report));
    }

    @Override
    void hear(int from, LaneMessage message) {
        orders.add(message);
    }

    @Override
    Behavior<MachineMessage> onWish(MachineMessage wish) {
        getContext().getLog().warn("{} is asked for {}, which only the first lane can answer", name, wish);
        return this;
    }

    @Override
    void goOn() {
        while (!isBusy() && post.isConnected() && failure() == null) {
            if (goes && nextTick != Schedule.NEVER && nextTick <= untilTick) {
                attempt(() -> ticks.begin(nextTick, () -> false, outcome -> {
                    nextTick = outcome.nextTick();
                    goes = !outcome.halt();
                }));
            } else if (orders.isEmpty()) {
                return;
            } else {
                LaneMessage order = orders.poll();
                attempt(() -> obey(order));
            }
        }
    }

    private void obey(LaneMessage order) {
        if (order instanceof Begin begin) {
            goes = true;
            nextTick = begin.nextTick();
            untilTick = begin.untilTick();
        } else if (order instanceof Deliver deliver) {
            lane.schedule.send(deliver.envelope());
        } else if (order instanceof Inquiry inquiry) {
            reports.report(inquiry.number(), inquiry.subject(), report -> answer(inquiry.subject(), report));
        } else {
            throw new InvariantViolation(name + " cannot do what it was told: " + order.getClass().getSimpleName());
        }
    }

    private void answer(Subject subject, Report report) {
        if (subject == Subject.CHANGES_HERE) {
            tellHost(new LaneNews.Changed(name, report.changes(), report.seal()));
            post.send(0, new Report(report.number(), report.seal(), report.idle(), null, null, null));
        } else {
            post.send(0, report);
        }
    }

    @Override
    void failed(RuntimeException cause) {
        orders.clear();
    }

    @Override
    String missingElse() {
        return "";
    }
}
