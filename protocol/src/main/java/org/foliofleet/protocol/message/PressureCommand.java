package org.foliofleet.protocol.message;

import java.util.List;

/**
 * What may be asked of a node when memory is short: its daemon, direct reclaim, and the parts they are made of.
 *
 * @param <R> the reply
 */
public interface PressureCommand<R> extends NumaNodeCommand<R> {
    /** How far down an allocation may take the free pages of a node ({@code ALLOC_WMARK_LOW}, {@code ALLOC_WMARK_MIN}). */
    enum Watermark { LOW, MIN }

    /** Lists of folios by age that a node keeps, the order of {@code enum lru_list}. */
    enum LruList {
        INACTIVE_ANON, ACTIVE_ANON, INACTIVE_FILE, ACTIVE_FILE;

        /** Whether it is a list of file folios and lazyfree ones. */
        public boolean isFile() {
            return this == INACTIVE_FILE || this == ACTIVE_FILE;
        }

        public boolean isActive() {
            return this == ACTIVE_ANON || this == ACTIVE_FILE;
        }
    }

    /** Who reclaims; decides what is counted, and that direct reclaim stops early. */
    enum Reclaimer { KSWAPD, DIRECT }

    /** {@code wakeup_kswapd()}: an allocation went below the low watermark. */
    record WakeKswapd() implements PressureCommand<Void> {}

    /** {@code balance_pgdat()}: reclaims until the high watermark is reached or nothing more comes of it. */
    record RunKswapd(int priority, long reclaimed) implements PressureCommand<Void> {}

    /**
     * {@code __alloc_pages_direct_reclaim()} and {@code should_reclaim_retry()}: somebody waits for memory of these nodes.
     * Replies whether there may be some now; false when reclaim makes no progress.
     *
     * @param nodes     the zonelist; the node that is asked is the first of it
     * @param order     of the folios that are wanted
     * @param priority  12 at first; ever larger parts of the lists are scanned as it goes down to 0
     * @param reclaimed pages that went so far
     * @param fruitless rounds without progress so far
     */
    record FreeUp(List<Integer> nodes, int order, int priority, long reclaimed, int fruitless) implements PressureCommand<Boolean> {
        /** Where the priority begins: {@code DEF_PRIORITY}. */
        public static final int FIRST_PRIORITY = 12;

        /** A first round. */
        public static FreeUp of(List<Integer> nodes, int order) {
            return new FreeUp(nodes, order, FIRST_PRIORITY, 0, 0);
        }
    }

    /** {@code shrink_node()}: lists and shrinkers, in parts of their size by priority. */
    record ShrinkNode(Reclaimer reclaimer, int priority, long target) implements PressureCommand<Progress> {}

    /**
     * The loop of {@code shrink_lruvec()}.
     *
     * @param left       pages to be scanned of each {@link LruList}
     * @param deactivate which active lists may be shrunk: bit 0 anon, bit 1 file
     * @param swap       anonymous folios can go somewhere
     * @param done       what was achieved so far
     * @param cgroup     whose folios, or {@link Memcg#ALL}
     */
    record ShrinkLists(Reclaimer reclaimer, int priority, long target, ScanCounts left, int deactivate, boolean swap, Progress done, int cgroup)
            implements PressureCommand<Progress> {}

    /** Pages of each list. */
    record ScanCounts(long inactiveAnon, long activeAnon, long inactiveFile, long activeFile) {
        public static final ScanCounts NONE = new ScanCounts(0, 0, 0, 0);

        public long of(LruList list) {
            return switch (list) {
                case INACTIVE_ANON -> inactiveAnon;
                case ACTIVE_ANON -> activeAnon;
                case INACTIVE_FILE -> inactiveFile;
                case ACTIVE_FILE -> activeFile;
            };
        }

        /** With another count of one list. */
        public ScanCounts with(LruList list, long pages) {
            return new ScanCounts(list == LruList.INACTIVE_ANON ? pages : inactiveAnon, list == LruList.ACTIVE_ANON ? pages : activeAnon,
                    list == LruList.INACTIVE_FILE ? pages : inactiveFile, list == LruList.ACTIVE_FILE ? pages : activeFile);
        }

        /** Whether what makes the loop go on is used up; the active anonymous list does not. */
        public boolean isUsedUp() {
            return inactiveAnon == 0 && inactiveFile == 0 && activeFile == 0;
        }
    }

    /**
     * Pages that were looked at, and pages that went.
     *
     * @param writeback of those looked at, pages that the swap device had not written yet
     * @param immediate of those looked at, pages that kswapd met under writeback again, and that were too many
     */
    record Progress(long scanned, long reclaimed, long writeback, long immediate) {
        public static final Progress NONE = new Progress(0, 0);

        public Progress(long scanned, long reclaimed) {
            this(scanned, reclaimed, 0, 0);
        }

        public Progress and(Progress other) {
            return new Progress(scanned + other.scanned, reclaimed + other.reclaimed, writeback + other.writeback, immediate + other.immediate);
        }
    }

    /** {@code shrink_inactive_list()}: so many pages of a cgroup, or of {@link Memcg#ALL}, from the old end of a list. */
    record ShrinkInactive(LruList list, long pages, Reclaimer reclaimer, boolean swap, int cgroup) implements PressureCommand<Progress> {}

    /** {@code shrink_active_list()}: likewise; they become inactive. */
    record ShrinkActive(LruList list, long pages, int cgroup) implements PressureCommand<Void> {}

    /** Whether the node is at its high watermark: the last look before somebody is killed. */
    record HasRoom() implements PressureCommand<Boolean> {}

    /** How a node stands: {@code zone_reclaimable_pages()} and its free pages against the minimum. */
    record Balance(boolean swap) implements PressureCommand<Long> {}
}
