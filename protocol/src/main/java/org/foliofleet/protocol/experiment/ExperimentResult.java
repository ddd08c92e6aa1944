package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.OptionalLong;
import org.foliofleet.protocol.series.Series;

/**
 * What came out of an experiment.
 *
 * @param spec       what was run
 * @param digest     of the final state of all machines: equal runs have equal digests
 * @param classes    in the order of the spec
 * @param assertions in the order of the spec
 * @param unmet      steps that ended otherwise than expected, at most {@link #MOST_UNMET}
 */
public record ExperimentResult(ExperimentSpec spec, String digest, List<ClassResult> classes,
                               List<AssertionResult> assertions, List<Unmet> unmet) {
    /** How many unmet expectations are kept. */
    public static final int MOST_UNMET = 20;

    public ExperimentResult {
        classes = List.copyOf(classes);
        assertions = List.copyOf(assertions);
        unmet = List.copyOf(unmet);
    }

    /** How the error of a call begins that the model can not do. */
    public static final String UNSUPPORTED = "unsupported: ";

    /** Whether every assertion holds, every expectation was met, and the model could do every call. */
    public boolean passed() {
        return assertions.stream().allMatch(AssertionResult::holds) && unmet.isEmpty() && !isIncomplete();
    }

    /** Whether programs made calls that the model can not do. */
    public boolean isIncomplete() {
        return classes.stream().flatMap(machines -> machines.failures().stream())
            .anyMatch(group -> group.error().startsWith(UNSUPPORTED));
    }

    /**
     * The machines of one class together.
     *
     * @param nanos    simulated time of the machine that ran longest
     * @param end      why they ended, in words
     * @param metrics  at the end
     * @param marks    in the order first reached
     * @param failures calls that failed, by call and error, in the order first met
     * @param times    of calls, by name
     * @param series   of all machines together, in the course of time
     */
    public record ClassResult(String name, int machines, long nanos, String end, MetricValues metrics,
                              List<MarkResult> marks, List<FailureGroup> failures, List<CallTime> times, Series series) {
        public ClassResult {
            times = List.copyOf(times);
            marks = List.copyOf(marks);
            failures = List.copyOf(failures);
        }
    }

    /**
     * A mark, at the first time each machine reached it.
     *
     * @param machines how many machines reached it
     * @param nanos    simulated time at which the first did
     */
    public record MarkResult(String label, int machines, long nanos, MetricValues metrics) {}

    /**
     * Calls that failed alike.
     *
     * @param error    errno name, SIGSEGV, SIGBUS or {@code unsupported: …}
     * @param nanos    simulated time of the first
     * @param machine  machine of the class in which that was, from 0
     * @param process  the process that made it
     * @param line     line in the experiment file, 0 if there is none
     * @param vmas     VMAs of that machine at the time, or {@link #NOT_COUNTED}
     */
    public record FailureGroup(String call, String error, long count, long nanos, int machine, String process, int line, long vmas) {
        public static final long NOT_COUNTED = -1;

        public FailureGroup withCount(long newCount) {
            return new FailureGroup(call, error, newCount, nanos, machine, process, line, vmas);
        }

        public FailureGroup withVmas(long newVmas) {
            return new FailureGroup(call, error, count, nanos, machine, process, line, newVmas);
        }
    }

    /**
     * Simulated time of one kind of call, by the cost table.
     *
     * @param nanos    of all
     * @param maxNanos of the one that took longest
     */
    public record CallTime(String call, long calls, long nanos, long maxNanos) {
        /** Together with that of other machines. */
        public CallTime and(CallTime other) {
            return new CallTime(call, calls + other.calls, nanos + other.nanos, Math.max(maxNanos, other.maxNanos));
        }
    }

    /** @param value what was measured, or empty: nothing was */
    public record AssertionResult(ExperimentSpec.Assertion assertion, OptionalLong value, boolean holds) {}

    /** A step that ended otherwise than expected. */
    public record Unmet(String machines, int machine, String process, int line, String call, String expected, String was) {
        public Unmet in(String machineClass) {
            return new Unmet(machineClass, machine, process, line, call, expected, was);
        }
    }
}
