package org.foliofleet.protocol.message;

import java.util.Objects;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.Ranged;

/**
 * {@code vm_area_struct} without page tables: the process keeps the tree of these, each VMA its own.
 *
 * @param start      first page
 * @param end        first page after it
 * @param pageOffset {@code vm_pgoff}: file page of {@code start}; of anonymous memory the page number at which it was
 *                   first faulted
 * @param flags      {@link VmaFlags}
 * @param file       what is mapped, or null for anonymous memory
 * @param anonVma    its anon_vma, or null until the first anonymous page
 * @param policy     NUMA policy of its own, or null
 * @param homeNode   of the policy, or -1
 */
public record VmaInfo(VmaId id, long start, long end, long pageOffset, long flags, AddressSpaceId file, AnonVma anonVma,
        Mempolicy policy, int homeNode) implements Ranged {

    public long pages() {
        return end - start;
    }

    public boolean has(long anyOf) {
        return (flags & anyOf) != 0;
    }

    public boolean isAnonymous() {
        return file == null;
    }

    /** A private mapping that may be written: its pages are copied on write. */
    public boolean isCow() {
        return (flags & VmaFlags.MAYSHARE) == 0;
    }

    /** {@code linear_page_index()}. */
    public long pageOffsetOf(long page) {
        return pageOffset + (page - start);
    }

    /** The virtual page at which page {@code index} of the mapped object lies. */
    public long addressOf(long index) {
        return start + (index - pageOffset);
    }

    /** The same VMA with another id, cut or grown to this range, its offsets unmoved. */
    public VmaInfo withRange(VmaId newId, long from, long to) {
        return new VmaInfo(newId, from, to, pageOffset + (from - start), flags, file, anonVma, policy, homeNode);
    }

    public VmaInfo withFlags(long newFlags) {
        return new VmaInfo(id, start, end, pageOffset, newFlags, file, anonVma, policy, homeNode);
    }

    public VmaInfo withAnonVma(AnonVma chain) {
        return new VmaInfo(id, start, end, pageOffset, flags, file, chain, policy, homeNode);
    }

    public VmaInfo withPolicy(Mempolicy newPolicy, int newHomeNode) {
        return new VmaInfo(id, start, end, pageOffset, flags, file, anonVma, newPolicy, newHomeNode);
    }

    public VmaInfo withPageOffset(long offset) {
        return new VmaInfo(id, start, end, offset, flags, file, anonVma, policy, homeNode);
    }

    /** Whether the two differ in nothing that {@code is_mergeable_vma()} looks at, flags aside. */
    public boolean sameObjectAndPolicy(VmaInfo other) {
        return Objects.equals(file, other.file) && Objects.equals(policy, other.policy) && homeNode == other.homeNode;
    }
}
