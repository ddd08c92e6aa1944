package org.foliofleet.node.local;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.time.Duration;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.HostedMachine;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * A machine whose owners are actors on all cores. It runs in bursts, each of which ends with what a journal would commit;
 * after every fourth run it is written as bytes and goes on in new actors.
 */
final class ActorTwin implements Twin {
    private static final int BURSTS = 3;
    private static final int RUNS_OF_ONE_LIFE = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ActorSystem<SpawnProtocol.Command> system;
    private final WorkloadPlan plan;
    private final EventSink sink;
    private HostedMachine machine;
    private long reached;
    private int runs;

    ActorTwin(ActorSystem<SpawnProtocol.Command> system, MachineParts parts, WorkloadPlan plan, EventSink sink) {
        this.system = system;
        this.plan = plan;
        this.sink = sink;
        reached = parts.progress().tick();
        host(parts);
    }

    private void host(MachineParts parts) {
        machine = new HostedMachine(system, MachineClock.create(parts, PATIENCE, sink));
    }

    @Override
    public void runTo(long tick) {
        if (++runs % RUNS_OF_ONE_LIFE == 0) {
            byte[] state = machine.snapshot();
            machine.close();
            host(MachineParts.of(state).resume(plan));
        }
        for (int burst = 1; burst <= BURSTS; burst++) {
            machine.runWell(reached + (tick - reached) * burst / BURSTS);
            machine.commit();
        }
        reached = tick;
    }

    @Override
    public String digest() {
        return machine.digest();
    }

    @Override
    public byte[] snapshot() {
        return machine.snapshot();
    }

    @Override
    public void close() {
        machine.close();
    }
}
