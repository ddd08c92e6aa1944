package org.foliofleet.coordinator.experiment;

/**
 * An experiment in a list.
 *
 * @param name            as its file says
 * @param reason          why it is in its phase; may be empty
 * @param submittedMillis wall time
 * @param changedMillis   wall time since when it is in its phase
 * @param status          the last that was heard of it, or null: nothing since the coordinator began
 */
public record ExperimentSummary(String id, String name, ExperimentPhase phase, String reason, long submittedMillis, long changedMillis,
        ExperimentStatus status) {}
