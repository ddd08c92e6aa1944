package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaCommand.Zap;
import org.foliofleet.protocol.message.VmaFlags;

/** {@code zap_page_range_single()} and {@code unmap_vmas()} (R7.2, R7.3). */
final class Zapping {
    private Zapping() {}

    static Void zap(Vma vma, Zap zap, Turn turn) {
        long from = zap.range().start();
        long to = zap.range().end();
        PmdSplit.atEdges(vma, from, to, turn);
        turn.run(() -> {
            PageRuns.Builder kept = PageRuns.builder();
            PageRuns.Builder markers = PageRuns.builder();
            PageRuns.Builder builder = PageRuns.builder(from <= vma.info.start() && to >= vma.info.end() ? vma.pages.runs() : 0);
            vma.pages.forEach(from, to, (start, count, entry) -> {
                boolean marker = !zap.unmapping() && UserfaultProtection.leavesMarker(vma.info, entry);
                if (entry.state() == Pte.State.GUARD && !zap.unmapping() || marker && entry.state() == Pte.State.WP_MARKER) {
                    kept.add(start, count, entry);
                } else {
                    builder.add(start, count, entry);
                    if (marker) {
                        markers.add(start, count, Pte.UFFD_WP_MARKER);
                    }
                }
            });
            PageRuns gone = builder.build();
            Charges.zap(gone, turn);
            release(vma, gone, turn);
            if (kept.isEmpty()) {
                turn.emit(new VmaEvents.EntriesCleared(from, to - from));
            } else {
                for (int i = 0; i < gone.size(); i++) {
                    turn.emit(new VmaEvents.EntriesCleared(gone.start(i), gone.count(i)));
                }
            }
            setMarkers(markers.build(), turn);
            reclaimTables(vma, from, to, turn);
        });
        return null;
    }

    /** What flights wait for that met a VMA whose entries fork is still copying. */
    record BirthWait() {}

    /** {@code unmap_mapping_range_vma()}, {@code should_zap_folio()}: private copies stay unless {@code evenCows}. */
    static Void zapFile(Vma vma, VmaCommand.ZapFile zap, Turn turn) {
        while (turn.step(() -> vma.info == null)) {
            turn.park(new BirthWait());
        }
        PageRange inside = turn.step(() -> zap.range().intersect(PageRange.between(vma.info.start(), vma.info.end())));
        long from = inside.start();
        long to = inside.end();
        PmdSplit.atEdges(vma, from, to, turn);
        turn.run(() -> {
            PageRuns.Builder builder = PageRuns.builder();
            PageRuns.Builder markers = PageRuns.builder();
            vma.pages.forEach(from, to, (start, count, entry) -> {
                boolean goes = switch (entry.state()) {
                    case PRESENT -> zap.evenCows() || !entry.isAnon();
                    case ZERO -> true;
                    case SWAP, MIGRATION, POISON -> zap.evenCows();
                    case GUARD, WP_MARKER -> false;
                };
                if (goes) {
                    builder.add(start, count, entry);
                    if (UserfaultProtection.leavesMarker(vma.info, entry)) {
                        markers.add(start, count, Pte.UFFD_WP_MARKER);
                    }
                }
            });
            PageRuns gone = builder.build();
            Charges.zap(gone, turn);
            release(vma, gone, turn);
            for (int i = 0; i < gone.size(); i++) {
                turn.emit(new VmaEvents.EntriesCleared(gone.start(i), gone.count(i)));
            }
            setMarkers(markers.build(), turn);
        });
        return null;
    }

    /** Entries of files that userfaultfd write-protects leave markers. Within a step. */
    private static void setMarkers(PageRuns markers, Turn turn) {
        if (!markers.isEmpty()) {
            turn.emit(new VmaEvents.EntriesSet(markers));
        }
    }

    /** Tells the owners of what the entries named that these no longer do. Within a step. */
    static void release(Vma vma, PageRuns gone, Turn turn) {
        if (isPresentOnOneNode(gone)) {
            unmap(vma, Frame.node(gone.entry(0).frame(gone.start(0))), gone, turn);
            return;
        }
        PageRuns.Builder present = PageRuns.builder();
        PageRuns.Builder swapped = PageRuns.builder();
        int node = -1;
        for (int i = 0; i < gone.size(); i++) {
            Pte entry = gone.entry(i);
            if (entry.state() == Pte.State.SWAP) {
                swapped.add(gone.start(i), gone.count(i), entry);
            }
            if (!entry.isPresent() || entry.has(Pte.SPECIAL)) {
                continue;
            }
            int itsNode = Frame.node(entry.frame(gone.start(i)));
            if (itsNode != node && !present.isEmpty()) {
                unmap(vma, node, present.build(), turn);
                present = PageRuns.builder();
            }
            node = itsNode;
            present.add(gone.start(i), gone.count(i), entry);
        }
        if (!present.isEmpty()) {
            unmap(vma, node, present.build(), turn);
        }
        if (!swapped.isEmpty()) {
            SwapEntries.free(swapped.build(), turn);
        }
    }

    private static boolean isPresentOnOneNode(PageRuns runs) {
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            if (!entry.isPresent() || entry.has(Pte.SPECIAL)
                    || Frame.node(entry.frame(runs.start(i))) != Frame.node(runs.entry(0).frame(runs.start(0)))) {
                return false;
            }
        }
        return !runs.isEmpty();
    }

    static void unmap(Vma vma, int node, PageRuns runs, Turn turn) {
        turn.send(new NumaNodeId(node), new NumaNodeCommand.Unmap(vma.mm(), runs, vma.info.has(VmaFlags.LOCKED)));
    }

    /** {@code try_get_and_clear_pmd()} (CONFIG_PT_RECLAIM): tables that were zapped whole are freed. */
    private static void reclaimTables(Vma vma, long from, long to, Turn turn) {
        long first = PageOrder.alignUp(from, PageOrder.PMD) >> PageOrder.PMD;
        long last = to >> PageOrder.PMD;
        if (vma.emptyTables != null && last > first) {
            turn.emit(new VmaEvents.TablesChanged(first, last - first, false));
        }
    }
}
