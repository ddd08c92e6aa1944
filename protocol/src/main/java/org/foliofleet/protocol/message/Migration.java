package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.PageRange;

/** Folios move to other nodes: mm/migrate.c, and the system calls of mm/mempolicy.c that ask for it (R11.5 to R11.11). */
public interface Migration {
    /**
     * Folios of one order, one after the other, that somebody isolated: each has a reference more and is off its LRU list.
     *
     * @param index of the first page within the folios' mapping
     */
    record Group(long frame, long pages, int order, long index) {}

    /**
     * Where new folios go.
     *
     * @param nodes   these nodes only, the first that has memory ({@code alloc_migration_target()}); null: by policy
     * @param policy  {@code alloc_migration_target_by_mpol()}; null for the default
     * @param base    place of interleaved memory to which the folio's index is added, in units of its size
     * @param cpuNode where the caller runs
     */
    record Target(List<Integer> nodes, Mempolicy policy, long base, int cpuNode) {
        public static Target node(int node) {
            return anyOf(List.of(node));
        }

        public static Target anyOf(List<Integer> nodes) {
            return new Target(nodes, null, 0, 0);
        }

        public static Target policy(Mempolicy policy, long base, int cpuNode) {
            return new Target(null, policy, base, cpuNode);
        }
    }

    /** How persistently: {@code MIGRATE_SYNC} waits for locks, {@code MIGRATE_ASYNC} does not. */
    enum Mode { SYNC, ASYNC }

    /**
     * {@code queue_pages_range()} within a VMA: isolates the folios that are, or with {@code invert} are not, on these nodes.
     *
     * @param all   also those that others map ({@code MPOL_MF_MOVE_ALL})
     * @param move  false only counts them
     * @param large first frame of the large folio that PTEs mapped last, which is not met again; -1 for none
     */
    record Queue(PageRange range, List<Integer> nodes, boolean invert, boolean all, boolean move, long large) implements VmaCommand<Queued> {}

    /**
     * @param failed pages that should move and could not be isolated
     * @param large  first frame of the large folio that PTEs mapped last; -1 for none
     */
    record Queued(List<Group> groups, long failed, long large) {}

    /** The same for pages of one node that are mapped like this. */
    record Isolate(PageRuns runs, boolean all, long large) implements NumaNodeCommand<Queued> {}

    /** {@code migrate_pages()} of one group; replies folios that stayed, which are back on their LRU lists. */
    record Migrate(Group group, Target target, Mode mode) implements NumaNodeCommand<Long> {}

    /** The same with MIGRATE_SYNC for a caller that tells user space what {@code migrate_pages()} returns. */
    record MigrateCounted(Group group, Target target) implements NumaNodeCommand<Migrated> {}

    /**
     * How a migration ended.
     *
     * @param failed folios that stayed, without those that were split
     * @param split  folios that were split first
     * @param stayed whether anything is left, be it a piece of a folio
     */
    record Migrated(long failed, long split, boolean stayed) {
        public static final Migrated NOTHING = new Migrated(0, 0, false);

        public Migrated and(Migrated other) {
            return new Migrated(failed + other.failed, split + other.split, stayed || other.stayed);
        }

        /** What {@code migrate_pages()} returns: split folios count as failed, unless in the end nothing stayed. */
        public long result() {
            return stayed ? failed + split : 0;
        }
    }

    /**
     * The hinting scan of a process whose memory is balanced: pauses, goes over a portion of it, and so on.
     *
     * @param from page at which the next portion begins
     */
    record BalancePeriodically(long from) implements ProcessCommand<Void> {}

    /**
     * {@code change_prot_numa()}: what may be moved by a fault becomes inaccessible.
     *
     * @param spared pages on this node stay as they are; -1 for none
     */
    record MarkHints(int spared) implements VmaCommand<Void> {}

    /** Which of these pages {@code change_pte_range(MM_CP_PROT_NUMA)} would choose; {@code cow}: of a private mapping. */
    record CanHint(PageRuns runs, int spared, boolean cow) implements NumaNodeCommand<PageRuns> {}

    /** Who took a folio's last NUMA hint fault, and on which node: {@code _last_cpupid}. */
    record Toucher(int process, int node) {}

    /**
     * {@code should_numa_migrate_memory()} and {@code migrate_misplaced_folio_prepare()}: whether a folio that had a hint fault
     * moves to where it was touched; if so it is isolated.
     *
     * @param run    the page, as it is mapped
     * @param target where it should be
     * @param exec   the mapping may be executed
     */
    record Misplaced(PageRuns run, int target, Toucher toucher, boolean exec) implements NumaNodeCommand<Looked> {}

    /** Folios came here, whose last hint fault somebody took. */
    record KeepToucher(FrameRuns frames, Toucher toucher) implements NumaNodeCommand<Void> {}

    /** {@code putback_movable_pages()}. */
    record PutBack(Group group) implements NumaNodeCommand<Void> {}

    /** New folios without mapping, each with one reference: what is copied to. Fewer than asked for when memory is short. */
    record Allocate(int order, long count) implements NumaNodeCommand<FrameRuns> {}

    /** {@code folio_put()} of new folios that were not needed, or of old ones that are empty now. */
    record Release(FrameRuns frames) implements NumaNodeCommand<Void> {}

    /**
     * What a folio takes with it.
     *
     * @param frame   where it was
     * @param pages   so many frames, of folios alike
     * @param flags   of the folio
     * @param mapping key of its mapping
     * @param index   of the first page within the mapping
     * @param slot    of the swap cache, or -1
     */
    record Moved(long frame, long pages, int order, int flags, long mapping, long index, long slot) {}

    /** {@code folio_migrate_mapping()} and {@code folio_migrate_flags()}: the new folios become what the old ones were. */
    record Settle(List<Moved> folios, FrameRuns frames, ContentRuns contents) implements NumaNodeCommand<Void> {}

    /** {@code folio_migrate_mapping()} of folios in a page cache, which nobody maps any more; replies those that moved, which are settled. */
    record MoveCached(PageRuns pages, FrameRuns frames, int order) implements AddressSpaceCommand<List<Moved>> {}

    /** Freezes and empties folios of a page cache for that; sent with the cache's lock held. */
    record Detach(Group group) implements NumaNodeCommand<List<Moved>> {}

    /** {@code __add_folio_for_migration()} of the pages from one on: what becomes of the first and as many after it as fare alike. */
    record Look(PageRange range, int node, boolean all) implements VmaCommand<Looked> {}

    /** The same for pages of one node that are mapped like this, alike. */
    record LookAt(PageRuns run, int node, boolean all) implements NumaNodeCommand<Looked> {}

    /**
     * What was found.
     *
     * @param count of pages
     * @param group what was isolated, or null
     * @param node  where the pages are, or -1
     * @param error why they stay, or null
     */
    record Looked(long count, Group group, int node, String error) {}
}
