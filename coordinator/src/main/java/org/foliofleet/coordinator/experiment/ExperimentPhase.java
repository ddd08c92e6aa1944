package org.foliofleet.coordinator.experiment;

import java.util.Locale;

/** Where an experiment is in its life. */
public enum ExperimentPhase {
    /** It is in the journal; nobody was told yet. */
    SUBMITTED,
    /** Machines are told to run; not all of them were heard of. */
    STARTING,
    /** All machines were heard of; at least one has not ended. */
    RUNNING,
    /** All machines rest at committed epochs. */
    PAUSED,
    /** All machines have ended, each with a result. */
    COMPLETED,
    /** All machines have ended, at least one without a result. */
    FAILED,
    /** Somebody ended it before its end. */
    CANCELLED;

    /** Whether nothing more will happen. */
    public boolean isOver() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }

    /** Whether machines are to run. */
    public boolean isActive() {
        return this == SUBMITTED || this == STARTING || this == RUNNING;
    }

    /** As people read it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
