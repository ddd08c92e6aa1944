package org.foliofleet.protocol.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Goal: switches that can not be meant together are found. Method: asks policies. */
class ContradictionsTest {
    private static List<Switch> culprits(Map<Switch, String> switches) {
        return Policies.of(switches).contradictions().stream().map(Contradiction::culprit).toList();
    }

    @Test
    void theKernelContradictsNothing() {
        assertEquals(List.of(), Policies.KERNEL.contradictions());
    }

    @Test
    void aSplitPolicyNeedsTheCallsThatApplyIt() {
        assertEquals(List.of(), culprits(Map.of(Switch.VMA_SPLIT_TRIGGER, "{mlock}")));
        assertEquals(List.of(Switch.VMA_SPLIT_FOLIO_POLICY), culprits(Map.of(Switch.VMA_SPLIT_FOLIO_POLICY, "try_split")));
        assertEquals(List.of(), culprits(Map.of(Switch.VMA_SPLIT_FOLIO_POLICY, "try_split_retry(3)", Switch.VMA_SPLIT_TRIGGER, "{mlock,munmap}")));
    }

    @Test
    void howToRelocateIsIdleWhereNothingIsRelocated() {
        assertEquals(List.of(Switch.RELOCATE_PINNED, Switch.RELOCATE_KSM),
            culprits(Map.of(Switch.RELOCATE_PINNED, "allow", Switch.RELOCATE_KSM, "refuse")));
        assertEquals(List.of(), culprits(Map.of(Switch.RELOCATE_PINNED, "allow", Switch.MREMAP_RELOCATE, "auto_always")));
    }

    @Test
    void aMessageSaysWhatIsWrongAndWhatToDo() {
        assertEquals("'munlock_large_rule' is last_locked_page_unlocks, but mlock_large_rule is never_large, so no large folio has a mark to lose;"
                + " choose another rule, or leave munlock_large_rule out",
            Policies.of(Map.of(Switch.MUNLOCK_LARGE_RULE, "last_locked_page_unlocks", Switch.MLOCK_LARGE_RULE, "never_large"))
                .contradictions().get(0).text());
    }
}
