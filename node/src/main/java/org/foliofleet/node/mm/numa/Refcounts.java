package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.policy.RefcountOverflow;

/** What happened to reference counts that came to the limit of their width (R1.17). Counts themselves are exact; this is a view of them. */
public final class Refcounts {
    /** Operations that can fail at the limit. */
    public enum Operation { NONE, GUP, FORK, FAULT }

    /** No count is so narrow that this is beyond its limit. */
    private static final long LEAST_MAX = Short.MAX_VALUE;

    private Operation firstRefused = Operation.NONE;
    private long firstRefusedTick;

    /** The first operation that was refused, or {@link Operation#NONE}. */
    public Operation firstRefused() {
        return firstRefused;
    }

    /** When that was. */
    public long firstRefusedTick() {
        return firstRefusedTick;
    }

    /** Notes that an operation was refused. Within a step. */
    static void refuse(NumaNode node, Operation operation, Turn turn) {
        turn.emit(new Refused(operation, turn.tick()));
    }

    /** {@code count} folios alike got references. For events. */
    static Folio raised(NumaNode node, Folio before, Folio after, long count) {
        long references = node.rules.references(after);
        node.tally.referenced(references);
        if (references <= LEAST_MAX) {
            return after;
        }
        RefcountLimit limit = node.rules.limit(after);
        if (references <= limit.max()) {
            return after;
        }
        long overflows = limit.overflows(node.rules.references(before), references);
        if (overflows > 0) {
            node.statistics.add(VmEvent.REFCOUNT_OVERFLOW, overflows * count);
        }
        if (limit.policy() == RefcountOverflow.SATURATE && !after.has(Folio.SATURATED)) {
            node.statistics.add(VmEvent.REFCOUNT_SATURATED, count);
            return after.with(Folio.SATURATED);
        }
        return after;
    }

    /** {@code count} folios alike lost references. For events. */
    static void lowered(NumaNode node, Folio after, long count) {
        long references = node.rules.references(after);
        if (references > LEAST_MAX && node.rules.limit(after).isFreedTooEarly(references)) {
            node.statistics.add(VmEvent.REFCOUNT_FREED_WHILE_MAPPED, count);
        }
    }

    private record Refused(Operation operation, long tick) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(switch (operation) {
                case GUP -> VmEvent.REFCOUNT_GUP_REFUSED;
                case FORK -> VmEvent.REFCOUNT_FORK_REFUSED;
                default -> VmEvent.REFCOUNT_FAULT_REFUSED;
            }, 1);
            if (node.refcounts.firstRefused == Operation.NONE) {
                node.refcounts.firstRefused = operation;
                node.refcounts.firstRefusedTick = tick;
            }
        }
    }
}
