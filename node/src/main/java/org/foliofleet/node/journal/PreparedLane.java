package org.foliofleet.node.journal;

/**
 * A lane's part of an epoch, written and complete.
 *
 * @param row    number of the row of the lane's journal that ends it
 * @param digest that it must have
 */
public record PreparedLane(long row, String digest) {}
