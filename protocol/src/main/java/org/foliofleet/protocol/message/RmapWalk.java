package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.VmaId;

/**
 * {@code rmap_walk()}: what is to be done with every page-table entry that maps pages of a folio, or of folios that lie one
 * after the other and are alike (R6.4).
 *
 * <p>Goes from the folios' node to the processes that the folio's mapping names, and from each to its VMAs. Each VMA
 * finds out by itself whether its entry at the page's address maps the page.
 *
 * @param mapping    key of the folio's mapping: an anon_vma root or an address space
 * @param frame      first frame
 * @param pages      number of frames
 * @param order      of each folio
 * @param indexDelta index within the mapping, minus frame
 * @param action     what to do
 */
public record RmapWalk(long mapping, long frame, long pages, int order, long indexDelta, Action action) {

    /** What is done with an entry. */
    public sealed interface Action {}

    /**
     * {@code try_to_migrate()} before a split or a migration: entries become migration entries (R6.16).
     *
     * @param whole  the folio moves as it is: huge entries stay huge
     * @param pinned it may be: what is exclusive stays mapped (R11.10)
     */
    public record ToMigration(boolean whole, boolean pinned) implements Action {
        /** Before a split. */
        public static final ToMigration OF_PIECES = new ToMigration(false, false);
    }

    /**
     * {@code remove_migration_ptes()}: migration entries map their pages again (R6.17, R8.6).
     *
     * @param pieces the folios that the frames belong to now
     * @param zero   frames of zero-filled pages for which the zero page is mapped, unless the VMA is locked
     * @param moves  frames whose pages are elsewhere now
     */
    public record FromMigration(List<Piece> pieces, FrameRuns zero, List<Move> moves) implements Action {}

    /** Pages moved from frames to frames. */
    public record Move(long from, long pages, long to) {}

    /**
     * {@code try_to_unmap()} of swap-backed folios: entries become swap entries (R6.14).
     *
     * @param swapDelta swap entry minus frame
     */
    public record ToSwap(long swapDelta) implements Action {}

    /**
     * {@code try_to_unmap()} of lazyfree folios: clean entries are dropped (R6.15).
     *
     * @param held something else refers to the folio, nothing may be dropped
     */
    public record Discard(boolean held) implements Action {}

    /** {@code try_to_unmap()} of file folios: entries are cleared. */
    public record UnmapFile(boolean ignoreMlock) implements Action {}

    /** {@code folio_referenced()}: counts and clears young entries (R6.12). */
    public record Referenced() implements Action {}

    /** Folios of one order, one after the other. */
    public record Piece(long frame, long pages, int order) {}

    /**
     * What a walk found.
     *
     * @param stopped    a VMA ended the walk: its entries stay
     * @param referenced VMAs in which an entry was young
     * @param locked     a locked VMA maps the folio
     * @param young      frames whose entries were young, where several folios were walked at once
     */
    public record Result(boolean stopped, long referenced, boolean locked, FrameRuns young) {
        public static final Result NOTHING = new Result(false, 0, false);

        public Result(boolean stopped, long referenced, boolean locked) {
            this(stopped, referenced, locked, FrameRuns.NONE);
        }

        public Result and(Result other) {
            return new Result(stopped || other.stopped, referenced + other.referenced, locked || other.locked,
                    young.isEmpty() ? other.young : other.young.isEmpty() ? young : FrameRuns.joined(young, other.young));
        }
    }

    /** The walk within a process. */
    public record AtProcess(RmapWalk walk) implements ProcessCommand<Result> {}

    /**
     * The walk within those of a process's VMAs.
     *
     * @param vmas that are visited, in this order, as far as they are still there
     */
    public record AtVmas(RmapWalk walk, List<VmaId> vmas) implements ProcessCommand<Result> {}

    /** Which VMAs of a process may map pages of a mapping, by address. */
    public record ListMappers(long mapping, long index, long pages) implements ProcessCommand<List<Mapper>> {}

    /**
     * A VMA in the interval tree of an anon_vma.
     *
     * @param pageOffset of its first page, by which the tree is ordered
     * @param inserted   tick at which it was put into the tree, by which equal ones are
     */
    public record Mapper(VmaId vma, long pageOffset, long inserted) {}

    /** The walk within a VMA. */
    public record AtVma(RmapWalk walk) implements VmaCommand<Result> {}

    /** Offset within the mapping of the first page. */
    public long index() {
        return frame + indexDelta;
    }
}
