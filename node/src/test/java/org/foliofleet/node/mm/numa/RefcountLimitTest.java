package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.foliofleet.protocol.policy.RefcountOverflow;
import org.junit.jupiter.api.Test;

/** Goal: a count of limited width wraps, saturates or refuses as R1.17 says. Method: values around the limit of 16 and 32 bits. */
class RefcountLimitTest {
    private static final RefcountLimit WRAPS = new RefcountLimit(16, RefcountOverflow.UNCHECKED_MAP_CHECKED_GUP);

    @Test
    void aCountBeyondTheMaximumTurnsNegativeAndThenZero() {
        assertEquals(32767, WRAPS.shown(32767));
        assertEquals(-32768, WRAPS.shown(32768));
        assertEquals(-1, WRAPS.shown(65535));
        assertEquals(0, WRAPS.shown(65536));
        assertEquals(1, WRAPS.shown(65537));
        assertEquals(Integer.MIN_VALUE, new RefcountLimit(32, RefcountOverflow.UNCHECKED_MAP_CHECKED_GUP).shown(1L << 31));
    }

    @Test
    void everyStepOverTheMaximumIsAnOverflow() {
        assertEquals(0, WRAPS.overflows(1, 32767));
        assertEquals(1, WRAPS.overflows(32767, 32768));
        assertEquals(0, WRAPS.overflows(32768, 65536));
        assertEquals(2, WRAPS.overflows(0, 32768 + 65536));
    }

    @Test
    void aDecrementToAShownZeroFreesTooEarly() {
        assertTrue(WRAPS.isFreedTooEarly(65536));
        assertFalse(WRAPS.isFreedTooEarly(65537));
        assertFalse(WRAPS.isFreedTooEarly(0));
    }

    @Test
    void gupIsGrantedUntilTheCountIsNegative() {
        assertEquals(10, WRAPS.granted(100, 10, 1));
        assertEquals(3, WRAPS.granted(32765, 10, 1));
        assertEquals(0, WRAPS.granted(32768, 10, 1));
        assertEquals(0, WRAPS.granted(65536, 1, 1));
        assertEquals(10, WRAPS.granted(65537, 10, 1), "once around, it looks small again");
        assertEquals(1, WRAPS.granted(32000, 5, 1024));
    }

    @Test
    void theOtherPoliciesSaturateRefuseOrHaveNoLimit() {
        assertEquals(32767, new RefcountLimit(16, RefcountOverflow.SATURATE).shown(1 << 20));
        assertEquals(1 << 20, new RefcountLimit(16, RefcountOverflow.WIDE).shown(1 << 20));
        assertEquals(1L << 40, new RefcountLimit(64, RefcountOverflow.UNCHECKED_MAP_CHECKED_GUP).shown(1L << 40));
        RefcountLimit early = new RefcountLimit(16, RefcountOverflow.FAIL_FORK_AND_FAULT);
        assertFalse(early.refusesMapping(16000, 384));
        assertTrue(early.refusesMapping(16000, 385));
        assertFalse(WRAPS.refusesMapping(1 << 20, 512));
    }
}
