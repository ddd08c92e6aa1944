package org.foliofleet.node.mm.vma;

import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.CountMemory;
import org.foliofleet.protocol.message.VmaCommand.Reap;
import org.foliofleet.protocol.message.VmaFlags;

/** What the OOM killer counts of a VMA, and what its reaper takes: {@code __oom_reap_task_mm()}, mm/oom_kill.c (R10.17). */
final class Reaping {
    private Reaping() {}

    /** A page for each present one and each swap entry, and for each page table; -1 while fork is still copying the entries. */
    static Long count(Vma vma, CountMemory request, Turn turn) {
        if (vma.info == null) {
            return -1L;
        }
        long[] pages = {vma.emptyTables == null ? 0 : vma.emptyTables.size()};
        TreeSet<Long> tables = new TreeSet<>();
        vma.pages.forEach((start, count, entry) -> {
            boolean counts = entry.isPresent() && !entry.has(Pte.SPECIAL) || entry.state() == Pte.State.SWAP || entry.state() == Pte.State.MIGRATION;
            pages[0] += counts ? count : 0;
            for (long block = start >> PageOrder.PMD; block <= start + count - 1 >> PageOrder.PMD; block++) {
                tables.add(block);
            }
        });
        return pages[0] + tables.size();
    }

    /** MMF_UNSTABLE: no page comes in any more; what is private goes, locked or not. */
    static Void reap(Vma vma, Reap request, Turn turn) {
        turn.emit(new Unstable());
        if (vma.info == null || vma.info.has(VmaFlags.PFNMAP) || vma.info.file() != null && vma.info.has(VmaFlags.SHARED)) {
            return null;
        }
        PageRuns.Builder builder = PageRuns.builder();
        vma.pages.forEach((start, count, entry) -> {
            if (entry.state() != Pte.State.MIGRATION) {
                builder.add(start, count, entry);
            }
        });
        PageRuns gone = builder.build();
        Zapping.release(vma, gone, turn);
        for (int i = 0; i < gone.size(); i++) {
            turn.emit(new VmaEvents.EntriesCleared(gone.start(i), gone.count(i)));
        }
        return null;
    }

    private record Unstable() implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.unstable = true;
        }
    }
}
