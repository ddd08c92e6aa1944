package org.foliofleet.coordinator.comparison;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How far a comparison is.
 *
 * @param name            of the experiment
 * @param reason          why it has failed or was cancelled; else empty
 * @param variants        what is compared, the first is what others are compared with
 * @param seeds           of each variant
 * @param machines        of all runs together
 * @param machinesDone    that have ended
 * @param submittedMillis wall time
 * @param changedMillis   wall time of the last change of its phase
 */
public record ComparisonStatus(String id, String name, Phase phase, String reason, List<Variant> variants, List<Long> seeds, long machines, long machinesDone,
        long submittedMillis, long changedMillis) {
    /** In which phase it is. */
    public enum Phase {
        /** Others run before. */
        WAITING,
        /** Its machines run. */
        RUNNING,
        /** There is a result. */
        COMPLETED,
        /** It could not be run to its end. */
        FAILED,
        /** Somebody ended it. */
        CANCELLED;

        /** As people read it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean isOver() {
            return compareTo(RUNNING) > 0;
        }
    }

    /**
     * A combination of values.
     *
     * @param variant its letter
     * @param values  by name of the switch or setting
     */
    public record Variant(String variant, Map<String, String> values) {}
}
