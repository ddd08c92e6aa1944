package org.foliofleet.coordinator.experiment;

import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** What was decided about an experiment, as it is in the journal. Each is of bounded size. */
sealed interface ExperimentEvent {
    /** The longest reason that is kept, in characters. */
    int LONGEST_REASON = 2_000;

    /** @param atMillis wall time, as in all others */
    record Submitted(ExperimentSource source, Execution execution, long atMillis) implements ExperimentEvent {}

    /** Machines are being told to run. */
    record Started(long atMillis) implements ExperimentEvent {}

    /** All machines were heard of. */
    record Ran(long atMillis) implements ExperimentEvent {}

    /** Machines are being told to rest. */
    record PauseWanted(String reason, long atMillis) implements ExperimentEvent {}

    /** All machines rest. */
    record Paused(long atMillis) implements ExperimentEvent {}

    /** To go on, perhaps hosted or placed otherwise than before. */
    record Resumed(Execution execution, long atMillis) implements ExperimentEvent {}

    /** @param result as the machine gave it, compressed */
    record MachineEnded(String machine, long epoch, long tick, String digest, byte[] result) implements ExperimentEvent {}

    record MachineFailed(String machine, String reason) implements ExperimentEvent {}

    /** @param digest of the experiment */
    record Completed(String digest, long atMillis) implements ExperimentEvent {}

    record Failed(String reason, long atMillis) implements ExperimentEvent {}

    record Cancelled(String reason, long atMillis) implements ExperimentEvent {}

    /** A reason, no longer than may be kept. */
    static String bounded(String reason) {
        String text = String.valueOf(reason);
        return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
    }
}
