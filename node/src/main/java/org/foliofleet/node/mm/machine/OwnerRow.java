package org.foliofleet.node.mm.machine;

/**
 * One owner as it is journaled.
 *
 * @param owner its key
 * @param state what {@link OwnerImage} wrote
 */
public record OwnerRow(long owner, byte[] state) {}
