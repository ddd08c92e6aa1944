package org.foliofleet.protocol.program;

import java.util.Locale;

/**
 * How a step should end; one that ends otherwise is reported, and the run fails.
 *
 * @param kind  what is expected
 * @param errno with {@link Kind#ERRNO}, which; null otherwise
 */
public record Expectation(Kind kind, Errno errno) {
    public static final Expectation ANYTHING = new Expectation(Kind.ANYTHING, null);

    /** Kinds of expectations; {@code FAILED} is any error number or signal. */
    public enum Kind { ANYTHING, OK, FAILED, SIGSEGV, SIGBUS, ERRNO }

    public static Expectation of(Kind kind) {
        return new Expectation(kind, null);
    }

    public static Expectation of(Errno errno) {
        return new Expectation(Kind.ERRNO, errno);
    }

    public boolean isMetBy(CallResult result) {
        return switch (kind) {
            case ANYTHING -> true;
            case OK -> result instanceof CallResult.Ok || result instanceof CallResult.Moved;
            case FAILED -> result instanceof CallResult.Failed || result instanceof CallResult.Signal;
            case SIGSEGV -> result instanceof CallResult.Signal signal && !signal.bus();
            case SIGBUS -> result instanceof CallResult.Signal signal && signal.bus();
            case ERRNO -> result instanceof CallResult.Failed failed && failed.errno() == errno;
        };
    }

    /** The word in experiment files. */
    public String word() {
        return switch (kind) {
            case ERRNO -> errno.name();
            case SIGSEGV, SIGBUS -> kind.name();
            default -> kind.name().toLowerCase(Locale.ROOT);
        };
    }
}
