package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.DriverId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.message.Envelope.Rank;
import org.junit.jupiter.api.Test;

/**
 * Goal: an owner that ends is forgotten, or begins anew, in the same tick over however many lanes: it depends on whether
 * those that have sent it something come before or after it in the order of owners. Method: owners by dice, that end, and
 * write to each other, all the time.
 */
class EndedOwnerTest {
    private static final int OWNERS = 30;
    private static final int TICKS = 100;
    private static final int SEEDS = 6;
    private static final int TURNS_BEFORE_ITS_END = 2;

    /** What an owner does is thrown from who it is, when it is, and how often it had a turn. */
    private static final class Dice {
        private final Owner owner;
        private final long seed;
        private long turns;
        private long received;
        private long sequence;

        Dice(Owner owner, long seed) {
            this.owner = owner;
            this.seed = seed;
        }

        OwnerReply answer(OwnerTask task) {
            if (task instanceof OwnerTask.Report report) {
                return new OwnerReply.Reported(report.number(), owner.key() * 31 + turns * 7 + received, null);
            }
            OwnerTask.TakeTurn turn = (OwnerTask.TakeTurn) task;
            long tick = turn.context().tick();
            turns++;
            received += turn.mailbox().size();
            Random random = new Random(seed * 1_000_003 + tick * 101 + owner.key() % 1009 + owner.key() / 4096 * 31);
            List<Envelope> sent = new ArrayList<>();
            List<Long> ticks = new ArrayList<>();
            int count = tick > TICKS ? 0 : random.nextInt(4);
            for (int i = 0; i < count; i++) {
                sent.add(new Envelope(new AddressSpaceId(1 + random.nextInt(OWNERS)), owner.id(), ++sequence, Rank.NOTICE, 0, 0,
                        new AddressSpaceCommand.Truncate(tick), 0));
                ticks.add(random.nextInt(4) == 0 ? tick + 1 + random.nextInt(5) : 0);
            }
            return new OwnerReply.TurnTaken(turn.number(), sent.toArray(Envelope[]::new), ticks.stream().mapToLong(each -> each).toArray(),
                    new Object[0], sequence, 0, turns >= TURNS_BEFORE_ITS_END && random.nextInt(3) > 0, null);
        }
    }

    private static OwnerActors dice(long seed, AtomicInteger begun) {
        return owner -> {
            if (!(owner.id() instanceof AddressSpaceId)) {
                return OwnerActor.create(owner);
            }
            begun.incrementAndGet();
            return behavior(new Dice(owner, seed));
        };
    }

    private static Behavior<OwnerTask> behavior(Dice dice) {
        return Behaviors.receiveMessage(task -> {
            ActorRef<? super OwnerReply> replyTo = task.replyTo();
            replyTo.tell(dice.answer(task));
            return Behaviors.same();
        });
    }

    private static MachineParts start() {
        MachineParts parts = new Machine(Topology.oneNode(1024), new KernelSettings()).parts();
        List<Due> messages = new ArrayList<>();
        for (int i = 1; i <= OWNERS; i++) {
            OwnerId to = new AddressSpaceId(i);
            messages.add(new Due(1, new Envelope(to, new DriverId(), i, Rank.NOTICE, 0, 0, new AddressSpaceCommand.Truncate(0), 0)));
        }
        return new MachineParts(parts.topology(), parts.settings(), parts.progress(), parts.owners(), messages, parts.answers());
    }

    private static List<String> digests(Spread spread, long seed, int lanes, AtomicInteger begun) {
        List<MachineParts> parts = start().split(new Lanes(lanes));
        List<String> digests = new ArrayList<>();
        try (Spread.Running running = spread.start(lanes, (lane, host) -> MachineClock.lane(new LaneName("dice", 1, lane, lanes),
                parts.get(lane), Spread.PATIENCE, dice(seed, begun)))) {
            for (int tick = 1; tick <= TICKS; tick += 10) {
                running.machine().runWell(tick);
                digests.add(running.machine().digest());
            }
        }
        return digests;
    }

    @Test
    void ownersEndAndBeginAnewInTheSameTicksOverHoweverManyLanes() {
        try (Spread spread = Spread.remote(2)) {
            for (long seed = 1; seed <= SEEDS; seed++) {
                AtomicInteger alone = new AtomicInteger();
                AtomicInteger spreadOut = new AtomicInteger();
                List<String> expected = digests(spread, seed, 1, alone);
                assertEquals(expected, digests(spread, seed, 4, spreadOut), "seed " + seed);
                assertEquals(alone.get(), spreadOut.get(), "seed " + seed);
                assertTrue(alone.get() > OWNERS * 3, "hardly any owner has begun anew: " + alone);
            }
        }
    }
}
