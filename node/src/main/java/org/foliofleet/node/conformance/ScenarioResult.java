package org.foliofleet.node.conformance;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How the replay of one scenario ended.
 *
 * @param steps                number of its steps, observations included
 * @param stepsPassed          steps without any difference; steps that were not reached did not pass
 * @param differences          all differences, in order
 * @param unsupportedStatement the statement or requirement that the model lacks, and what it lacks for it
 */
public record ScenarioResult(String name, String family, Result result, int steps, int stepsPassed,
        List<Difference> differences, Optional<String> unsupportedStatement) {

    /** How it ended. */
    public enum Result {
        /** Everything recorded is equal. */
        PASS,
        /** Something differs, or the model stopped. */
        FAIL,
        /** The scenario needs what is not modelled; it was replayed up to there. */
        UNSUPPORTED;

        /** The word in reports. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The first difference, if any. */
    public Optional<Difference> firstDifference() {
        return differences.stream().findFirst();
    }

    /** Whether there are differences, all of them in counters. */
    public boolean onlyCounters() {
        return !differences.isEmpty()
                && differences.stream().allMatch(d -> d.category() == Difference.Category.COUNTERS);
    }
}
