package org.foliofleet.protocol.policy;

/**
 * The switches of a machine as the model reads them, a part for each thread that debates them.
 *
 * @param mlock      thread A
 * @param unmap      thread B
 * @param relocation thread C
 * @param collapse   thread D
 * @param mapping    thread E
 */
public record PolicySet(MlockPolicies mlock, UnmapPolicies unmap, RelocationPolicies relocation, CollapsePolicies collapse,
        MappingPolicies mapping) {
    /** What Linux 6.18 does. */
    public static final PolicySet KERNEL = of(Policies.KERNEL);

    public static PolicySet of(Policies policies) {
        return new PolicySet(MlockPolicies.of(policies), UnmapPolicies.of(policies), RelocationPolicies.of(policies),
            CollapsePolicies.of(policies), MappingPolicies.of(policies));
    }
}
