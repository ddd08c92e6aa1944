package org.foliofleet.protocol.id;

/** Something that covers the pages {@code [start, end)}. */
public interface Ranged {
    long start();

    long end();
}
