package org.foliofleet.coordinator.experiment;

import java.util.List;
import org.foliofleet.protocol.experiment.Execution;

/**
 * An experiment as somebody who asks sees it.
 *
 * @param name             as its file says
 * @param reason           why it is in its phase; empty where that needs no reason
 * @param pausing          whether machines are being told to rest
 * @param seed             that it was run with
 * @param spec             digest of what is run
 * @param origin           {@code EXPERIMENT@EPOCH} from which it was branched, or empty
 * @param submittedMillis  wall time
 * @param changedMillis    wall time since when it is in its phase
 * @param machines         how many, and what they do
 * @param epoch            the least in which a machine that has not ended has committed last: its tick by the ticks of an epoch;
 *                         -1 if not known
 * @param nanos            simulated by the slowest machine that has not ended; -1 if not known
 * @param goalNanos        simulated time at which its machines end; -1 if they end otherwise
 * @param nanosPerSecond   simulated time per second of wall time, of the slowest machine; 0 if not known
 * @param messages         delivered by all machines, as far as known
 * @param messagesPerSecond the rate of that
 * @param remainingSeconds estimate of the wall time that remains; -1 if there is none
 * @param execution        how it is run
 * @param digest           of the completed experiment; empty before
 * @param troubles         what went wrong on the way or keeps machines waiting, the latest last, few
 */
public record ExperimentStatus(String id, String name, ExperimentPhase phase, String reason, boolean pausing, long seed, String spec,
        String origin, long submittedMillis, long changedMillis, Machines machines, long epoch, long nanos, long goalNanos,
        long nanosPerSecond, long messages, long messagesPerSecond, long remainingSeconds, Execution execution, String digest,
        List<String> troubles) {
    /**
     * How many machines do what.
     *
     * @param starting  told to run, or to be told; not heard of yet
     * @param waiting   for something that is not there, such as the database
     * @param stepBacks returns to a committed epoch since this JVM knows the experiment
     */
    public record Machines(long all, long starting, long running, long waiting, long paused, long ended, long failed, long stepBacks) {}

    public ExperimentStatus {
        troubles = List.copyOf(troubles);
    }
}
