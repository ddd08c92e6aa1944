package org.foliofleet.protocol.series;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is sampled in the course of simulated time: only what is cheap to know, however large the machine is. */
public enum Track {
    PROCESSES(Scope.MACHINE, Kind.GAUGE, Unit.COUNT, Fold.SUM, "processes alive"),
    FORKS(Scope.MACHINE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "forks that succeeded"),
    PINS(Scope.MACHINE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "calls that pinned memory"),
    CALLS(Scope.MACHINE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "calls of programs"),
    CALLS_FAILED(Scope.MACHINE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "calls of programs that failed"),
    SWAPPED(Scope.MACHINE, Kind.GAUGE, Unit.PAGES, Fold.SUM, "memory in swap"),
    MEMORY(Scope.NODE, Kind.GAUGE, Unit.PAGES, Fold.SUM, "memory that the node has"),
    FREE(Scope.NODE, Kind.GAUGE, Unit.PAGES, Fold.SUM, "free memory"),
    HUGE_ANON(Scope.NODE, Kind.GAUGE, Unit.COUNT, Fold.SUM, "anonymous folios of 2 MiB"),
    DEFERRED_LENGTH(Scope.NODE, Kind.GAUGE, Unit.COUNT, Fold.SUM, "folios on the deferred split queue"),
    DEFERRED_AGE(Scope.NODE, Kind.GAUGE, Unit.NANOS, Fold.MAX, "how long the oldest folio has been on the deferred split queue, at least"),
    /** Position behind the last folio queued; serves {@link #DEFERRED_AGE}. */
    DEFERRED_TAIL(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "pages of folios ever put on the deferred split queue"),
    REFS_PEAK(Scope.NODE, Kind.GAUGE, Unit.COUNT, Fold.MAX, "highest reference count of a folio so far"),
    FAULTS(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "page faults"),
    COW_COPIES(Scope.NODE, Kind.COUNTER, Unit.PAGES, Fold.SUM, "memory copied by write faults"),
    SPLIT_OK(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "folios split"),
    SPLIT_PINNED(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "splits refused by pins"),
    SPLIT_FAILED(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "splits that failed for other reasons"),
    PMD_SPLITS(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "PMD mappings split into PTEs"),
    COLLAPSES(Scope.NODE, Kind.COUNTER, Unit.COUNT, Fold.SUM, "folios that a collapse allocated"),
    SWAP_OUT(Scope.NODE, Kind.COUNTER, Unit.PAGES, Fold.SUM, "memory written to swap"),
    SWAP_IN(Scope.NODE, Kind.COUNTER, Unit.PAGES, Fold.SUM, "memory read from swap"),
    MIGRATED(Scope.NODE, Kind.COUNTER, Unit.PAGES, Fold.SUM, "memory migrated"),
    MIGRATE_FAILED(Scope.NODE, Kind.COUNTER, Unit.PAGES, Fold.SUM, "memory that could not be migrated");

    /** Whether there is one value a machine, or one a NUMA node. */
    public enum Scope { MACHINE, NODE }

    /** Whether values go up and down, or only up. */
    public enum Kind { GAUGE, COUNTER }

    /** What a value counts. */
    public enum Unit { COUNT, PAGES, NANOS }

    /** How values of several machines, or nodes, become one. */
    public enum Fold {
        SUM, MAX;

        /** Both values as one. */
        public long of(long a, long b) {
            return this == SUM ? a + b : Math.max(a, b);
        }
    }

    private static final long PAGE_BYTES = 4096;

    private final Scope scope;
    private final Kind kind;
    private final Unit unit;
    private final Fold fold;
    private final String about;

    Track(Scope scope, Kind kind, Unit unit, Fold fold, String about) {
        this.scope = scope;
        this.kind = kind;
        this.unit = unit;
        this.fold = fold;
        this.about = about;
    }

    /** Those of a scope, in the order of their values in a sample. */
    public static List<Track> of(Scope scope) {
        return Arrays.stream(values()).filter(track -> track.scope == scope).toList();
    }

    /** The track of that name, if there is one. */
    public static Optional<Track> named(String key) {
        return Arrays.stream(values()).filter(track -> track.key().equals(key)).findFirst();
    }

    /** The name in files and requests. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public Scope scope() {
        return scope;
    }

    public Kind kind() {
        return kind;
    }

    public Unit unit() {
        return unit;
    }

    public Fold fold() {
        return fold;
    }

    /** A value of this track, in bytes if it counts pages. */
    public long inBytes(long value) {
        return unit == Unit.PAGES ? value * PAGE_BYTES : value;
    }

    /** One line that explains it. */
    public String about() {
        return about;
    }
}
