package org.foliofleet.node.mm.memcg;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Memcg.Allow;
import org.foliofleet.protocol.message.Memcg.Begin;
import org.foliofleet.protocol.message.Memcg.Charge;
import org.foliofleet.protocol.message.Memcg.Charged;
import org.foliofleet.protocol.message.Memcg.OomKilled;
import org.foliofleet.protocol.message.Memcg.Recall;
import org.foliofleet.protocol.message.Memcg.Recalled;
import org.foliofleet.protocol.message.Memcg.Shrink;
import org.foliofleet.protocol.message.Memcg.Trying;

/** {@code try_charge_memcg()} and {@code try_to_free_mem_cgroup_pages()}, mm/memcontrol.c and mm/vmscan.c. */
final class Charging {
    /** Lock: one charge is dealt with after the other. */
    private static final String CHARGE_LOCK = "charge";
    /** SWAP_CLUSTER_MAX. */
    private static final long CLUSTER = 32;
    /** DEF_PRIORITY. */
    private static final int FIRST_PRIORITY = 12;

    /** How long who finds that the rest is promised to others waits for what they leave, in ticks. */
    private static final long PROMISE_TICKS = 8;

    /** Whether there is enough for a charge. */
    private enum Stock {
        ENOUGH,
        /** There would be if nobody else had been promised some. */
        PROMISED,
        SHORT
    }

    private Charging() {}

    static Void begin(MemoryCgroup cgroup, Begin begin, Turn turn) {
        turn.run(() -> turn.emit(new Began(begin.name(), begin.max())));
        recall(cgroup, turn);
        return null;
    }

    static Void killed(MemoryCgroup cgroup, OomKilled killed, Turn turn) {
        turn.emit(new Counted(0, 0, 1));
        return null;
    }

    /** Whoever may not wait for the lock does not: reclaim, whose charge has it, may want what that one holds. */
    static Charged charge(MemoryCgroup cgroup, Charge request, Turn turn) {
        if (request.trying() != Trying.NOT) {
            turn.lock(CHARGE_LOCK, true);
        } else if (!turn.tryLock(CHARGE_LOCK, true)) {
            return Charged.REFUSED;
        }
        Stock before = allow(cgroup, request, turn);
        if (before == Stock.ENOUGH) {
            return Charged.DONE;
        }
        if (request.trying() == Trying.NOT) {
            return Charged.REFUSED;
        }
        if (before == Stock.PROMISED && request.trying() == Trying.FULL) {
            return later(request, turn);
        }
        turn.run(() -> turn.emit(new Counted(1, 0, 0)));
        long reclaimed = reclaim(cgroup, request, turn);
        Stock after = allow(cgroup, request, turn);
        if (after == Stock.ENOUGH) {
            return Charged.DONE;
        }
        if (request.trying() == Trying.ONCE) {
            return Charged.REFUSED;
        }
        if (after == Stock.PROMISED) {
            return later(request, turn);
        }
        if (reclaimed > 0) {
            return turn.continueAs(request);
        }
        turn.run(() -> turn.emit(new Counted(0, 1, 0)));
        return Charged.STUCK;
    }

    private static Charged later(Charge request, Turn turn) {
        turn.sleepUntil(turn.step(() -> turn.tick() + PROMISE_TICKS));
        return turn.continueAs(request);
    }

    /** Of several nodes the one that asks gets half of what it does not need, as others may ask next. */
    private static Stock allow(MemoryCgroup cgroup, Charge request, Turn turn) {
        Recalled all = recall(cgroup, turn);
        long left = turn.step(() -> cgroup.max) - all.charged() - request.pages();
        long spare = left - all.promised();
        if (spare < 0) {
            return left < 0 ? Stock.SHORT : Stock.PROMISED;
        }
        long more = turn.context().topology().nodes().size() == 1 ? spare : spare / 2;
        turn.ask(new NumaNodeId(request.node()), new Allow(cgroup.number(), request.pages() + more, request.pages()));
        return Stock.ENOUGH;
    }

    /** {@code drain_all_stock()}: replies how all nodes together stand. */
    private static Recalled recall(MemoryCgroup cgroup, Turn turn) {
        List<NumaNodeId> nodes = nodes(turn);
        long charged = 0;
        long promised = 0;
        for (Recalled one : turn.askAll(nodes, nodes.stream().map(node -> new Recall(cgroup.number())).toList())) {
            charged += one.charged();
            promised += one.promised();
        }
        return new Recalled(charged, promised);
    }

    private static long reclaim(MemoryCgroup cgroup, Charge request, Turn turn) {
        long target = Math.max(request.pages(), CLUSTER);
        long reclaimed = 0;
        for (int priority = FIRST_PRIORITY; priority >= 0 && reclaimed < target; priority--) {
            for (int node : turn.context().topology().zonelist(request.node())) {
                reclaimed += turn.ask(new NumaNodeId(node), new Shrink(cgroup.number(), priority, target)).reclaimed();
            }
        }
        return reclaimed;
    }

    private static List<NumaNodeId> nodes(Turn turn) {
        List<NumaNodeId> nodes = new ArrayList<>();
        for (int node = 0; node < turn.context().topology().nodes().size(); node++) {
            nodes.add(new NumaNodeId(node));
        }
        return nodes;
    }

    private record Began(String name, long max) implements MemcgEvent {
        @Override
        public void applyTo(MemoryCgroup cgroup) {
            cgroup.name = name;
            cgroup.max = max;
        }
    }

    /** {@code memory_events} went up. */
    private record Counted(long max, long oom, long kills) implements MemcgEvent {
        @Override
        public void applyTo(MemoryCgroup cgroup) {
            cgroup.metMax += max;
            cgroup.oom += oom;
            cgroup.oomKills += kills;
        }
    }
}
