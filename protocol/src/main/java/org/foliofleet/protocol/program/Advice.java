package org.foliofleet.protocol.program;

import java.util.Locale;

/** The advices of {@code madvise(2)}; the scenario word is the lower-case name. */
public enum Advice {
    NORMAL, SEQUENTIAL, RANDOM, HUGEPAGE, NOHUGEPAGE, DONTNEED, DONTNEED_LOCKED, FREE, COLD, PAGEOUT, WILLNEED, COLLAPSE,
    MERGEABLE, UNMERGEABLE, POPULATE_READ, POPULATE_WRITE, DONTFORK, DOFORK, WIPEONFORK, KEEPONFORK, DONTDUMP, DODUMP,
    REMOVE, GUARD_INSTALL, GUARD_REMOVE;

    /** The word in scenarios and experiment files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
