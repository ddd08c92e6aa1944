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

    private ExitStatus() {}
}
