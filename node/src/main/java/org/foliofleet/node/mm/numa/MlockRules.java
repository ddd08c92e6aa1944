package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.policy.MlockPolicies;
import org.foliofleet.protocol.policy.MlockPolicies.MlockLargeRule;
import org.foliofleet.protocol.policy.MlockPolicies.MunlockLargeRule;

/**
 * What mlock does to large folios, as the settings of the machine have it: switches mlock_large_rule and munlock_large_rule.
 *
 * @param large which of them are marked
 * @param exact {@code mlock_count} counts pages that locked VMAs map, so that the last of them is known; the kernel counts
 *              walks and mappings, and any removal unlocks (R7.22, R6.9)
 */
record MlockRules(MlockLargeRule large, boolean exact) {
    /** Linux 6.18. */
    static final MlockRules KERNEL = new MlockRules(MlockLargeRule.INSIDE_RANGE_FULLY_MAPPED, false);

    /** The rules as they are now; what happens from here on keeps to them. Within a step. */
    static MlockRules of(NumaNode node, Turn turn) {
        MlockPolicies policies = turn.context().settings().policies().mlock();
        boolean exact = policies.munlockLargeRule() == MunlockLargeRule.LAST_LOCKED_PAGE_UNLOCKS;
        if (node.mlockRules.large != policies.mlockLargeRule() || node.mlockRules.exact != exact) {
            turn.emit(new RulesSet(new MlockRules(policies.mlockLargeRule(), exact)));
        }
        return node.mlockRules;
    }

    /** Whether no large folio is marked. */
    boolean sparesLarge() {
        return large == MlockLargeRule.NEVER_LARGE;
    }

    /**
     * Whether a mapping that appears in a locked VMA marks the folio.
     *
     * @param kernel what the kernel does (R6.6, R6.17)
     * @param whole  all pages of the folio were mapped by it
     */
    boolean marks(boolean kernel, boolean whole) {
        return switch (large) {
            case ANY_MAPPING -> true;
            case INSIDE_VMA_FULLY_MAPPED, PER_PAGE_BIT -> kernel || whole;
            default -> kernel;
        };
    }

    /**
     * Whether a walk of mlock() marks the folio.
     *
     * @param whole   the walk met all pages of the folio, in a row
     * @param huge    by a PMD, or it has one page only
     * @param crosses they lie in two page tables
     */
    boolean marksWalked(boolean whole, boolean huge, boolean crosses) {
        return switch (large) {
            case ANY_MAPPING -> true;
            case PER_PAGE_BIT -> huge || whole;
            default -> huge || whole && !crosses;
        };
    }

    private record RulesSet(MlockRules rules) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.mlockRules = rules;
        }
    }
}
