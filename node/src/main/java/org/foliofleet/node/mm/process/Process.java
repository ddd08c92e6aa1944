package org.foliofleet.node.mm.process;

import java.util.TreeMap;
import org.foliofleet.node.mm.collection.RangeTree;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Relocate;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.Userfault;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code mm_struct}: the tree of VMAs under {@code mmap_lock}, and what the process holds. */
public final class Process extends Owner {
    /** Lock: {@code mmap_lock}. Shared by accesses, exclusive for what changes the tree. */
    static final String MMAP_LOCK = "mmap_lock";
    /** Lock: held exclusively while entries move from VMA to VMA, shared by walks that come from folios. */
    static final String STRUCTURE_LOCK = "structure";

    private static final Handlers<Process> HANDLERS = new Handlers<Process>()
            .atomic(ProcessCommand.Begin.class, ProcessLife::begin)
            .atomic(ProcessCommand.ForkedVma.class, ProcessLife::forkedVma)
            .flow(Collapse.Block.class, BlockCollapse::collapse)
            .flow(ProcessCommand.UnmapFile.class, FileCalls::unmap)
            .flow(Collapse.Retract.class, FileBlocks::retract)
            .flow(Collapse.InstallEverywhere.class, FileBlocks::installEverywhere)
            .atomic(Collapse.WatchesHoles.class, FileBlocks::watchesHoles)
            .atomic(Collapse.Enter.class, KhugepagedMm::inherit)
            .flow(Collapse.Pass.class, KhugepagedMm::pass)
            .flow(Collapse.ScanMm.class, KhugepagedMm::scan)
            .atomic(Collapse.Register.class, KhugepagedMm::register)
            .atomic(Ksm.Enlist.class, KsmMm::enlist)
            .flow(Ksm.NextPages.class, KsmMm::nextPages)
            .flow(Ksm.Peek.class, KsmMm::peek)
            .flow(Ksm.Merge.class, KsmMm::merge)
            .flow(Ksm.Break.class, KsmMm::breakCow)
            .flow(Ksm.AtAddress.class, KsmMm::walk)
            .flow(Migration.BalancePeriodically.class, MemoryPolicies::balance)
            .flow(Userfault.MoveRest.class, UserfaultMoving::rest)
            .atomic(Relocate.Inherit.class, Relocating::inherit)
            .flow(ProcessCommand.Execute.class, Calls::execute)
            .flow(ProcessCommand.AdviseRest.class, Advising::madvise)
            .flow(ProcessCommand.Access.class, Accesses::access)
            .flow(ProcessCommand.ReleaseLater.class, Holds::releaseLater)
            .flow(ProcessCommand.OomBadness.class, OomVictim::badness)
            .flow(ProcessCommand.OomKill.class, OomVictim::kill)
            .atomic(ProcessCommand.InheritOomScore.class, OomVictim::inherit)
            .atomic(ProcessCommand.SetThpControl.class, ProcessLife::setThpControl)
            .atomic(ProcessCommand.PrepareAnonVma.class, AnonVmaPreparation::prepare)
            .atomic(Userfault.Inherit.class, UserfaultEvents::inherit)
            .atomic(RmapWalk.ListMappers.class, IntervalTree::list)
            .flow(RmapWalk.AtVmas.class, RmapWalking::walk)
            .flow(RmapWalk.AtProcess.class, RmapWalking::walk);

    final RangeTree<VmaInfo> vmas = new RangeTree<>();
    final Families families = new Families();
    /** When its VMAs were put into the interval trees of their anon_vmas. */
    final IntervalTree intervals = new IntervalTree();
    int nextVma = 1;
    int nextRoot = 1;
    TaskContext task = TaskContext.onNode(0);
    /** Pins and references by handle. */
    final TreeMap<String, Holds.Held> holds = new TreeMap<>();
    /** MMF_HAS_PINNED. */
    boolean hasPinned;
    /** MMF_VM_HUGEPAGE: khugepaged knows the process. */
    boolean khugepaged;
    /** The khugepaged daemon has it in its list. */
    boolean listed;
    /** What MREMAP_DONTUNMAP left in {@code locked_vm} without a locked VMA, in pages. */
    long leakedLockedPages;
    /** MMF_VM_MERGEABLE: ksmd knows the process. */
    boolean ksm;
    /** It has a userfaultfd. */
    boolean userfaultfd;
    /** What reads its events; null if faults raise SIGBUS instead. */
    MemoryCall.UffdMonitor monitor;
    /** {@code mmap_changing}: changes of its memory of which the monitor has not read yet. */
    int changes;
    /** Its moves relocate, if the kernel has the {@code prctl()} for that. */
    boolean relocates;
    boolean alive;
    boolean gone;
    /** By the OOM killer: whatever it calls fails, but exit. */
    boolean killed;
    /** {@code oom_score_adj}, -1000 to 1000. */
    int oomScoreAdj;
    int vmaPeak;

    public Process(ProcessId id) {
        super(id);
    }

    public static Handlers<Process> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((ProcessEvent) event).applyTo(this);
    }

    /** Takes what a process holds under one name. */
    @FunctionalInterface
    public interface HoldVisitor {
        /** @param frames one pin or reference each */
        void held(Hold hold, FrameRuns frames);
    }

    public void forEachHold(HoldVisitor visitor) {
        holds.values().forEach(held -> visitor.held(held.hold(), held.frames()));
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    /** Most VMAs that it ever had. */
    public int vmaPeak() {
        return vmaPeak;
    }

    public boolean isAlive() {
        return alive;
    }

    public TaskContext task() {
        return task;
    }

    public int number() {
        return ((ProcessId) id()).number();
    }

    /** The VMAs, by address. */
    public RangeTree<VmaInfo> vmas() {
        return vmas;
    }

    /** Puts a VMA into the tree; for events. */
    void insert(VmaInfo info) {
        vmas.put(info);
        vmaPeak = Math.max(vmaPeak, vmas.size());
        families.added(info);
        if (info.id().process() == number()) {
            nextVma = Math.max(nextVma, info.id().serial() + 1);
        }
    }

    /** Takes the VMA at that page out of the tree; for events. */
    void remove(long start) {
        VmaInfo info = vmas.find(start);
        vmas.remove(info);
        families.removed(info);
    }

    VmaId newVmaId(int offset) {
        return new VmaId(number(), nextVma + offset);
    }
}
