package org.foliofleet.protocol.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitFolioPolicy;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
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
            key.modelledValues().stream().filter(value -> !value.equals("*")).forEach(value -> assertEquals(Optional.of(value), key.accepted().canonical(value)));
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

    /** The enums of the parts have their constants in the order of a switch's words. */
    @Test
    void theModelReadsEveryValueOfEverySwitch() throws ReflectiveOperationException {
        int read = 0;
        for (RecordComponent part : PolicySet.class.getRecordComponents()) {
            for (RecordComponent component : part.getType().getRecordComponents()) {
                if (!component.getType().isEnum()) {
                    continue;
                }
                Switch key = Switch.valueOf(component.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
                for (String word : key.accepted().words()) {
                    PolicySet set = PolicySet.of(Policies.of(Map.of(key, word)));
                    String constant = component.getAccessor().invoke(part.getAccessor().invoke(set)).toString();
                    assertEquals(word.replace('.', '_').replace('+', '_'), constant.toLowerCase(Locale.ROOT).replace("linux_", ""), key.key());
                    read++;
                }
            }
        }
        assertTrue(read > 70, read + " values");
        MlockPolicies mlock = PolicySet.of(Policies.of(Map.of(Switch.VMA_SPLIT_FOLIO_POLICY, "try_split_retry(7)",
            Switch.VMA_SPLIT_TRIGGER, "{mlock,mbind}", Switch.SPECULATIVE_REF_RATE, "(0.25,30us)"))).mlock();
        assertEquals(VmaSplitFolioPolicy.TRY_SPLIT_RETRY, mlock.vmaSplitFolioPolicy());
        assertEquals(7, mlock.splitRetries());
        assertEquals(Set.of(VmaSplitTrigger.MLOCK, VmaSplitTrigger.MBIND), mlock.vmaSplitTriggers());
        assertEquals(0.25, mlock.speculativeRefProbability());
        assertEquals(30_000, mlock.speculativeRefHoldNanos());
    }

    @Test
    void oneLineKeepsAllDepartures() {
        Policies policies = Policies.of(Map.of(Switch.REFCOUNT_BITS, "16", Switch.VMA_SPLIT_TRIGGER, "{mlock,mbind}",
            Switch.SPECULATIVE_REF_RATE, "(0.25,30us)", Switch.RELOCATE_SHARED_TEST, "mapcount_only"));
        assertEquals(policies, Policies.parse(policies.text()));
        assertEquals(Policies.KERNEL, Policies.parse(""));
        assertThrows(IllegalArgumentException.class, () -> Policies.parse("nothing=1"));
    }

    @Test
    void aValueThatIsNoneIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Policies.of(Map.of(Switch.REFCOUNT_BITS, "17")));
    }
}
