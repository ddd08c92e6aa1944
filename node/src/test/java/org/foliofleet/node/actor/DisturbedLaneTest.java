package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.journal.RowSet;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is lost or doubled between lanes disturbs the machine, in all its lanes, and what is left of an older
 * incarnation does not. Method: an experiment over three lanes in three systems, where one lane hears one packet otherwise.
 */
class DisturbedLaneTest {
    private static final int LANES = 3;
    private static final int FAULTY = 1;
    private static final int PACKET = 40;
    private static final long INCARNATION = 5;
    private static final int TICKS = 12;
    private static final ExperimentSpec SPEC = SpecLoader.bundled("pin-half-unmap");
    private static final MachineClass MACHINES = SPEC.machines().get(0);

    private static Spread spread;

    @BeforeAll
    static void start() {
        spread = Spread.remote(LANES);
    }

    @AfterAll
    static void end() {
        spread.close();
    }

    private static MachineParts parts() {
        return new LocalHost().boot(SPEC, MACHINES, 0).parts();
    }

    /** What a lane hears when a packet comes. */
    @FunctionalInterface
    private interface Fault {
        List<LanePacket> hears(int number, LanePacket packet);
    }

    private static final class Ear extends BehaviorInterceptor<MachineMessage, MachineMessage> {
        private final Fault fault;
        private int packets;

        Ear(Fault fault) {
            super(MachineMessage.class);
            this.fault = fault;
        }

        @Override
        public Behavior<MachineMessage> aroundReceive(TypedActorContext<MachineMessage> context, MachineMessage message,
                ReceiveTarget<MachineMessage> target) {
            if (!(message instanceof LanePacket packet)) {
                return target.apply(context, message);
            }
            Behavior<MachineMessage> behavior = Behaviors.same();
            for (LanePacket heard : fault.hears(++packets, packet)) {
                behavior = target.apply(context, heard);
            }
            return behavior;
        }
    }

    private static Spread.Running start(Duration patience, Fault fault) {
        return spread.start("m", INCARNATION, parts().split(new Lanes(LANES)), patience,
                (lane, behavior) -> lane == FAULTY ? Behaviors.intercept(() -> new Ear(fault), behavior) : behavior);
    }

    private static void assertDisturbed(Duration patience, Fault fault, String words) throws InterruptedException {
        try (Spread.Running running = start(patience, fault)) {
            RunReport.Failed failed = assertInstanceOf(RunReport.Failed.class, running.machine().run(MachineMessage.UNTIL_QUIET));
            String message = assertInstanceOf(Disturbance.class, failed.cause()).getMessage();
            assertTrue(message.startsWith("machine m, lane ") && message.contains(words), message);
            TreeSet<Integer> told = new TreeSet<>();
            while (told.size() < LANES) {
                LaneNews news = running.news().poll(20, TimeUnit.SECONDS);
                assertNotNull(news, () -> "only these lanes have told their hosts: " + told);
                assertInstanceOf(Disturbance.class, assertInstanceOf(LaneNews.Failed.class, news).cause());
                told.add(news.lane().lane());
            }
        }
    }

    @Test
    void aLostPacketDisturbsAllLanes() throws InterruptedException {
        assertDisturbed(Spread.PATIENCE, (number, packet) -> number == PACKET ? List.of() : List.of(packet), "was to send packet");
    }

    @Test
    void aDoubledPacketDisturbsAllLanes() throws InterruptedException {
        assertDisturbed(Spread.PATIENCE, (number, packet) -> number == PACKET ? List.of(packet, packet) : List.of(packet), "was to send packet");
    }

    /** All that comes later is lost, too: nothing but the time shows it, and to whom first is open. */
    @Test
    void silenceDisturbsTheMachine() {
        try (Spread.Running running = start(Duration.ofSeconds(1), (number, packet) -> number >= PACKET ? List.of() : List.of(packet))) {
            RunReport.Failed failed = assertInstanceOf(RunReport.Failed.class, running.machine().run(MachineMessage.UNTIL_QUIET));
            assertTrue(failed.cause().getMessage().contains("nothing was heard of lane"), failed.cause().getMessage());
        }
    }

    @Test
    void whatIsLeftOfAnOlderIncarnationIsNotHeard() {
        Machine expected = new LocalHost().boot(SPEC, MACHINES, 0);
        expected.runUntilQuiet();
        try (Spread.Running running = start(Spread.PATIENCE, (number, packet) -> List.of(ofOlder(packet), packet))) {
            running.machine().runWell(MachineMessage.UNTIL_QUIET);
            assertEquals(expected.digest(), running.machine().digest());
        }
    }

    private static LanePacket ofOlder(LanePacket packet) {
        LaneName from = packet.from();
        return new LanePacket(new LaneName(from.machine(), INCARNATION - 1, from.lane(), from.lanes()), packet.number(), packet.chunk(),
                packet.chunks(), packet.message(), packet.bytes());
    }

    @Test
    void lanesTellTheirHostsWhatHasChangedAndWhatItIsGoodFor() throws InterruptedException {
        Machine expected = new LocalHost().boot(SPEC, MACHINES, 0);
        List<TreeMap<Long, OwnerRow>> rows = List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        try (Spread.Running running = start(Spread.PATIENCE, (number, packet) -> List.of(packet))) {
            for (int commit = 0; commit < 3; commit++) {
                for (int step = 0; step < TICKS; step++) {
                    expected.step();
                }
                running.machine().runWell(expected.tick());
                LaneCommit combined = running.machine().commitLanes();
                assertEquals(new LaneCommit(expected.tick(), expected.isQuiet(), expected.digest(), combined.seals()), combined);
                MachineParts[] parts = new MachineParts[LANES];
                for (int told = 0; told < LANES; told++) {
                    LaneNews.Changed news = assertInstanceOf(LaneNews.Changed.class, running.news().poll(20, TimeUnit.SECONDS));
                    int lane = news.lane().lane();
                    MachineChanges changes = news.changes();
                    assertEquals(commit == 0, changes.all());
                    changes.gone().forEach(rows.get(lane)::remove);
                    changes.changed().forEach(row -> rows.get(lane).put(row.owner(), row));
                    parts[lane] = new RowSet(new ArrayList<>(rows.get(lane).values()), changes.rest()).toParts();
                    assertEquals(combined.seals().get(lane), LaneSeal.of(lane, parts[lane]), "a seal is of what the journal has");
                    assertEquals(combined.seals().get(lane), news.seal());
                    assertEquals(news.seal().digest(), changes.digest());
                }
                assertEquals(expected.digest(), LaneSeal.digest(combined.seals(), parts[0]));
                assertEquals(expected.digest(), new Machine(MachineParts.join(List.of(parts))).digest());
            }
        }
    }

    @Test
    void aResumedLaneTellsOnlyWhatHasChangedSince() throws InterruptedException {
        Machine expected = new LocalHost().boot(SPEC, MACHINES, 0);
        for (int step = 0; step < TICKS; step++) {
            expected.step();
        }
        MachineParts parts = MachineParts.of(expected.snapshot()).resume(WorkloadPlan.of(SPEC, MACHINES, 0));
        int owners = parts.owners().size();
        assertEquals(expected.digest(), new Machine(parts).digest());
        try (Spread.Running running = spread.start("m", INCARNATION, parts.split(new Lanes(LANES)), Spread.PATIENCE, (lane, behavior) -> behavior)) {
            running.lanes().forEach(lane -> lane.tell(new MachineMessage.AllCommitted()));
            MachineChanges nothing = running.machine().commit();
            assertEquals(List.of(), nothing.changed());
            assertFalse(nothing.all());
            expected.step();
            running.machine().runWell(expected.tick());
            MachineChanges changes = running.machine().commit();
            assertTrue(!changes.changed().isEmpty() && changes.changed().size() < owners / 2, changes.changed().size() + " of " + owners);
            assertEquals(expected.digest(), changes.digest());
        }
    }
}
