package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Goal: a JVM that stood still knows it, whichever thread looks first. Method: a clock that a test moves. */
class SleepGuardTest {
    private static final long LIMIT = 20_000_000_000L;
    private long now = 5;
    private final SleepGuard guard = new SleepGuard(() -> now, LIMIT);

    private void pass(long nanos) {
        now += nanos;
    }

    @Test
    void signsOfLifeThatComeInTimeAreEnough() {
        long since = guard.sleeps();
        for (int i = 0; i < 100; i++) {
            pass(LIMIT);
            guard.sign();
            guard.requireAwakeSince(since);
        }
    }

    @Test
    void whoLooksBeforeTheFirstSignAfterASleepIsTold() {
        long since = guard.sleeps();
        pass(LIMIT + 1);
        JournalFailure failure = JournalFailure.of(assertThrows(SleepGuard.StoodStill.class, () -> guard.requireAwakeSince(since)));
        assertEquals(new JournalFailure(JournalFailure.Kind.UNAVAILABLE,
                "this JVM stood still for more than 20000 ms; another may go on with the machine"), failure);
    }

    @Test
    void aSignAfterTheSleepDoesNotHideItFromThoseWhoBeganBefore() {
        long since = guard.sleeps();
        pass(LIMIT + 1);
        guard.sign();
        assertThrows(SleepGuard.StoodStill.class, () -> guard.requireAwakeSince(since));
        guard.requireAwakeSince(guard.sleeps());
    }
}
