package org.foliofleet.node.mm.memcg;

import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.MemcgId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Memcg;

/**
 * {@code struct mem_cgroup} with a limit. What is charged is counted by the nodes, each of which may charge up to an allowance of its own
 * without asking, as CPUs do from their stock; the allowances together are never more than the limit. A node that has used up its
 * allowance has it extended here.
 */
public final class MemoryCgroup extends Owner {
    private static final Handlers<MemoryCgroup> HANDLERS = new Handlers<MemoryCgroup>()
            .flow(Memcg.Begin.class, Charging::begin)
            .flow(Memcg.Charge.class, Charging::charge)
            .atomic(Memcg.OomKilled.class, Charging::killed);

    String name = "";
    /** In pages. */
    long max;
    /** {@code memory.events}. */
    long metMax;
    long oom;
    long oomKills;

    public MemoryCgroup(MemcgId id) {
        super(id);
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((MemcgEvent) event).applyTo(this);
    }

    public String name() {
        return name;
    }

    public int number() {
        return ((MemcgId) id()).number();
    }

    /** {@code memory.max} in pages. */
    public long max() {
        return max;
    }

    /** How often a charge met the limit: {@code max} of {@code memory.events}. */
    public long timesAtMax() {
        return metMax;
    }

    /** How often nothing could be reclaimed: {@code oom} of {@code memory.events}. */
    public long timesOutOfMemory() {
        return oom;
    }

    /** Processes that were killed for it: {@code oom_kill} of {@code memory.events}. */
    public long oomKills() {
        return oomKills;
    }
}
