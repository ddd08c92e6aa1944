package org.foliofleet.node.actor;

import java.util.Locale;
import org.foliofleet.node.journal.JournalFailure;

/**
 * Why an incarnation of a machine could not go on.
 *
 * @param cause for a person
 */
record Interruption(Kind kind, String cause) {
    /** What helps. */
    enum Kind {
        /** Stepping back, unless it happens again and again. */
        FAULT,
        /** Waiting. */
        AWAY,
        /** Nothing: what it would go on from cannot be used. */
        DAMAGE,
        /** Nothing is to be done here: somebody else goes on with the machine, or may do so. */
        SUPERSEDED,
        /** Nothing is wrong: it has been spread anew, and goes on in the next incarnation. */
        SPREAD_ANEW;

        /** In statistics. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a journal failed of. */
    static Interruption of(Throwable journal) {
        JournalFailure failure = JournalFailure.of(journal);
        return switch (failure.kind()) {
            case UNAVAILABLE -> new Interruption(Kind.AWAY, failure.reason());
            case REFUSED -> new Interruption(Kind.SUPERSEDED, failure.reason());
            case DAMAGED -> new Interruption(Kind.DAMAGE, "its journal cannot be used: " + failure.reason());
        };
    }
}
