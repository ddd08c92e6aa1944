package org.foliofleet.node.conformance;

import java.util.List;

/** One recorded scenario: what was done to a kernel and what it did. */
record Recording(RecordingHeader header, List<Step> steps) {

    /** One line of the body. */
    sealed interface Step {
        /** The text of the line. */
        String text();
    }

    record Operation(Statement statement, Outcome outcome) implements Step {
        @Override
        public String text() {
            return statement.text();
        }
    }

    record Observed(Observation observation) implements Step {
        @Override
        public String text() {
            return "observe " + observation.label();
        }
    }
}
