package org.foliofleet.node.mm.collection;

/** Something that covers the pages {@code [start, end)}, at least one. */
public interface Ranged {
    /** The first page. */
    long start();

    /** The first page after it. */
    long end();
}
