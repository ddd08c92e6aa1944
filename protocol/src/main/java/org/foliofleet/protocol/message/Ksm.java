package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.PageRange;

/** What is said in the course of merging equal pages (mm/ksm.c, R12.1 to R12.9). */
public final class Ksm {
    private Ksm() {}

    /**
     * What a page holds, ordered as {@code memcmp()} does.
     *
     * @param source page in the content, or -1
     */
    public record Content(long tag, long source) implements Comparable<Content> {
        @Override
        public int compareTo(Content other) {
            int order = Long.compareUnsigned(Long.reverseBytes(tag), Long.reverseBytes(other.tag));
            return order != 0 ? order : Long.compareUnsigned(Long.reverseBytes(source + 1), Long.reverseBytes(other.source + 1));
        }
    }

    // -- to ksmd -------------------------------------------------------------------------------------------------

    /** What may be asked of ksmd. @param <R> the reply */
    public interface DaemonCommand<R> extends Command<R> {}

    /** {@code __ksm_enter()}: the process has, or may come to have, mergeable memory. */
    public record Enter(int process) implements DaemonCommand<Void> {}

    /** {@code __ksm_exit()}: the process's memory is about to go. */
    public record Leave(int process) implements DaemonCommand<Void> {}

    /** ksmd makes that many full scans. */
    public record Scan(int scans) implements DaemonCommand<Void> {}

    /**
     * The rest of a number of scans.
     *
     * @param scans that are not over
     * @param slot  the process that is scanned, or 0 before the first of a scan
     * @param from  first page
     * @param seen  a mergeable VMA was there before
     * @param pages that may still be looked at
     */
    public record ScanRest(int scans, long slot, long from, boolean seen, long pages) implements DaemonCommand<Void> {}

    /** The settings that let ksmd run have changed. */
    public record StartDaemon() implements DaemonCommand<Void> {}

    /** ksmd is awake. */
    public record Wake() implements DaemonCommand<Void> {}

    /** {@code rmap_walk_ksm()}: where the page of a stable node was mapped when it was merged, latest first. */
    public record Mappers(long node) implements DaemonCommand<List<Mapper>> {}

    /** {@code folio_migrate_ksm()}: the page of a stable node is in another frame. */
    public record Migrated(long node, long frame) implements DaemonCommand<Void> {}

    /** Before {@code merge_across_nodes} changes: false, and nothing happens, if pages are merged. */
    public record Rearrange() implements DaemonCommand<Boolean> {}

    /** An address at which a page was merged. */
    public record Mapper(int process, long page, AnonVmaRootId root) {}

    // -- to a process --------------------------------------------------------------------------------------------

    /** {@code ksm_fork()}: ksmd is to know of this child. */
    public record Enlist() implements ProcessCommand<Void> {}

    /**
     * {@code scan_get_next_rmap_item()}: the next pages that may be merged.
     *
     * @param seen a mergeable VMA was found before {@code from}
     */
    public record NextPages(long from, boolean seen) implements ProcessCommand<Found> {}

    /**
     * @param pages     ascending
     * @param root      of the VMA in which they are
     * @param next      where to go on, or -1 at the end
     * @param mergeable a mergeable VMA was found
     */
    public record Found(List<PageRun> pages, AnonVmaRootId root, long next, boolean mergeable) {
        public Found {
            pages = List.copyOf(pages);
        }
    }

    /**
     * Anonymous pages in a row.
     *
     * @param frame  of the first page; they follow on
     * @param order  of the folio
     * @param node   stable node of a KSM page, or 0
     * @param source page in the content of the first, counting up, or -1
     */
    public record PageRun(long page, long count, long frame, int order, long node, long tag, long source) {
        /** The page at a place of the run, by itself. */
        public PageRun at(long place) {
            return new PageRun(page + place, 1, frame + place, order, node, tag, source < 0 ? -1 : source + place);
        }

        public Content content() {
            return new Content(tag, source);
        }
    }

    /** {@code get_mergeable_page()}: what is mapped there in a mergeable VMA, or null. */
    public record Peek(long page) implements ProcessCommand<PageRun> {}

    /** What a page becomes. */
    public enum Kind {
        /** It becomes a KSM page itself. */
        MAKE,
        /** It gives way to a KSM page. */
        INTO,
        /** It gives way to the zero page. */
        ZERO
    }

    /**
     * {@code try_to_merge_one_page()}.
     *
     * @param page    virtual page
     * @param frame   that it must still map
     * @param target  frame of the KSM page
     * @param node    stable node of the KSM page
     * @param content that both must have
     */
    public record Merge(long page, long frame, Kind kind, long target, long node, Content content) implements ProcessCommand<Merged> {}

    /**
     * @param done  it was merged
     * @param found there is a mergeable VMA
     * @param root  of that VMA
     */
    public record Merged(boolean done, boolean found, AnonVmaRootId root) {}

    /** {@code break_cow()}. */
    public record Break(long page) implements ProcessCommand<Void> {}

    /** A walk of rmap, within the VMA that has the address if it is of that family. */
    public record AtAddress(RmapWalk walk, long page, AnonVmaRootId root) implements ProcessCommand<RmapWalk.Result> {}

    // -- to a VMA ------------------------------------------------------------------------------------------------

    /** The anonymous pages that are mapped in a range; some of the first. */
    public record ListPages(PageRange range) implements VmaCommand<Listed> {}

    /** @param next where to go on */
    public record Listed(List<PageRun> pages, long next) {
        public Listed {
            pages = List.copyOf(pages);
        }
    }

    /** The process lets nobody else at the entries. */
    public record MergeEntry(Merge merge) implements VmaCommand<Boolean> {}

    /** {@code unmerge_ksm_pages()}: false if memory gave out. */
    public record BreakPages(PageRange range, TaskContext task) implements VmaCommand<Boolean> {}

    // -- to a node -----------------------------------------------------------------------------------------------

    /** What these mapped pages hold and are. */
    public record Inspect(PageRuns runs) implements NumaNodeCommand<List<PageRun>> {}

    /** Which of these mapped pages are KSM pages. */
    public record Select(PageRuns runs) implements NumaNodeCommand<PageRuns> {}

    /** {@code ksm_get_folio()}: whether the frame still holds the page of that stable node. */
    public record IsAlive(long frame, long node) implements NumaNodeCommand<Boolean> {}

    /** Whether more than one entry maps the page in that frame. */
    public record IsShared(long frame) implements NumaNodeCommand<Boolean> {}

    /** How {@code write_protect_page()} ended. */
    public enum Protected { DONE, REFUSED, DIFFERENT }

    /** {@code write_protect_page()} and, for {@link Kind#MAKE}, {@code folio_set_stable_node()}. */
    public record Protect(PageRuns page, Kind kind, long node, Content content) implements NumaNodeCommand<Protected> {}

    /** {@code replace_page()}: one more mapping of the KSM page; nothing if it is none any more. */
    public record MapShared(int mm, long page, long frame, long node, boolean locked) implements NumaNodeCommand<FolioCommand.StillMapped> {}
}
