package org.foliofleet.protocol.message;

import org.foliofleet.protocol.id.Frame;

/**
 * What a page-table entry says, in the form that all pages of a run share: instead of a frame or swap entry, its
 * distance from the virtual page number.
 *
 * @param state what kind of entry
 * @param delta frame number (PRESENT, MIGRATION) or swap entry (SWAP) minus virtual page number, otherwise 0
 * @param order order of the folio that is mapped (PRESENT, MIGRATION), otherwise 0
 * @param flags bits of this class
 */
public record Pte(State state, long delta, int order, int flags) {
    /** Kinds of entry; an empty entry has no {@code Pte}. */
    public enum State {
        /** Maps a page of a folio. */
        PRESENT,
        /** Maps the zero page, or with {@link #PMD} the huge zero folio. */
        ZERO,
        /** A swap entry. */
        SWAP,
        /** A migration entry, while the folio is split or migrated. */
        MIGRATION,
        /** A guard marker: SIGSEGV. */
        GUARD,
        /** A poison marker: SIGBUS. */
        POISON,
        /** A userfaultfd write-protect marker on an empty entry. */
        WP_MARKER
    }

    /** Mapped by a PMD entry. */
    public static final int PMD = 1;
    public static final int WRITE = 1 << 1;
    public static final int DIRTY = 1 << 2;
    public static final int YOUNG = 1 << 3;
    /** PageAnonExclusive of the mapped page; in swap and migration entries, the exclusive bit (R1.12). */
    public static final int EXCLUSIVE = 1 << 4;
    public static final int UFFD_WP = 1 << 5;
    /** The folio is anonymous. Without this bit, it belongs to a file or shmem object. */
    public static final int ANON = 1 << 6;
    /** The folio belongs to a shmem object: counts in MM_SHMEMPAGES. */
    public static final int SHMEM = 1 << 7;
    /** Made inaccessible for a NUMA hinting fault. */
    public static final int NUMA_HINT = 1 << 8;
    /** No struct page behind it: VM_PFNMAP, vdso, vvar. */
    public static final int SPECIAL = 1 << 9;
    /** A KSM page: never reused by a write fault. */
    public static final int KSM = 1 << 10;

    /** A driver's page that is not counted in MM_FILEPAGES ({@code insert_page_rmap}). */
    public static final int NO_RSS = 1 << 11;

    public static final Pte ZERO_PAGE = new Pte(State.ZERO, 0, 0, YOUNG);
    public static final Pte HUGE_ZERO = new Pte(State.ZERO, 0, 9, PMD | YOUNG);
    public static final Pte GUARD_MARKER = new Pte(State.GUARD, 0, 0, 0);
    public static final Pte POISON_MARKER = new Pte(State.POISON, 0, 0, 0);
    public static final Pte UFFD_WP_MARKER = new Pte(State.WP_MARKER, 0, 0, UFFD_WP);

    /** The entry that maps virtual page {@code page} to {@code frame}. */
    public static Pte present(long page, long frame, int order, int flags) {
        return new Pte(State.PRESENT, frame - page, order, flags);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public boolean isPresent() {
        return state == State.PRESENT;
    }

    /** Mapped by a PMD entry. A migration entry that has {@link #PMD} will be one again if all of its block is there. */
    public boolean isPmd() {
        return (flags & PMD) != 0 && state != State.MIGRATION;
    }

    public boolean isAnon() {
        return (flags & ANON) != 0;
    }

    /** Frame (or swap entry) that the entry of this virtual page names. */
    public long frame(long page) {
        return page + delta;
    }

    /** First frame of the folio that the entry of this virtual page maps. */
    public long head(long page) {
        return Frame.head(page + delta, order);
    }

    public Pte with(int set) {
        return (flags & set) == set ? this : new Pte(state, delta, order, flags | set);
    }

    public Pte without(int clear) {
        return (flags & clear) == 0 ? this : new Pte(state, delta, order, flags & ~clear);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Pte p && delta == p.delta && flags == p.flags && state == p.state && order == p.order;
    }

    @Override
    public int hashCode() {
        long h = delta * 0x9e3779b97f4a7c15L + flags * 31L + state.ordinal() * 7L + order;
        return (int) (h ^ h >>> 32);
    }
}
