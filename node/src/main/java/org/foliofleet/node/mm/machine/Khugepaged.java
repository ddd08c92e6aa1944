package org.foliofleet.node.mm.machine;

import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Limits;
import org.foliofleet.protocol.message.Collapse.Passed;

/** The kernel thread that collapses blocks by itself, when somebody wakes it: {@code khugepaged_do_scan()} (R9.1). */
public final class Khugepaged {
    /**
     * {@code pages_to_scan}: what a pass covers that follows on a start of the thread; a little more than one block of it
     * goes to other processes of the machine.
     */
    private static final long PAGES_TO_SCAN = 4096 - 600;

    private final Machine machine;
    private long collapsed;

    public Khugepaged(Machine machine) {
        this.machine = machine;
    }

    /** {@code pages_collapsed}. */
    public long collapsed() {
        return collapsed;
    }

    /** Wakes the thread: it goes through all processes once. It is not there while huge pages are switched off. */
    public void scan() {
        pass(Long.MAX_VALUE);
    }

    /** Settings changed: huge pages of PMD size that were switched on again start the thread, which makes a short pass. */
    public void settingsChanged(KernelSettings before) {
        if (!before.isPmdEnabled()) {
            pass(PAGES_TO_SCAN);
        }
    }

    private void pass(long budget) {
        KernelSettings settings = machine.settings();
        if (!settings.isPmdEnabled()) {
            return;
        }
        Limits limits = new Limits(true, settings.maxPtesNone(), settings.maxPtesSwap(), settings.maxPtesShared());
        long progress = 0;
        for (ProcessId id : processes()) {
            if (progress < budget) {
                Passed passed = machine.request(id, new Collapse.Pass(limits, 0, 0, progress + 1, budget));
                collapsed += passed.collapsed();
                progress = passed.progress();
            }
        }
    }

    private List<ProcessId> processes() {
        return machine.namespace().processes().values().stream()
                .filter(id -> machine.owner(id) instanceof Process process && process.isAlive())
                .sorted()
                .toList();
    }
}
