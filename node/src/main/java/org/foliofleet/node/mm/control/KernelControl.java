package org.foliofleet.node.mm.control;

import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.KernelControlId;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.KhugepagedId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Passed;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.KernelControlCommand;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MachineCall;

/**
 * What is done to a machine as a whole: writes to its settings, {@code drop_caches}, passes of its daemons. Each is an
 * operation like any other, under way while processes run.
 */
public final class KernelControl extends Owner {
    private static final Handlers<KernelControl> HANDLERS = new Handlers<KernelControl>()
            .flow(KernelControlCommand.Execute.class, KernelControl::execute)
            .flow(KernelControlCommand.OutOfMemory.class, OomKiller::outOfMemory)
            .atomic(KernelControlCommand.Reaped.class, OomKiller::reaped);

    /**
     * {@code pages_to_scan}: what a pass of khugepaged covers that follows on a start of the thread; a little more than one
     * block of it goes to other processes of the machine.
     */
    private static final long PAGES_TO_SCAN = 4096 - 600;

    /**
     * Passes of the slab shrinkers that one write to {@code drop_caches} makes: other caches keep it going, so that the
     * deferred-split shrinker is called again for what it could not split (R8.13, C5.b).
     */
    private static final int DROP_SLAB_PASSES = 3;

    /** {@code merge_across_nodes_store()} refuses it while pages are merged. */
    private static final String MERGE_ACROSS_NODES = "ksm.merge_across_nodes";

    private long pagesCollapsed;
    final OomKiller oom = new OomKiller();

    public KernelControl() {
        super(new KernelControlId());
    }

    /** A setting has a new value; whoever runs the machine makes it known to all owners before the next tick. */
    public record SettingChanged(String key, String value) {}

    private record BlocksCollapsed(long blocks) {}

    /** {@code khugepaged/pages_collapsed}. */
    public long pagesCollapsed() {
        return pagesCollapsed;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        if (event instanceof BlocksCollapsed collapsed) {
            pagesCollapsed += collapsed.blocks();
        } else if (event instanceof OomKiller.Event change) {
            change.applyTo(oom);
        }
    }

    private static CallResult execute(KernelControl control, KernelControlCommand.Execute execute, Turn turn) {
        MachineCall call = execute.call();
        if (call instanceof MachineCall.Set set) {
            return set(control, set, turn);
        }
        if (call instanceof MachineCall.CreateMemfd memfd) {
            turn.ask(new NamespaceId(), new NamespaceCommand.CreateFile(memfd.name(), true, memfd.pages()));
            return CallResult.OK;
        }
        if (call instanceof MachineCall.CreateFile file) {
            turn.ask(new NamespaceId(), new NamespaceCommand.CreateFile(file.name(), false, file.pages()));
            return CallResult.OK;
        }
        if (call instanceof MachineCall.CreateCgroup cgroup) {
            return Cgroups.create(cgroup, turn);
        }
        if (call instanceof MachineCall.CreateDevice device) {
            AddressSpaceId created = turn.ask(new NamespaceId(), new NamespaceCommand.CreateDevice(device.name()));
            boolean complete = turn.ask(created, new Device.Begin(device.name(), device.kind(), device.pages(), device.order(), device.node()));
            return complete ? CallResult.OK : new CallResult.Failed(Errno.ENOMEM);
        }
        if (call instanceof MachineCall.FreeDevice device) {
            AddressSpaceId named = turn.ask(new NamespaceId(), new NamespaceCommand.OpenDevice(device.name()));
            if (named != null) {
                turn.ask(named, new Device.End());
            }
            return named == null ? new CallResult.Failed(Errno.ENOENT) : CallResult.OK;
        }
        if (call instanceof MachineCall.ShrinkSlab) {
            return dropSlab(turn);
        }
        if (call instanceof MachineCall.Reclaim) {
            return MemoryReclaim.reclaim(turn);
        }
        if (call instanceof MachineCall.SplitFile split) {
            AddressSpaceId file = turn.ask(new NamespaceId(), new NamespaceCommand.OpenFile(split.file()));
            if (file != null) {
                turn.ask(file, new AddressSpaceCommand.SplitHuge(split.range(), split.order(), split.offset()));
            }
            return file == null ? new CallResult.Failed(Errno.ENOENT) : CallResult.OK;
        }
        if (call instanceof MachineCall.KsmScan scan) {
            turn.ask(new KsmdId(), new Ksm.Scan(scan.scans()));
            return CallResult.OK;
        }
        if (call instanceof MachineCall.KhugepagedScan scan) {
            for (int i = 0; i < scan.scans(); i++) {
                khugepaged(Long.MAX_VALUE, turn);
            }
            return CallResult.OK;
        }
        return new CallResult.Unsupported(call.getClass().getSimpleName());
    }

    /** Huge pages of PMD size that are switched on again start khugepaged, which makes a short pass. */
    private static CallResult set(KernelControl control, MachineCall.Set set, Turn turn) {
        if (set.key().equals(MERGE_ACROSS_NODES)
                && turn.step(() -> !set.value().equals(turn.context().settings().ksmMergeAcrossNodes() ? "1" : "0"))
                && !turn.ask(new KsmdId(), new Ksm.Rearrange())) {
            return new CallResult.Failed(Errno.EBUSY);
        }
        String refusal = turn.step(() -> {
            try {
                turn.context().settings().with(set.key(), set.value());
                turn.emit(new SettingChanged(set.key(), set.value()));
                return "";
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        });
        if (!refusal.isEmpty()) {
            return new CallResult.Unsupported(refusal);
        }
        boolean starts = turn.step(() -> !turn.context().settings().isPmdEnabled());   // it changes with the next tick
        turn.sleepUntil(turn.step(() -> turn.tick() + 1));
        if (starts) {
            khugepaged(PAGES_TO_SCAN, turn);
        }
        if (turn.step(() -> turn.context().settings().khugepaged().run())) {
            startDaemon(turn);
        }
        turn.run(() -> {
            if (set.key().startsWith("ksm.") && turn.context().settings().ksm().run()) {
                turn.send(new KsmdId(), new Ksm.StartDaemon());
            }
        });
        return CallResult.OK;
    }

    /** khugepaged may run: it learns of the processes that came while it might not. */
    private static void startDaemon(Turn turn) {
        List<ProcessId> processes = turn.ask(new NamespaceId(), new NamespaceCommand.LivingProcesses());
        turn.askAll(processes, processes.stream().map(process -> new Collapse.Register()).toList());
        turn.run(() -> turn.send(new KhugepagedId(), new Collapse.StartDaemon()));
    }

    /** {@code drop_slab()}: asks one node after the other, until a pass splits nothing. */
    private static CallResult dropSlab(Turn turn) {
        boolean progress = true;
        for (int pass = 0; pass < DROP_SLAB_PASSES || progress; pass++) {
            progress = false;
            for (int node = 0; node < turn.context().topology().nodes().size(); node++) {
                progress |= turn.ask(new NumaNodeId(node), new FolioCommand.ShrinkDeferred()) > 0;
            }
        }
        return CallResult.OK;
    }

    /** {@code khugepaged_do_scan()}: goes through all processes (R9.1). The thread is not there while huge pages are switched off. */
    private static void khugepaged(long budget, Turn turn) {
        Limits limits = turn.step(() -> {
            KernelSettings settings = turn.context().settings();
            return settings.isPmdEnabled()
                    ? new Limits(true, settings.maxPtesNone(), settings.maxPtesSwap(), settings.maxPtesShared()) : null;
        });
        if (limits == null) {
            return;
        }
        List<ProcessId> processes = turn.ask(new NamespaceId(), new NamespaceCommand.LivingProcesses());
        long progress = 0;
        for (ProcessId process : processes) {
            if (progress < budget) {
                Passed passed = turn.ask(process, new Collapse.Pass(limits, 0, 0, progress + 1, budget));
                turn.run(() -> turn.emit(new BlocksCollapsed(passed.collapsed())));
                progress = passed.progress();
            }
        }
    }
}
