package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.PressureCommand;
import org.foliofleet.protocol.message.Userfault;

/** {@code pglist_data}: frames, the folios in them, their contents, and the node's counters. */
public final class NumaNode extends Owner {
    private static final Handlers<NumaNode> HANDLERS = new Handlers<NumaNode>()
            .atomic(NumaNodeCommand.AllocateAnon.class, AnonAllocation::allocate)
            .atomic(NumaNodeCommand.AllocateCache.class, CacheFolios::allocate)
            .atomic(NumaNodeCommand.MayMap.class, CacheFolios::mayMap)
            .atomic(NumaNodeCommand.MapCache.class, CacheFolios::map)
            .atomic(NumaNodeCommand.FindUnused.class, CacheReclaim::findUnused)
            .atomic(NumaNodeCommand.LeaveCache.class, CacheReclaim::leave)
            .atomic(NumaNodeCommand.EnterSwapCache.class, CacheWriteback::enter)
            .atomic(NumaNodeCommand.BeginWriteback.class, CacheWriteback::begin)
            .flow(NumaNodeCommand.LeaveSwapCache.class, CacheWriteback::leave)
            .atomic(NumaNodeCommand.DropCache.class, CacheFolios::drop)
            .atomic(NumaNodeCommand.DuplicateMappings.class, ForkMappings::duplicate)
            .atomic(NumaNodeCommand.Unmap.class, Unmapping::unmap)
            .atomic(NumaNodeCommand.SplitPmds.class, PmdSplitting::split)
            .atomic(NumaNodeCommand.StoreContents.class, Contents::store)
            .atomic(NumaNodeCommand.ReadContents.class, Contents::read)
            .flow(NumaNodeCommand.ResolveWrite.class, WriteResolution::resolve)
            .atomic(NumaNodeCommand.TakeHolds.class, Holding::take)
            .atomic(NumaNodeCommand.DropHolds.class, Holding::drop)
            .atomic(NumaNodeCommand.MarkDirty.class, Holding::markDirty)
            .atomic(NumaNodeCommand.DmaStore.class, Holding::dmaStore)
            .atomic(NumaNodeCommand.Mlock.class, MlockWalks::mlock)
            .atomic(Collapse.Inspect.class, CollapseIsolation::inspect)
            .atomic(Collapse.Isolate.class, CollapseIsolation::isolate)
            .atomic(Collapse.PutBack.class, CollapseIsolation::putBack)
            .atomic(Collapse.Allocate.class, CollapseCompletion::allocate)
            .atomic(Collapse.GiveBack.class, CollapseCompletion::giveBack)
            .atomic(Collapse.MapNew.class, CollapseCompletion::mapNew)
            .atomic(Collapse.ReplaceCached.class, CollapseCache::replace)
            .atomic(Collapse.CacheNew.class, CollapseCache::add)
            .atomic(Collapse.Unmapped.class, CollapseCompletion::unmapped)
            .atomic(Ksm.Inspect.class, KsmFolios::inspect)
            .atomic(Ksm.Select.class, KsmFolios::select)
            .atomic(Ksm.IsAlive.class, KsmFolios::isAlive)
            .atomic(Ksm.IsShared.class, KsmFolios::isShared)
            .atomic(Ksm.Protect.class, KsmFolios::protect)
            .atomic(Ksm.MapShared.class, KsmFolios::map)
            .atomic(Userfault.MoveAnon.class, AnonMoves::move)
            .atomic(Relocate.CheckFolios.class, AnonRelocation::check)
            .atomic(Relocate.RewriteFolios.class, AnonRelocation::rewrite)
            .atomic(Relocate.RewriteCached.class, AnonRelocation::rewriteCached)
            .atomic(Migration.Isolate.class, MigrationIsolation::isolate)
            .atomic(Migration.LookAt.class, MigrationIsolation::lookAt)
            .atomic(Migration.CanHint.class, MigrationIsolation::canHint)
            .atomic(Migration.Misplaced.class, HintFaults::misplaced)
            .atomic(Migration.KeepToucher.class, HintFaults::keep)
            .atomic(Migration.PutBack.class, MigrationIsolation::putBack)
            .flow(Migration.Migrate.class, FolioMigration::migrate)
            .flow(Migration.MigrateCounted.class, FolioMigration::migrateCounted)
            .atomic(Migration.Allocate.class, MigrationEvents::allocate)
            .atomic(Migration.Settle.class, MigrationEvents::settle)
            .atomic(Migration.Detach.class, MigrationEvents::detach)
            .atomic(Migration.Release.class, MigrationEvents::release)
            .atomic(Device.Allocate.class, DriverFolios::allocate)
            .atomic(Device.Release.class, DriverFolios::release)
            .atomic(NumaNodeCommand.Count.class, Counting::count)
            .atomic(FolioCommand.Unmapped.class, RmapUpdates::unmapped)
            .atomic(FolioCommand.Remapped.class, RmapUpdates::remapped)
            .atomic(FolioCommand.Relock.class, RmapUpdates::relock)
            .atomic(FolioCommand.KeepLazyfree.class, RmapUpdates::keepLazyfree)
            .atomic(FolioCommand.ConfirmDiscard.class, RmapUpdates::confirmDiscard)
            .flow(FolioCommand.SplitFolio.class, FolioSplitting::split)
            .atomic(NumaNodeCommand.SplitCached.class, FolioSplitting::splitCached)
            .atomic(FolioCommand.QueueForSplit.class, SplitQueueing::queue)
            .flow(FolioCommand.EndPassing.class, PassingReferences::end)
            .flow(FolioCommand.ScanDeferred.class, DeferredSplitShrinker::scan)
            .flow(FolioCommand.ShrinkDeferred.class, DeferredSplitShrinker::shrink)
            .flow(FolioCommand.MarkLazyfree.class, LruMarks::markLazyfree)
            .atomic(FolioCommand.Deactivate.class, LruMarks::deactivate)
            .flow(FolioCommand.Pageout.class, Reclaim::pageout)
            .flow(FolioCommand.ShrinkFolios.class, Reclaim::shrink)
            .flow(FolioCommand.ReclaimAll.class, NodeReclaim::reclaim)
            .atomic(PressureCommand.WakeKswapd.class, Kswapd::wake)
            .atomic(PressureCommand.HasRoom.class, (node, request, turn) -> Kswapd.isBalanced(node, turn))
            .flow(PressureCommand.RunKswapd.class, Kswapd::run)
            .flow(Memcg.Shrink.class, CgroupReclaim::shrink)
            .atomic(Memcg.Recall.class, CgroupAllowances::recall)
            .atomic(Memcg.Allow.class, CgroupAllowances::allow)
            .flow(PressureCommand.FreeUp.class, DirectReclaim::freeUp)
            .atomic(PressureCommand.Balance.class, DirectReclaim::balance)
            .flow(PressureCommand.ShrinkNode.class, ReclaimScan::node)
            .flow(PressureCommand.ShrinkLists.class, ReclaimScan::lists)
            .flow(PressureCommand.ShrinkInactive.class, InactiveList::shrink)
            .flow(PressureCommand.ShrinkActive.class, ActiveList::shrink)
            .atomic(FolioCommand.Evict.class, Workingset::evict)
            .flow(FolioCommand.Refaulted.class, Workingset::refaulted)
            .atomic(FolioCommand.Stand.class, Workingset::stand)
            .flow(FolioCommand.EndWriteback.class, Writeback::end)
            .flow(FolioCommand.FreeSwapCache.class, SwapCacheFreeing::free)
            .atomic(FolioCommand.AllocateSwapCache.class, SwapCacheFolios::allocate)
            .atomic(FolioCommand.MapSwapped.class, SwapCacheFolios::map);

    final BuddyAllocator frames;
    /** Folios by frame; a run of n pages is n >> order folios alike. */
    final FolioTable folios = new FolioTable();
    final RunMap<Content> contents = new RunMap<>();
    final VmStat statistics = new VmStat();
    final DeferredQueue deferred = new DeferredQueue();
    /** Who took the last NUMA hint fault of a folio, for those that had one. */
    final RunMap<Migration.Toucher> touchers = new RunMap<>();
    final Pressure pressure = new Pressure();
    final Writeback writeback = new Writeback();
    /** {@code lruvec->nonresident_age}: pages that were evicted, or came back active. */
    long nonresidentAge;
    final Refcounts refcounts = new Refcounts();
    MappingRules rules = MappingRules.KERNEL;
    /** Whether a folio in the swap cache lost its last mapping in the turn. */
    transient boolean unmappedSwapCache;
    MlockRules mlockRules = MlockRules.KERNEL;
    /** How often each frame is pinned, where a pin holds its page alone; else null. */
    RunMap<Long> pagePins;
    /** Draws of passing references so far. */
    long passingDraws;
    final FolioTally tally = new FolioTally();
    /** Frames of lazyfree folios that were stored to since they are lazyfree; null while there never was one. */
    RunSet rewritten;
    /** What the latest event freed. */
    private final transient FreedFolios freed = new FreedFolios();
    /** What the last {@link FoliosAllocated} got. */
    private transient FrameRuns granted;

    public NumaNode(NumaNodeId id, long frameCount) {
        super(id);
        frames = BuddyAllocator.allFree(frameCount);
    }

    public int number() {
        return ((NumaNodeId) id()).number();
    }

    public static Handlers<NumaNode> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        freed.clear();
        ((NodeEvent) event).applyTo(this);
    }

    // -- for whoever looks at the machine from outside -----------------------------------------------------------

    /** The folio that holds the frame, or null. */
    public Folio folio(long frame) {
        return folios.get(frame);
    }

    /** Pages of the node that are charged to a cgroup. */
    public long charged(int cgroup) {
        return folios.charged(cgroup);
    }

    /** Pages that the node may charge to a cgroup beyond those that it has; {@code Long.MAX_VALUE} if that has no limit. */
    public long chargeable(int cgroup) {
        return folios.chargeable(cgroup);
    }

    /** The highest number of a cgroup to which a folio was ever charged, or 0. */
    public int highestCgroup() {
        return folios.highestCgroup();
    }

    public RunMap<Folio> folios() {
        return folios.runs();
    }

    public RunMap<Content> contents() {
        return contents;
    }

    public VmStat statistics() {
        return statistics;
    }

    public DeferredQueue deferredQueue() {
        return deferred;
    }

    public FolioTally tally() {
        return tally;
    }

    public Refcounts refcounts() {
        return refcounts;
    }

    /** What it concludes from mappings. */
    public MappingRules rules() {
        return rules;
    }

    public BuddyAllocator frames() {
        return frames;
    }

    /** Pages that the swap device is writing: {@code nr_writeback}. */
    public long underWriteback() {
        return writeback.pages();
    }

    /** Until when the swap device writes a frame, in ticks, or -1. */
    public long writtenAt(long frame) {
        Long end = writeback.ends.get(frame);
        return end == null ? -1 : end;
    }

    /** What the latest event freed. */
    public FreedFolios freed() {
        return freed;
    }

    // -- for events ----------------------------------------------------------------------------------------------

    void granted(FrameRuns runs) {
        granted = runs;
    }

    FrameRuns granted() {
        return granted;
    }

    /** The folio is referred to by nobody: its frames return to the buddy allocator. */
    void free(long head, Folio folio) {
        free(head, folio, false);
    }

    /** @param munlocked see {@link FreedFolios} */
    void free(long head, Folio folio, boolean munlocked) {
        int pages = folio.pages();
        if (folio.has(Folio.DEFERRED)) {
            deferred.remove(head, folio.order());
        }
        if (folio.isAnon() && folio.isLarge()) {
            statistics.add(folio.order(), FolioStat.NR_ANON, -1);
            if (folio.has(Folio.PARTIALLY_MAPPED)) {
                statistics.add(folio.order(), FolioStat.NR_ANON_PARTIALLY_MAPPED, -1);
            }
        }
        if (folio.has(Folio.MLOCKED)) {
            statistics.add(VmEvent.UNEVICTABLE_PGS_CLEARED, pages);
        }
        folios.clear(head, pages);
        contents.clear(head, pages);
        LostData.gone(this, head, pages);
        tally.freed(folio.order(), 1);
        frames.free(Frame.number(head), folio.order());
        freed.add(head, pages, folio.order(), munlocked);
    }

    /** Stores what became of the folio, or frees it if nobody refers to it any more. */
    void put(long head, Folio folio) {
        if (folio.references() == 0 && !folio.has(Folio.SATURATED)) {
            free(head, folio);
        } else {
            folios.set(head, folio.pages(), folio);
        }
    }
}
