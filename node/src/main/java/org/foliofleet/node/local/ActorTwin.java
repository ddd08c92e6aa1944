package org.foliofleet.node.local;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.HostedMachine;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId;

/**
 * A machine whose owners are actors on all cores. It runs in bursts, each of which ends with what a journal would commit;
 * before every run but the first it is written as bytes and goes on in new actors, which every other time are spread over
 * several lanes.
 */
final class ActorTwin implements Twin {
    private static final int BURSTS = 3;
    private static final int LANES = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private record Happened(long tick, OwnerId owner, Object event) {}

    private final ActorSystem<SpawnProtocol.Command> system;
    private final WorkloadPlan plan;
    private final EventSink sink;
    /** What lanes tell at the same time, until a run is over. */
    private final List<Happened> happened = new ArrayList<>();
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
        EventSink collect = sink == EventSink.NONE ? sink : this::collect;
        machine = runs % 2 == 0 ? new HostedMachine(system, MachineClock.create(parts, PATIENCE, collect))
                : HostedMachine.spread(system, "twin", parts, LANES, PATIENCE, collect);
    }

    private void collect(long tick, OwnerId owner, Object event) {
        synchronized (happened) {
            happened.add(new Happened(tick, owner, event));
        }
    }

    @Override
    public void runTo(long tick) {
        if (runs++ > 0) {
            byte[] state = machine.snapshot();
            machine.close();
            host(MachineParts.of(state).resume(plan));
        }
        try {
            for (int burst = 1; burst <= BURSTS; burst++) {
                machine.runWell(reached + (tick - reached) * burst / BURSTS);
                machine.commit();
            }
        } finally {
            tell();
        }
        reached = tick;
    }

    /** In the order of ticks, and of owners in a tick. */
    private void tell() {
        synchronized (happened) {
            happened.sort(Comparator.comparingLong(Happened::tick).thenComparing(Happened::owner));
            happened.forEach(each -> sink.happened(each.tick(), each.owner(), each.event()));
            happened.clear();
        }
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
