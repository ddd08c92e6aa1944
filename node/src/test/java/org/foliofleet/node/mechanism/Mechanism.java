package org.foliofleet.node.mechanism;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
import org.foliofleet.node.mm.flow.Flight;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PressureCommand;
import org.foliofleet.protocol.message.PressureCommand.Reclaimer;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.MemoryCall;

/** A mechanism of the model: what tells that a machine is in the middle of it, and that it ever happened. */
public enum Mechanism {
    ANONYMOUS_FAULT("anonymous faults", "faults{anon}", what -> what instanceof VmaCommand.Touch
            || what instanceof NumaNodeCommand.AllocateAnon allocate && allocate.purpose() == Purpose.FAULT),
    FORK("fork", "forks", what -> is(what, MemoryCall.Fork.class, VmaCommand.Duplicate.class, NumaNodeCommand.DuplicateMappings.class, NumaNodeCommand.Duplicated.class)),
    COPY_ON_WRITE("copies on write", "cow_copies", what -> is(what, null, NumaNodeCommand.WriteResolved.class)
            || what instanceof NumaNodeCommand.AllocateAnon allocate && allocate.purpose() == Purpose.COW),
    REUSE("reuse by write faults", "cow_reuses", what -> is(what, null, NumaNodeCommand.ResolveWrite.class)),
    UNMAP("munmap, exit, teardown", "folios_freed", what -> is(what, MemoryCall.Munmap.class, VmaCommand.Remove.class, NumaNodeCommand.Unmap.class)),
    PIN("pins and references", "ok{pin}", what -> is(what, MemoryCall.Pin.class, NumaNodeCommand.TakeHolds.class, NumaNodeCommand.Held.class, NumaNodeCommand.DropHolds.class)
            || what instanceof VmaCommand.GetPages pages && pages.hold() != Hold.NONE),
    SHORT_PIN("pins that end by themselves", "ok{pin}", what -> is(what, null, ProcessCommand.ReleaseLater.class)),
    DEVICE_STORE("stores of devices into pinned pages", "ok{dma-write}", what -> is(what, MemoryCall.DmaWrite.class, NumaNodeCommand.DmaStore.class)),
    MLOCK("mlock and munlock", "counter{unevictable_pgs_munlocked}", what -> is(what, MemoryCall.Mlock.class, VmaCommand.WalkMlock.class, NumaNodeCommand.Mlock.class)
            || what instanceof ProcessCommand.Execute call && call.call() instanceof MemoryCall.Munlock),
    MPROTECT("mprotect", "ok{mprotect}", what -> is(what, MemoryCall.Mprotect.class, VmaCommand.Protect.class)),
    MREMAP("mremap", "ok{mremap}", what -> is(what, MemoryCall.Mremap.class, VmaCommand.MovePages.class)),
    RELOCATION("mremap that relocates", "folios_relocated", what -> isOf(what, Relocate.class)),
    DONTNEED("madvise(MADV_DONTNEED)", "ok{madvise}", what -> advises(what, Advice.DONTNEED)),
    LAZYFREE("madvise(MADV_FREE)", "counter{pglazyfree}", what -> advises(what, Advice.FREE) || what instanceof FolioCommand.MarkLazyfree),
    DISCARD("discard of lazyfree folios", "counter{pglazyfreed}", what -> what instanceof FolioCommand.ConfirmDiscard || walks(what, RmapWalk.Discard.class)),
    PAGEOUT("madvise(MADV_PAGEOUT)", "counter{pswpout}", what -> advises(what, Advice.PAGEOUT) || what instanceof FolioCommand.Pageout),
    SWAP_OUT("swapping out", "counter{pswpout}", what -> is(what, null, SwapCommand.Allocate.class, SwapCommand.Write.class, SwapCommand.Uncache.class)
            || walks(what, RmapWalk.ToSwap.class)),
    SWAP_IN("swapping in", "counter{pswpin}", what -> is(what, null, SwapCommand.ReadToCache.class, SwapCommand.Lookup.class, FolioCommand.AllocateSwapCache.class,
            FolioCommand.MapSwapped.class)),
    SPLIT("splits of folios", "split_ok", what -> is(what, MemoryCall.Split.class, FolioCommand.SplitFolio.class, NumaNodeCommand.SplitPmds.class)),
    DEFERRED_SPLIT("deferred split queues", "deferred_queued", what -> is(what, null, FolioCommand.QueueForSplit.class, FolioCommand.ScanDeferred.class,
            FolioCommand.ShrinkDeferred.class)),
    COLLAPSE("madvise(MADV_COLLAPSE)", "collapses{madvise,succeed}", what -> advises(what, Advice.COLLAPSE)),
    KHUGEPAGED("khugepaged", "collapses{khugepaged,succeed}", what -> is(what, null, Collapse.ScanMm.class, Collapse.Pass.class)
            || what instanceof Collapse.Block block && block.limits().khugepaged() || what instanceof Collapse.Scan scan && scan.limits().khugepaged()),
    FILE_COLLAPSE("collapse of shared memory", "counter{thp_file_mapped}", what -> is(what, null, Collapse.File.class, Collapse.CacheNew.class,
            Collapse.ReplaceCached.class, Collapse.MapHuge.class, Collapse.InstallEverywhere.class)),
    FILE_SPLIT("splits of shared folios", "split_ok", what -> is(what, null, AddressSpaceCommand.SplitHuge.class, AddressSpaceCommand.CommitSplit.class,
            NumaNodeCommand.SplitCached.class)),
    KSM("ksmd: scans and merges", "counter{cow_ksm}", what -> is(what, null, Ksm.ScanRest.class, Ksm.NextPages.class, Ksm.Peek.class, Ksm.Merge.class, Ksm.MergeEntry.class,
            Ksm.Protect.class, Ksm.MapShared.class, Ksm.Inspect.class)),
    KSM_BREAK("breaking of merged pages", "counter{cow_ksm}", what -> advises(what, Advice.UNMERGEABLE) || is(what, null, Ksm.Break.class, Ksm.BreakPages.class)),
    NUMA_SCAN("NUMA balancing: scans", "fault_time{hint}", what -> is(what, MemoryCall.NumaScan.class, Migration.MarkHints.class, Migration.CanHint.class)),
    HINT_FAULT("NUMA balancing: hinting faults", "fault_time{hint}", what -> is(what, null, Migration.Misplaced.class, Migration.KeepToucher.class)),
    MIGRATION("migration of folios", "counter{pgmigrate_success}", what -> is(what, null, Migration.Migrate.class, Migration.MigrateCounted.class, Migration.Settle.class)
            || walks(what, RmapWalk.ToMigration.class) || walks(what, RmapWalk.FromMigration.class)),
    MBIND("mbind", "ok{mbind}", what -> is(what, MemoryCall.Mbind.class)),
    MOVE_PAGES("move_pages", "ok{move-pages}", what -> is(what, MemoryCall.MovePages.class, Migration.Look.class)),
    MIGRATE_PAGES("migrate_pages", "ok{migrate-pages}", what -> is(what, MemoryCall.MigratePages.class)),
    DEMOTION("demotion to a slower node", "counter{pgdemote_kswapd}", what -> what instanceof FolioCommand.ReclaimAll reclaim && !reclaim.demoteTo().isEmpty()),
    KSWAPD("kswapd", "reclaimed{kswapd}", what -> is(what, null, PressureCommand.RunKswapd.class)
            || what instanceof PressureCommand.ShrinkNode shrink && shrink.reclaimer() == Reclaimer.KSWAPD),
    DIRECT_RECLAIM("direct reclaim", "reclaimed{direct}", what -> is(what, null, PressureCommand.FreeUp.class)),
    AGING("lists of folios by age", "counter{pgdeactivate}", what -> is(what, null, PressureCommand.ShrinkActive.class) || walks(what, RmapWalk.Referenced.class)),
    WRITEBACK("writeback to a swap device", "writeback_met", what -> is(what, null, NumaNodeCommand.BeginWriteback.class, FolioCommand.EndWriteback.class,
            SwapCommand.Submit.class)),
    REFAULT("evictions and refaults", "refaults", what -> is(what, null, FolioCommand.Evict.class, FolioCommand.Refaulted.class)),
    OOM("OOM killer and reaper", "oom_kills", what -> is(what, null, KernelControlCommand.OutOfMemory.class, ProcessCommand.OomBadness.class, ProcessCommand.OomKill.class,
            KernelControlCommand.Reaped.class)),
    USERFAULT_FILL("userfaultfd: missing pages, copy, zeropage", "uffd_events{missing}", what -> is(what, MemoryCall.UffdCopy.class)
            || fills(what, Fill.COPY) || fills(what, Fill.ZEROPAGE)),
    USERFAULT_CONTINUE("userfaultfd: minor faults, continue", "uffd_events{minor}", what -> is(what, MemoryCall.UffdContinue.class) || fills(what, Fill.CONTINUE)),
    USERFAULT_POISON("userfaultfd: poison", "ok{uffd-poison}", what -> is(what, MemoryCall.UffdPoison.class) || fills(what, Fill.POISON)),
    USERFAULT_PROTECT("userfaultfd: write protection", "uffd_events{wp}", what -> is(what, MemoryCall.UffdWriteProtect.class, Userfault.WriteProtect.class)),
    USERFAULT_MOVE("userfaultfd: move", "ok{uffd-move}", what -> is(what, MemoryCall.UffdMove.class, Userfault.MoveOut.class, Userfault.MoveAnon.class)),
    SHARED_MEMORY("faults of shared memory", "faults{file}", what -> is(what, null, AddressSpaceCommand.Fault.class, NumaNodeCommand.MapCache.class,
            NumaNodeCommand.AllocateCache.class, AddressSpaceCommand.CopyFault.class)),
    HOLES("holes in shared memory, fallocate", "ok{punch-hole}", what -> is(what, MemoryCall.PunchHole.class, AddressSpaceCommand.PunchHole.class, AddressSpaceCommand.Fallocate.class)),
    CGROUP("charges to memory cgroups", "cgroup_memory", what -> what instanceof NumaNodeCommand.AllocateAnon allocate && allocate.cgroup() != Memcg.ROOT),
    DRIVER("memory of drivers", "driver_refs", what -> isOf(what, Device.class)),
    THREADS("threads of a process meet", "stall_time{lock}", what -> false);

    private final String about;
    private final String evidence;
    private final Predicate<Object> involves;

    Mechanism(String about, String evidence, Predicate<Object> involves) {
        this.about = about;
        this.evidence = evidence;
        this.involves = involves;
    }

    /** A few words that name it. */
    public String about() {
        return about;
    }

    /** The metric that is above 0 when it happened; {@code ok{CALL}} are calls that succeeded. */
    public String evidence() {
        return evidence;
    }

    /** All that a machine is in the middle of between two ticks: by the flights of its owners and by the messages on their way. */
    public static Set<Mechanism> underWay(MachineParts parts) {
        Set<Mechanism> all = EnumSet.noneOf(Mechanism.class);
        for (Owner owner : parts.owners()) {
            int calls = 0;
            for (Flight flight : owner.flights()) {
                add(flight.command(), all);
                calls += flight.command() instanceof ProcessCommand.Execute || flight.command() instanceof ProcessCommand.Access ? 1 : 0;
            }
            if (owner.id() instanceof ProcessId && calls > 1) {
                all.add(THREADS);
            }
        }
        for (Due due : parts.messages()) {
            add(due.envelope().payload(), all);
        }
        return all;
    }

    /** What {@link Set#toString} wrote. */
    public static Set<Mechanism> parse(String written) {
        Set<Mechanism> all = EnumSet.noneOf(Mechanism.class);
        for (String word : written.replaceAll("[\\[\\] ]", "").split(",")) {
            if (!word.isEmpty()) {
                all.add(valueOf(word));
            }
        }
        return all;
    }

    private static void add(Object what, Set<Mechanism> all) {
        for (Mechanism each : values()) {
            if (each.involves.test(what)) {
                all.add(each);
            }
        }
    }

    /** Whether it is the execution of that call, if there is one, or one of these messages. */
    private static boolean is(Object what, Class<? extends MemoryCall> call, Class<?>... messages) {
        if (call != null && what instanceof ProcessCommand.Execute execute && call.isInstance(execute.call())) {
            return true;
        }
        for (Class<?> message : messages) {
            if (message.isInstance(what)) {
                return true;
            }
        }
        return false;
    }

    /** Whether its class is one of those inside that class. */
    private static boolean isOf(Object what, Class<?> group) {
        return what != null && what.getClass().getEnclosingClass() == group;
    }

    private static boolean fills(Object what, Fill fill) {
        return what instanceof Userfault.FillPages pages && pages.fill() == fill || what instanceof Userfault.FillCache cache && cache.fill() == fill;
    }

    private static boolean advises(Object what, Advice advice) {
        return what instanceof ProcessCommand.Execute execute && execute.call() instanceof MemoryCall.Madvise madvise && madvise.advice() == advice
                || what instanceof ProcessCommand.AdviseRest rest && rest.advice() == advice;
    }

    private static boolean walks(Object what, Class<? extends RmapWalk.Action> action) {
        return what instanceof RmapWalk.AtVma atVma && action.isInstance(atVma.walk().action())
                || what instanceof RmapWalk.AtProcess atProcess && action.isInstance(atProcess.walk().action());
    }
}
