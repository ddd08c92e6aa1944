package org.foliofleet.protocol.message;

/** What GUP takes of a page that it hands out (R1.3, R1.9). */
public enum Hold {
    /** Nothing: the page is only faulted in. */
    NONE,
    /** FOLL_GET: a reference of the folio. */
    GET,
    /** FOLL_PIN with FOLL_LONGTERM: counted apart in large folios, 1024 references of a small one. */
    PIN
}
