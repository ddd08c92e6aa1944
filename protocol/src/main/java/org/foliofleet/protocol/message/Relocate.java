package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageRange;

/** What is said when mremap gives moved anonymous folios another anon_vma and index: MREMAP_RELOCATE_ANON (R7.38, 17.3). */
public final class Relocate {
    private Relocate() {}

    /** What stands in the way of a page. */
    public enum Obstacle {
        /** Somebody else has the folio, or may have had it. */
        SHARED,
        /** {@code folio_maybe_dma_pinned()}. */
        PINNED,
        /** A large folio that reaches across the end of the range. */
        LARGE_CROSS,
        /** A KSM page, which belongs to ksmd. */
        KSM,
        /** A swap entry. */
        NONPRESENT,
        /** A migration entry: its folio is being split or migrated. */
        MIGRATION
    }

    /** What is to be done about the folios of a range. */
    public enum Mode {
        /** Look only: what would be in the way. */
        CHECK,
        /** Rewrite up to what is in the way. */
        UP_TO_OBSTACLE,
        /** Rewrite all: it was checked before. */
        ALL
    }

    // -- to a process --------------------------------------------------------------------------------------------

    /** The parent of a fork has asked that its moves relocate. */
    public record Inherit() implements ProcessCommand<Void> {}

    // -- to a VMA ------------------------------------------------------------------------------------------------

    /**
     * Folios of the range belong to another place from now on; the entries stay.
     *
     * @param range the rest of the range that is moved
     * @param root  whose rmap finds the folios then
     * @param shift page offset there minus virtual page here
     */
    public record Rewrite(PageRange range, AnonVmaRootId root, long shift, Mode mode) implements VmaCommand<Rewritten> {}

    /**
     * @param pages    so many from the first on can be, or are, rewritten
     * @param folios   that were rewritten
     * @param visits   entries that were looked at; one for a large folio
     * @param obstacle of the page after them; null at the end
     * @param entry    of that page, or null
     * @param blocked  pages that the obstacle holds, from that page on
     */
    public record Rewritten(long pages, long folios, long visits, Obstacle obstacle, Pte entry, long blocked) {}

    /** Rewritten folios of the range belong to their old place again, as far as nobody holds them by now. */
    public record Undo(PageRange range, AnonVmaRootId root, long shift) implements VmaCommand<Undone> {}

    /**
     * @param folios that are as they were
     * @param failed folios that somebody got hold of meanwhile
     * @param pages  mapped pages of those
     */
    public record Undone(long folios, long failed, long pages) {}

    // -- to a node -----------------------------------------------------------------------------------------------

    /** The first of the folios that these entries map that can not be rewritten. */
    public record CheckFolios(PageRuns runs) implements NumaNodeCommand<Checked> {}

    /**
     * @param page     virtual page of the obstacle, or {@link Long#MAX_VALUE}
     * @param obstacle null if there is none
     * @param blocked  pages from there on that the runs map of the same folio
     * @param visits   folios that were looked at
     */
    public record Checked(long page, Obstacle obstacle, long blocked, long visits) {}

    /**
     * Rewrites the folios that these entries map.
     *
     * @param undo folios that a passing reference holds stay as they are
     */
    public record RewriteFolios(PageRuns runs, AnonVmaRootId root, long shift, boolean undo) implements NumaNodeCommand<Undone> {}

    /** Rewrites folios of the swap cache that are still cached for these slots; replies whether all are. */
    public record RewriteCached(List<CachedRun> runs, AnonVmaRootId root, long shift) implements NumaNodeCommand<Boolean> {
        public RewriteCached {
            runs = List.copyOf(runs);
        }
    }

    /**
     * Frames in the swap cache.
     *
     * @param page virtual page whose entry names the slot of the first
     * @param slot of the first
     */
    public record CachedRun(long page, long frame, long count, long slot) {}

    // -- to ksmd -------------------------------------------------------------------------------------------------

    /**
     * KSM pages of a process were moved to another address; stable nodes find them there.
     *
     * @param distance target minus source
     * @param root     family of the VMA there
     */
    public record MoveItems(int process, PageRange from, long distance, AnonVmaRootId root) implements Ksm.DaemonCommand<Void> {}
}
