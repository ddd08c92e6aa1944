package org.foliofleet.protocol.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoliciesTest {
    @Test
    void everySwitchAcceptsAndModelsItsDefault() {
        for (Switch key : Switch.values()) {
            assertEquals(Optional.of(key.defaultValue()), key.accepted().canonical(key.defaultValue()), key.key());
            assertTrue(key.models(key.defaultValue()), key.key());
            assertTrue(key.about().endsWith(")"), key.key() + " names its thread");
            assertEquals(Optional.of(key), Switch.named(key.key()));
        }
    }

    @Test
    void modelledValuesAreValues() {
        for (Switch key : Switch.values()) {
            key.modelledValues().forEach(value -> assertEquals(Optional.of(value), key.accepted().canonical(value)));
        }
    }

    @Test
    void valuesHaveOneSpelling() {
        assertEquals(Optional.of("try_split_retry(3)"), Switch.VMA_SPLIT_FOLIO_POLICY.accepted().canonical("try_split_retry( 3 )"));
        assertEquals(Optional.empty(), Switch.VMA_SPLIT_FOLIO_POLICY.accepted().canonical("try_split_retry(0)"));
        assertEquals(Optional.of("{mlock,munmap}"), Switch.VMA_SPLIT_TRIGGER.accepted().canonical("{munmap, mlock}"));
        assertEquals(Optional.of("{}"), Switch.VMA_SPLIT_TRIGGER.accepted().canonical(""));
        assertEquals(Optional.empty(), Switch.VMA_SPLIT_TRIGGER.accepted().canonical("{mlock,fork}"));
        assertEquals(Optional.of("(0.01,20us)"), Switch.SPECULATIVE_REF_RATE.accepted().canonical("(0.01, 20us)"));
        assertEquals(Optional.empty(), Switch.SPECULATIVE_REF_RATE.accepted().canonical("(2, 20us)"));
        assertEquals(Optional.of("mm_ids(3)"), Switch.SHARED_TEST.accepted().canonical("mm_ids(3)"));
    }

    @Test
    void policiesKeepOnlyWhatDepartsFromTheKernel() {
        Policies policies = Policies.of(Map.of(Switch.REFCOUNT_BITS, "16", Switch.GUP_SPLIT, "never"));
        assertEquals(Map.of(Switch.REFCOUNT_BITS, "16"), policies.departures());
        assertEquals(16, policies.refcountBits());
        assertEquals("never", policies.value(Switch.GUP_SPLIT));
        assertEquals(Policies.KERNEL, policies.with(Map.of(Switch.REFCOUNT_BITS, "32")));
        assertEquals(RefcountOverflow.UNCHECKED_MAP_CHECKED_GUP, policies.refcountOverflow());
        for (RefcountOverflow overflow : RefcountOverflow.values()) {
            assertEquals(overflow, Policies.of(Map.of(Switch.REFCOUNT_OVERFLOW, overflow.word())).refcountOverflow());
        }
    }

    @Test
    void aValueThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Policies.of(Map.of(Switch.REFCOUNT_BITS, "17")));
        assertFalse(Switch.REFCOUNT_BITS.models("64_large"));
    }
}
