package org.foliofleet.node.local;

import java.util.HashMap;
import java.util.Map;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

/** What the page tables of all VMAs say together: added VMA by VMA. */
final class MappingMetrics {
    /** {@code vm_area_struct}, {@code anon_vma} and {@code anon_vma_chain}, a page table with its struct page: bytes (R15.4). */
    private static final long VMA_BYTES = 192;
    private static final long ANON_VMA_BYTES = 104 + 64;
    private static final long TABLE_BYTES = 4096 + 64;

    private final Machine machine;
    /** By process: blocks of 2 MiB that have a page table, used or deposited. */
    private final Map<Integer, RunSet> tables = new HashMap<>();
    /** Frames of mlocked folios that a locked VMA maps. */
    private final RunSet locked = new RunSet();
    /** By process and first frame of a large folio mapped by PTEs: the VMA that was seen first, or {@link #CROSSING}. */
    private final Map<Integer, Map<Long, Integer>> holders = new HashMap<>();
    private static final int CROSSING = -1;

    long vmas;
    long mapped;
    long hugeCoverage;
    long lockedShortfall;
    long crossing;
    private long anonVmas;

    MappingMetrics(Machine machine) {
        this.machine = machine;
    }

    void add(Vma vma) {
        vmas++;
        anonVmas += vma.info().anonVma() != null ? 1 : 0;
        boolean isLocked = vma.info().has(VmaFlags.LOCKED);
        RunSet blocks = tables.computeIfAbsent(vma.info().id().process(), process -> new RunSet());
        vma.pages().forEach((start, count, entry) -> {
            long first = start >> PageOrder.PMD;
            blocks.add(first, ((start + count - 1) >> PageOrder.PMD) - first + 1);
            if (entry.state() != Pte.State.PRESENT) {
                return;
            }
            mapped += count;
            hugeCoverage += entry.isPmd() ? count : 0;
            if (isLocked) {
                locked(start, count, entry);
            }
            if (entry.order() > 0 && !entry.isPmd()) {
                large(vma.info().id().process(), vma.info().id().serial(), start, count, entry);
            }
        });
    }

    private void locked(long start, long count, Pte entry) {
        for (long page = start; page < start + count; page++) {
            long frame = entry.frame(page);
            Folio folio = machine.node(Frame.node(frame)).folio(frame);
            if (folio != null && folio.has(Folio.MLOCKED)) {
                locked.add(frame);
            } else if (folio != null) {
                lockedShortfall++;
            }
        }
    }

    private void large(int process, int serial, long start, long count, Pte entry) {
        Map<Long, Integer> known = holders.computeIfAbsent(process, number -> new HashMap<>());
        for (long page = start; page < start + count;) {
            long frame = entry.frame(page);
            long head = Frame.head(frame, entry.order());
            Integer before = known.putIfAbsent(head, serial);
            if (before != null && before != serial && before != CROSSING) {
                known.put(head, CROSSING);
                crossing++;
            }
            page += head + PageOrder.pages(entry.order()) - frame;
        }
    }

    /** Pages of mlocked folios that are in no locked VMA, of so many in all. */
    long lockedExcess(long mlocked) {
        return mlocked - locked.size();
    }

    long kernelMeta() {
        long blocks = 0;
        for (RunSet each : tables.values()) {
            blocks += each.size();
        }
        return vmas * VMA_BYTES + anonVmas * ANON_VMA_BYTES + blocks * TABLE_BYTES;
    }
}
