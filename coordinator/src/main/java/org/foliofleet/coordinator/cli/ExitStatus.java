package org.foliofleet.coordinator.cli;

/** The exit statuses of every command of {@code foliofleet}. */
final class ExitStatus {
    /** Done; nothing differs, every assertion holds. */
    static final int OK = 0;

    /** The command worked and its answer is no: a difference, a failed assertion. */
    static final int DIFFERENT = 1;

    /** Input or options cannot be used. */
    static final int BAD_INPUT = 2;

    /** A fault of this program. */
    static final int INTERNAL_ERROR = 3;

    /** An experiment has failed or was cancelled, or a member of a cluster was lost. */
    static final int FAILED = 4;

    /** Ended by Ctrl-C; an experiment of this JVM is paused and can be resumed. */
    static final int INTERRUPTED = 130;

    private ExitStatus() {}
}
