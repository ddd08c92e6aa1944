package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.persistence.RecoveryTimedOut;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;
import org.foliofleet.node.journal.JournalFailure.Kind;
import org.junit.jupiter.api.Test;

class JournalFailureTest {
    private static Kind kind(Throwable failure) {
        return JournalFailure.of(new IllegalStateException("the journal's actor failed", failure)).kind();
    }

    @Test
    void aSlowDatabaseDamagesNothing() {
        assertEquals(Kind.UNAVAILABLE, kind(new RecoveryTimedOut("Replay timed out, didn't get event within [30000 milliseconds]")));
        assertEquals(Kind.UNAVAILABLE, kind(new TimeoutException("no answer")));
        assertEquals(Kind.UNAVAILABLE, kind(new SQLException("the connection is gone", "08006")));
    }

    @Test
    void whatWasAskedWronglyIsNotTriedAgain() {
        assertEquals(Kind.DAMAGED, kind(new SQLException("no such column", "42703")));
        assertEquals(Kind.DAMAGED, kind(new IllegalStateException("whatever nobody has thought of")));
        assertEquals(Kind.REFUSED, kind(new SQLException("duplicate key", "23505")));
    }
}
