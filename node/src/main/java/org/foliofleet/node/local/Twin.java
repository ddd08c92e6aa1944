package org.foliofleet.node.local;

import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/** The second run of a machine, which somebody else hosts. */
interface Twin extends AutoCloseable {
    /** Makes twins. */
    @FunctionalInterface
    interface Maker {
        /**
         * A machine that goes on from the parts.
         *
         * @param parts belong to the twin; their programs know the plan
         * @param sink  is told what happens, not after {@link Twin#runTo} has returned
         */
        Twin make(MachineParts parts, WorkloadPlan plan, EventSink sink);
    }

    /**
     * Runs all ticks up to that one.
     *
     * @throws RuntimeException if what cannot happen has happened
     */
    void runTo(long tick);

    String digest();

    byte[] snapshot();

    @Override
    void close();
}
