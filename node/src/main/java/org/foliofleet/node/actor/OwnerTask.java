package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import java.util.Map;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.tick.Mailbox;
import org.foliofleet.protocol.experiment.MetricKey;

/** What an actor with one owner is asked. It answers each with one {@link OwnerReply} that bears the task's number. */
sealed interface OwnerTask extends ProcessTask {
    /** The place of the answer among all that are awaited. */
    int number();

    ActorRef<? super OwnerReply> replyTo();

    /** It is the owner's turn. The mailbox belongs to it until it answers. */
    record TakeTurn(int number, TickContext context, Mailbox mailbox, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /**
     * What can be measured of it? A VMA answers with {@link OwnerReply.VmaMeasured}, others with {@link OwnerReply.Measured}.
     *
     * @param briefly whether only what is cheap to know is asked
     */
    record Measure(int number, boolean briefly, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /** To the workload: that is what the machine is like. */
    record See(int number, Map<MetricKey, Long> metrics, long vmas, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /** To the workload: that is what was sampled after a tick. */
    record Sampled(int number, MachineMeasure measure, long tick, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /** What is its hash, and, if wanted, its state? */
    record Report(int number, boolean state, ActorRef<? super OwnerReply> replyTo) implements OwnerTask {}

    /** The first that an {@link UnbornActor} hears: what it is. Nobody awaits an answer. */
    record Become(Behavior<OwnerTask> behavior) implements OwnerTask {
        @Override
        public int number() {
            return 0;
        }

        @Override
        public ActorRef<? super OwnerReply> replyTo() {
            throw new IllegalStateException("nobody awaits an answer");
        }
    }
}
