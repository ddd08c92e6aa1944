package org.foliofleet.node.mm.ksm;

/**
 * An address that ksmd knows.
 *
 * @param slot of the process
 * @param page virtual page
 */
record ItemKey(long slot, long page) implements Comparable<ItemKey> {
    @Override
    public int compareTo(ItemKey other) {
        int order = Long.compare(slot, other.slot);
        return order == 0 ? Long.compare(page, other.page) : order;
    }
}
