package org.foliofleet.node.mm.measure;

import java.util.HashSet;
import org.agrona.collections.Long2LongHashMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.message.FrameRuns;

/** What a process and its VMAs say together: added VMA by VMA, in any order. */
public final class ProcessMeasure {
    private static final long NEVER_SEEN = -2;
    private static final long CROSSING = -1;

    private record AnonVmaKey(long root, int id) {}

    private final RunSet blocks = new RunSet();
    /** By first frame of a large folio mapped by PTEs: the VMA that was seen first, or {@link #CROSSING}. */
    private final Long2LongHashMap holders = new Long2LongHashMap(NEVER_SEEN);
    private final FrameRuns.Builder locked = new FrameRuns.Builder();
    private long vmas;
    private final HashSet<AnonVmaKey> anonVmas = new HashSet<>();
    private long chains;
    private long mapped;
    private long hugeCoverage;
    private long crossing;
    private long vmasOfTree;
    private boolean isAlive;
    private long vmaPeak;

    /** The process itself. */
    public void add(Process process) {
        vmaPeak = process.vmaPeak();
        isAlive = process.isAlive();
        vmasOfTree = process.isAlive() ? process.vmas().size() : 0;
    }

    /** @param vma one of its VMAs, or null for one that does not count */
    public void add(VmaMeasure vma) {
        if (vma == null) {
            return;
        }
        vmas++;
        if (vma.anonVma() != null) {
            anonVmas.add(new AnonVmaKey(vma.anonVma().root().key(), vma.anonVma().id()));
            chains += vma.anonVma().chain().size();
        }
        mapped += vma.mapped();
        hugeCoverage += vma.hugeCoverage();
        for (int i = 0; i < vma.blocks().length; i += 2) {
            blocks.add(vma.blocks()[i], vma.blocks()[i + 1]);
        }
        for (long head : vma.heads()) {
            long before = holders.get(head);
            if (before == NEVER_SEEN) {
                holders.put(head, vma.serial());
            } else if (before != CROSSING && before != vma.serial()) {
                holders.put(head, CROSSING);
                crossing++;
            }
        }
        for (int i = 0; i < vma.locked().size(); i++) {
            locked.add(vma.locked().start(i), vma.locked().count(i));
        }
    }

    /** Adds all of it to what is known of the machine. */
    void addTo(MappingTotals totals) {
        totals.add(vmas, anonVmas.size(), chains, blocks.size(), mapped, hugeCoverage, crossing);
        totals.addTree(vmasOfTree, vmaPeak);
        if (isAlive) {
            totals.addProcess(vmasOfTree);
        }
        totals.addLocked(locked.build());
    }
}
