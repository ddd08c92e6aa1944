package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * {@code vm_area_struct} with the page-table entries of its range.
 *
 * <p>A 2 MiB block is either mapped by a PMD entry (huge), or has a page table, or has nothing ({@code pmd_none}). A block
 * with entries that are not PMDs has a table; tables without entries are remembered apart.
 */
public final class Vma extends Owner {
    private static final Handlers<Vma> HANDLERS = new Handlers<Vma>()
            .atomic(VmaCommand.SetVma.class, VmaShape::set)
            .flow(VmaCommand.HandOver.class, VmaShape::handOver)
            .atomic(VmaCommand.Adopt.class, VmaShape::adopt)
            .atomic(VmaCommand.KeepTables.class, VmaShape::keepTables)
            .atomic(VmaCommand.HasTable.class, VmaShape::hasTable)
            .atomic(VmaCommand.Remove.class, VmaShape::remove)
            .atomic(VmaCommand.Protect.class, Protection::protect)
            .flow(VmaCommand.MovePages.class, PageMoving::move)
            .flow(Relocate.Rewrite.class, PageRelocation::rewrite)
            .flow(Relocate.Undo.class, PageRelocation::undo)
            .flow(VmaCommand.Guard.class, GuardMarkers::guard)
            .flow(VmaCommand.Touch.class, Touching::touch)
            .flow(VmaCommand.GetPages.class, UserPages::get)
            .atomic(VmaCommand.FindStraddling.class, StraddlingFolios::find)
            .atomic(VmaCommand.WalkMlock.class, MlockWalk::walk)
            .flow(VmaCommand.Zap.class, Zapping::zap)
            .atomic(VmaCommand.CountMemory.class, Reaping::count)
            .atomic(VmaCommand.Reap.class, Reaping::reap)
            .flow(Collapse.Scan.class, CollapseScan::scan)
            .flow(Collapse.SwapIn.class, CollapseSwapIn::swapIn)
            .flow(Collapse.MapPmd.class, CollapseMapping::map)
            .atomic(Collapse.IsHuge.class, CollapseMapping::isHuge)
            .atomic(Collapse.Reported.class, CollapseMapping::reported)
            .atomic(Collapse.RetractTable.class, CollapseMapping::retract)
            .flow(Collapse.Replace.class, CollapseReplacement::replace)
            .flow(VmaCommand.ZapFile.class, Zapping::zapFile)
            .flow(VmaCommand.Duplicate.class, Duplication::duplicate)
            .flow(VmaCommand.AdviseLru.class, LruAdvice::advise)
            .flow(VmaCommand.ReadSwapped.class, WillNeed::readSwapped)
            .flow(VmaCommand.SplitHuge.class, HugeSplit::split)
            .flow(Ksm.ListPages.class, KsmEntries::list)
            .flow(Ksm.MergeEntry.class, KsmEntries::merge)
            .flow(Ksm.BreakPages.class, KsmEntries::breakPages)
            .flow(Userfault.FillPages.class, UserfaultFill::fill)
            .flow(Userfault.WriteProtect.class, UserfaultProtection::change)
            .atomic(Userfault.Describe.class, UserfaultMove::describe)
            .flow(Userfault.MoveOut.class, UserfaultMove::move)
            .flow(Userfault.AwaitMigration.class, UserfaultMove::await)
            .flow(Migration.Queue.class, MisplacedPages::queue)
            .flow(Migration.MarkHints.class, HintFault::mark)
            .flow(Migration.Look.class, MisplacedPages::look)
            .flow(Device.Fill.class, SpecialFault::fill)
            .flow(RmapWalk.AtVma.class, RmapEntries::walk);

    VmaInfo info;
    final RunMap<Pte> pages = new RunMap<>();
    /** Numbers of blocks of 2 MiB whose page table has no entries of this VMA; null while there are none. */
    RunSet emptyTables;
    boolean gone;
    /** MMF_UNSTABLE: the OOM reaper has been here. */
    boolean unstable;

    public Vma(VmaId id) {
        super(id);
    }

    public static Handlers<Vma> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((VmaEvent) event).applyTo(this);
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    public VmaInfo info() {
        return info;
    }

    /** The entries, by virtual page. */
    public RunMap<Pte> pages() {
        return pages;
    }

    ProcessId process() {
        return new ProcessId(mm());
    }

    /** The mm id by which folios know the process. */
    int mm() {
        return ((VmaId) id()).process();
    }

    /** Whether pages mapped here are mlocked: {@code mlock_vma_folio()}. */
    boolean isMlocking() {
        return info.has(VmaFlags.LOCKED) && !info.has(VmaFlags.SPECIAL);
    }

    // -- page tables ---------------------------------------------------------------------------------------------

    /** Whether the block of 2 MiB that holds the page has a page table. */
    boolean hasTable(long page) {
        long block = page >> PageOrder.PMD;
        if (emptyTables != null && emptyTables.contains(block)) {
            return true;
        }
        long start = block << PageOrder.PMD;
        long first = pages.nextKey(start);
        return first < start + PageOrder.PMD_PAGES && !pages.get(first).isPmd();
    }

    /** {@code pmd_none()}: neither a table nor a huge entry. */
    public boolean isPmdNone(long page) {
        long start = PageOrder.alignDown(page, PageOrder.PMD);
        return pages.isClear(start, PageOrder.PMD_PAGES) && (emptyTables == null || !emptyTables.contains(page >> PageOrder.PMD));
    }

    /** Whether the naturally aligned block of that order around the page lies in the VMA ({@code thp_vma_suitable_order()}). */
    boolean isSuitable(long page, int order) {
        long start = PageOrder.alignDown(page, order);
        if (info.file() != null && !PageOrder.isAligned(info.start() - info.pageOffset(), order)) {
            return false;
        }
        return start >= info.start() && start + PageOrder.pages(order) <= info.end();
    }

    /** The entries of {@code [from, to)}. */
    PageRuns entries(long from, long to) {
        PageRuns.Builder runs = PageRuns.builder();
        pages.forEach(from, to, runs::add);
        return runs.build();
    }

    void setEntries(long start, long count, Pte entry) {
        if (emptyTables != null) {
            emptyTables.remove(start >> PageOrder.PMD, ((start + count - 1) >> PageOrder.PMD) - (start >> PageOrder.PMD) + 1);
            if (emptyTables.isEmpty()) {
                emptyTables = null;
            }
        }
        pages.set(start, count, entry);
    }

    /** Entries go, tables stay: blocks that had PTEs and have none left are remembered as empty tables. */
    void clearEntries(long start, long count) {
        FrameRuns.Builder blocks = new FrameRuns.Builder();
        long[] last = {-1};
        pages.forEach(start, start + count, (at, pagesOfRun, entry) -> {
            if (!entry.has(Pte.PMD)) {
                long firstBlock = Math.max(last[0] + 1, at >> PageOrder.PMD);
                last[0] = (at + pagesOfRun - 1) >> PageOrder.PMD;
                if (last[0] >= firstBlock) {
                    blocks.add(firstBlock, last[0] - firstBlock + 1);
                }
            }
        });
        pages.clear(start, count);
        FrameRuns tables = blocks.build();
        for (int i = 0; i < tables.size(); i++) {
            rememberTables(tables.start(i), tables.start(i) + tables.count(i) - 1);
        }
    }

    private void rememberTables(long firstBlock, long lastBlock) {
        for (long block = firstBlock; block <= lastBlock; block++) {
            long blockStart = block << PageOrder.PMD;
            if (block == firstBlock || block == lastBlock) {
                if (pages.isClear(blockStart, PageOrder.PMD_PAGES)) {
                    emptyTables().add(block);
                }
            } else {
                emptyTables().add(block, lastBlock - block);
                block = lastBlock - 1;
            }
        }
    }

    private RunSet emptyTables() {
        if (emptyTables == null) {
            emptyTables = new RunSet();
        }
        return emptyTables;
    }
}
