package org.foliofleet.coordinator.experiment;

import org.foliofleet.protocol.BadInput;

/** What was asked cannot be done, through no fault of this program: one message, with the remedy. */
public final class ExperimentProblem extends BadInput {
    private static final long serialVersionUID = 1;

    /** What kind of thing is in the way. */
    public enum Kind {
        /** What was asked makes no sense. */
        INVALID,
        /** There is no such thing. */
        UNKNOWN,
        /** Not in the phase in which the experiment is, or taken. */
        CONFLICT,
        /** Not now: others ask for the same. */
        BUSY,
        /** Not now: somebody who is needed does not answer. */
        UNAVAILABLE
    }

    private final Kind kind;

    public ExperimentProblem(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
