package org.foliofleet.coordinator.experiment;

import java.util.List;

/**
 * What failed in an experiment, by cause.
 *
 * @param complete whether all machines have ended: else calls of machines that run are only counted, not told apart
 * @param classes  calls of programs
 * @param machines that do not go on
 */
public record FailuresView(String id, boolean complete, List<ClassFailures> classes, List<MachineFailures> machines) {
    public FailuresView {
        classes = List.copyOf(classes);
        machines = List.copyOf(machines);
    }

    /**
     * @param name        of the machine class
     * @param machines    how many it has
     * @param ended       how many of them have told what failed
     * @param callsFailed in all of them, as far as known
     * @param calls       of those that have ended; what failed first comes first
     */
    public record ClassFailures(String name, long machines, long ended, long callsFailed, List<CallFailures> calls) {
        public ClassFailures {
            calls = List.copyOf(calls);
        }
    }

    /**
     * Calls that failed alike.
     *
     * @param error        errno name, signal or {@code unsupported: …}
     * @param firstNanos   simulated time of the first
     * @param firstMachine number of the machine in its class
     * @param line         in the experiment file, 0 if there is none
     */
    public record CallFailures(String call, String error, long count, long firstNanos, int firstMachine, String firstProcess, int line) {}

    /** @param machines some of their names */
    public record MachineFailures(String cause, long count, List<String> machines) {
        public MachineFailures {
            machines = List.copyOf(machines);
        }
    }
}
