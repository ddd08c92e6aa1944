package org.foliofleet.node.workload;

import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * One machine, as whoever runs programs on it sees it. Its time is a tick; within a tick, calls are submitted in a
 * deterministic order, then the tick is executed. A process has at most one call under way.
 */
public interface SimulatedMachine extends AutoCloseable {
    /** Hears what happened while ticks were executed, in the machine's total order. */
    interface Listener {
        /**
         * The call that {@code process} had under way is complete. The process goes on in the next tick, or when the cost
         * of the call has passed since it was submitted, whichever is later.
         *
         * @param costNanos what the cost table says, in simulated nanoseconds
         */
        void completed(String process, CallResult result, long costNanos);

        /** The machine ended the process (out of memory); its call, if one was under way, never completes. */
        void killed(String process);
    }

    /** Brings a process without memory to life, on the first CPU of a node. */
    void spawn(String process, int node);

    /**
     * Starts a call of a living process. A {@code Fork} makes the child; it is spawned when that completes with ok. An
     * {@code Exit} completes when the process is gone.
     */
    void submit(String process, MemoryCall call);

    /** Starts something done to the machine; its completion is reported for {@code process}, which asked for it. */
    void submit(String process, MachineCall call);

    /** The next tick in which the machine itself has something to do, or {@code Long.MAX_VALUE} if it has not. */
    long nextTick();

    /** Whether no call or other operation is unfinished. Daemons that will wake up by themselves do not count. */
    boolean isQuiet();

    /**
     * Executes a tick.
     *
     * @param tick greater than any executed before, not greater than {@link #nextTick} unless calls were submitted for it
     */
    void execute(long tick, Listener listener);

    /** What the machine can measure now. Looking changes nothing. */
    MetricValues metrics();

    /** Digest of the machine's state now. */
    String digest();

    /** Lets go of what the machine holds outside of the heap; nothing by default. */
    @Override
    default void close() {}
}
