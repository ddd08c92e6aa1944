package org.foliofleet.coordinator.experiment;

import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** What is in the journal of the list of all experiments. */
sealed interface DirectoryEvent {
    /** There is one more; whether it knows of that is not known. */
    record Added(String id, String name, ExperimentSource source, Execution execution, long atMillis) implements DirectoryEvent {}

    /** An experiment has come into another phase, and so it knows of itself. */
    record Moved(String id, ExperimentPhase phase, String reason, long atMillis) implements DirectoryEvent {}
}
