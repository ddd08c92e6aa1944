package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.foliofleet.node.actor.OwnerReply.TurnTaken;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Lanes;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Goal: what actors lose is noticed. Method: VMA actors that lose one thing in one turn. */
class LostMessageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** The process and its VMAs are not in the first. */
    private static final int LANES = 2;
    private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(1);

    private static ActorSystem<SpawnProtocol.Command> system;

    @BeforeAll
    static void startSystem() {
        system = ActorSystem.create(SpawnProtocol.create(), "machines");
    }

    @AfterAll
    static void endSystem() {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }

    /** VMA actors of which one answers the n-th of those turns in which anything is sent in another way; null for not at all. */
    private static OwnerActors faulty(int n, Function<TurnTaken, OwnerReply> fault) {
        AtomicInteger turns = new AtomicInteger();
        return owner -> owner.id() instanceof VmaId ? faulty(owner, turns, n, fault) : OwnerActor.create(owner);
    }

    private static Behavior<OwnerTask> faulty(Owner owner, AtomicInteger turns, int n, Function<TurnTaken, OwnerReply> fault) {
        return Behaviors.receiveMessage(task -> {
            OwnerReply reply = OwnerActor.answer(owner, task);
            ActorRef<? super OwnerReply> replyTo = task.replyTo();
            if (reply instanceof TurnTaken turn && turn.sent().length > 0 && turns.incrementAndGet() == n) {
                reply = fault.apply(turn);
            }
            if (reply != null) {
                replyTo.tell(reply);
            }
            return Behaviors.same();
        });
    }

    /** A machine whose process is about to write to a page, and waits for its VMA. */
    private static MachineParts start() {
        Machine machine = new Machine(Topology.oneNode(1024), new KernelSettings());
        ProcessId process = machine.spawn("p", TaskContext.onNode(0));
        machine.request(process, new ProcessCommand.Execute(new MemoryCall.Mmap(new PageRange(512, 8), Protection.READ_WRITE, false,
                new Backing.Anonymous(), EnumSet.noneOf(MapFlag.class))));
        machine.submit(process, new ProcessCommand.Execute(new MemoryCall.Write(new PageRange(512, 1), ContentTag.of(1))));
        return machine.parts();
    }

    /** Whatever lane it happens in. */
    private static void assertFails(Function<TurnTaken, OwnerReply> fault, String... words) {
        assertFails(PATIENCE, fault, words);
        try (Spread spread = Spread.local()) {
            List<MachineParts> parts = start().split(new Lanes(LANES));
            OwnerActors actors = faulty(1, fault);
            try (Spread.Running running = spread.start(LANES, (lane, host) -> MachineClock.lane(new LaneName("m", 1, lane, LANES), parts.get(lane),
                    PATIENCE, actors))) {
                assertFails(running.machine(), words);
            }
        }
    }

    private static void assertFails(Duration patience, Function<TurnTaken, OwnerReply> fault, String... words) {
        try (HostedMachine machine = new HostedMachine(system, MachineClock.create(start(), patience, faulty(1, fault)))) {
            assertFails(machine, words);
        }
    }

    private static void assertFails(HostedMachine machine, String... words) {
        RunReport.Failed failed = assertInstanceOf(RunReport.Failed.class, machine.run(MachineMessage.UNTIL_QUIET));
        String message = assertInstanceOf(InvariantViolation.class, failed.cause()).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
        assertEquals(failed, machine.run(MachineMessage.UNTIL_QUIET), "it does not go on");
    }

    private static TurnTaken sending(TurnTaken turn, int messages, long sequence) {
        return new TurnTaken(turn.number(), Arrays.copyOf(turn.sent(), messages), turn.ticks(), turn.events(), sequence, turn.waiting(),
                turn.ended(), turn.programs());
    }

    @Test
    void aMessageThatAnOutboxLosesIsMissed() {
        assertFails(turn -> sending(turn, turn.sent().length - 1, turn.sequence()), "tick ", "a message of vma ", "is missing");
    }

    @Test
    void aMessageThatAnOwnerForgetsToHaveSentLeavesItsRequesterWaiting() {
        assertFails(turn -> sending(turn, turn.sent().length - 1, turn.sequence() - 1), "tick ", "is quiet, but operations wait in [process 1, vma 1.1]");
    }

    @Test
    void anOwnerThatDoesNotAnswerIsNamed() {
        assertFails(LITTLE_PATIENCE, turn -> null, "tick ", "no answer from vma ");
    }

    @Test
    void anOwnerThatFailsStopsTheMachineWithItsReason() {
        assertFails(turn -> new OwnerReply.TurnFailed(turn.number(), new InvariantViolation("planted")), "planted");
    }
}
