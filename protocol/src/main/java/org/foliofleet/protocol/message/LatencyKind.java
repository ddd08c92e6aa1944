package org.foliofleet.protocol.message;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What takes time while a program waits: faults by kind, and stalls. The order is part of the journal's format. */
public enum LatencyKind {
    /** First touch of anonymous memory, folios below the size of a PMD. */
    ANON(false, "first touch, small and middle folios"),
    /** First touch of anonymous memory with a huge folio. */
    THP(false, "first touch, huge folios"),
    /** A read that maps the zero page. */
    ZERO(false, "reads of the zero page"),
    /** A page-cache page is mapped. */
    FILE(false, "page-cache pages mapped"),
    /** A write that copies. */
    COW(false, "writes that copy"),
    /** A write that reuses the page: only its protection changes. */
    WP(false, "writes that reuse the page"),
    /** A page comes back from swap. */
    SWAP(false, "pages that come back from swap"),
    /** A NUMA hint. */
    HINT(false, "NUMA hints"),
    /** Pages that userfaultfd puts in. */
    UFFD(false, "pages that userfaultfd puts in"),
    /** Reclaim that somebody waits for: writing to swap. */
    RECLAIM(true, "writing to swap while somebody waits"),
    /** Splitting folios and PMD entries. */
    SPLIT(true, "splitting folios and PMD entries"),
    /** Moving pages to another node. */
    MIGRATION(true, "moving pages to another node"),
    /** Finding mappings of a folio: page-table entries visited. */
    WALK(true, "walks from folios to their mappings"),
    /** Waiting for a sleeping lock or for a migration entry to go; in ticks until programs hear of it. */
    LOCK(true, "waiting for sleeping locks");

    private static final LatencyKind[] ALL = values();

    private final boolean stall;
    private final String about;

    LatencyKind(boolean stall, String about) {
        this.stall = stall;
        this.about = about;
    }

    static LatencyKind of(int number) {
        return ALL[number];
    }

    /** The kind of that name. */
    public static Optional<LatencyKind> named(String word) {
        return Arrays.stream(ALL).filter(kind -> kind.word().equals(word)).findFirst();
    }

    /** The name in experiment files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is part of something else that takes time, and no fault. */
    public boolean isStall() {
        return stall;
    }

    /** One line that explains it. */
    public String about() {
        return about;
    }
}
