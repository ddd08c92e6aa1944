package org.foliofleet.node.journal;

import akka.persistence.RecoveryTimedOut;
import java.io.NotSerializableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.foliofleet.node.journal.JournalRecord.Resumed;
import org.foliofleet.protocol.serial.DecodingException;

/**
 * Why a journal ended, and what to do about it.
 *
 * @param kind   what helps
 * @param reason in one line
 */
public record JournalFailure(Kind kind, String reason) {
    /** What helps against a failure. */
    public enum Kind {
        /**
         * The database is not there, or has no room; or this JVM stood still; or somebody wrote while this one was about to
         * go on: to be tried again, from the last commit. Then it will be known whether somebody else goes on.
         */
        UNAVAILABLE,
        /** Somebody else goes on with the machine, or may do so: nothing is to be tried here. */
        REFUSED,
        /** Rows are missing or not as they were written: the machine cannot go on. */
        DAMAGED
    }

    private static final String UNIQUE_VIOLATION = "23505";
    /** Classes of SQL states that speak of what was asked, not of the state of the server. */
    private static final List<String> OF_WHAT_WAS_ASKED = List.of("22", "42");

    /** What is to be made of the exception that a journal's actor failed of. */
    public static JournalFailure of(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        boolean isResuming = String.valueOf(failure.getMessage()).contains(Resumed.class.getName());
        for (Throwable cause : causes) {
            Kind kind = kind(cause, isResuming);
            if (kind != null) {
                return new JournalFailure(kind, text(kind, cause));
            }
        }
        Throwable root = causes.get(causes.size() - 1);
        return new JournalFailure(Kind.DAMAGED, root.toString());
    }

    private static Kind kind(Throwable cause, boolean isResuming) {
        if (cause instanceof JournalDamage || cause instanceof NotSerializableException || cause instanceof DecodingException) {
            return Kind.DAMAGED;
        }
        if (cause instanceof JournalRefusal) {
            return Kind.REFUSED;
        }
        if (cause instanceof SleepGuard.StoodStill) {
            return Kind.UNAVAILABLE;
        }
        if (cause instanceof SQLException sql) {
            String state = String.valueOf(sql.getSQLState());
            if (state.equals(UNIQUE_VIOLATION)) {
                return isResuming ? Kind.UNAVAILABLE : Kind.REFUSED;
            }
            return OF_WHAT_WAS_ASKED.contains(state.substring(0, Math.min(2, state.length()))) ? Kind.DAMAGED : Kind.UNAVAILABLE;
        }
        return cause instanceof TimeoutException || cause instanceof RecoveryTimedOut || cause instanceof RejectedExecutionException
                ? Kind.UNAVAILABLE : null;
    }

    private static String text(Kind kind, Throwable cause) {
        if (cause instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
            return "another has written in its place";
        }
        String text = String.valueOf(cause.getMessage()).lines().findFirst().orElse("").split("; SQL statement")[0];
        return kind == Kind.UNAVAILABLE && !(cause instanceof SleepGuard.StoodStill) ? "the database cannot be had: " + text : text;
    }

    /** Whether the journal itself is at fault, so that trying again cannot help. */
    public static boolean isDamage(Throwable failure) {
        return of(failure).kind() == Kind.DAMAGED;
    }

    /** The reason alone. */
    public static String explain(Throwable failure) {
        return of(failure).reason();
    }
}
