package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;

/**
 * The anon_vma of a VMA and the chain of those its pages may hang on.
 *
 * @param root  the family's root
 * @param id    number of the VMA's own anon_vma within the family; the root itself is 0
 * @param chain numbers of all anon_vmas in the VMA's chain, own one included; more than one: the VMA belongs to a fork
 *              child (R7.15)
 */
public record AnonVma(AnonVmaRootId root, int id, List<Integer> chain) {
    public AnonVma {
        chain = List.copyOf(chain);
    }

    /** {@code anon_vma_prepare()}'s new root with its single chain entry. */
    public static AnonVma newRoot(AnonVmaRootId root) {
        return new AnonVma(root, 0, List.of(0));
    }

    /** The same anon_vma object, whatever the chains. */
    public boolean isSameAs(AnonVma other) {
        return other != null && id == other.id && root.equals(other.root);
    }

    /** {@code vma_had_uncowed_parents()}: the VMA was copied by fork. */
    public boolean isForkChild() {
        return chain.size() > 1;
    }
}
