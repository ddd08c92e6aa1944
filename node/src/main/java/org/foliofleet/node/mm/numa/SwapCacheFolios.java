package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FolioCommand.AllocateSwapCache;
import org.foliofleet.protocol.message.FolioCommand.MapSwapped;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.policy.RelocationPolicies.MremapRelocate;

/** Folios in the swap cache: read in by {@code __read_swap_cache_async()}, mapped by {@code do_swap_page()} (R2.13, R2.14). */
final class SwapCacheFolios {
    private SwapCacheFolios() {}

    static FrameRuns allocate(NumaNode node, AllocateSwapCache request, Turn turn) {
        MappingRules.of(node, turn);
        long room = Pressure.grant(node, 0, request.count(), request.mark(), turn);
        long count = CgroupAllowances.grant(node, request.cgroup(), 0, room);
        if (count == 0) {
            return room > 0 ? null : FrameRuns.NONE;
        }
        turn.emit(new FoliosRead(count == request.count() ? request
                : new AllocateSwapCache(request.slot(), count, request.zero(), request.contents(), request.mark(),
                        request.cgroup())));
        return node.granted();
    }

    static FolioCommand.StillMapped map(NumaNode node, MapSwapped request, Turn turn) {
        PageRuns.Builder mapped = PageRuns.builder();
        PageRuns.Builder foreign = PageRuns.builder();
        FrameRuns.Builder dropped = new FrameRuns.Builder();
        PageRuns runs = request.runs();
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            for (long page = runs.start(i); page < runs.end(i);) {
                long frame = entry.frame(page);
                Folio folio = node.folios.get(frame);
                boolean there = folio != null && folio.has(Folio.SWAPCACHE) && folio.swapDelta() == request.swapDelta()
                        && folio.order() == entry.order();
                if (!there) {
                    page++;
                    continue;
                }
                long until = Math.min(runs.end(i), page + node.folios.runEnd(frame) - frame);
                if (folio.isLarge()) {
                    until = Math.min(until, page + Frame.head(frame, folio.order()) + folio.pages() - frame);
                }
                if (mustBeCopied(folio, request, request.index() + page - runs.start(0) - frame, turn)) {
                    foreign.add(page, until - page, entry);
                    page = until;
                    continue;
                }
                boolean steady = folio.has(Folio.WRITEBACK) && turn.context().settings().swapDevice().stableWrites();
                mapRun(page, until - page, folio, steady ? entry.without(Pte.EXCLUSIVE) : entry, request, mapped, dropped);
                page = until;
            }
        }
        PageRuns result = mapped.build();
        FrameRuns freed = dropped.build();
        long lost = outOfReach(node, request, result);
        if (lost > 0) {
            turn.emit(new OutOfReach(lost));
        }
        MlockRules.of(node, turn);
        turn.emit(new SwapPagesMapped(request, result, freed));
        if (freed.size() > 0) {
            FrameRuns.Builder slots = new FrameRuns.Builder();
            for (int i = 0; i < freed.size(); i++) {
                slots.add(freed.start(i) + request.swapDelta(), freed.count(i));
            }
            turn.send(new SwapId(), new SwapCommand.Uncache(slots.build()));
        }
        PageRuns copies = foreign.build();
        return copies.isEmpty() ? new FolioCommand.StillMapped(result) : new FolioCommand.StillMapped(result, copies, Contents.of(node, copies));
    }

    /**
     * {@code ksm_might_need_to_copy()}: what was a merged page has several places, and was read for one of them. Where mremap rewrites
     * offsets, pages that it did not find in the swap cache are told by {@link #outOfReach} instead.
     */
    private static boolean mustBeCopied(Folio folio, MapSwapped request, long indexDelta, Turn turn) {
        return folio.isAnon() && !folio.isLarge() && !folio.has(Folio.KSM)
                && (folio.indexDelta() != indexDelta || folio.mapping() != request.mapping().key())
                && turn.context().settings().policies().relocation().mremapRelocate() == MremapRelocate.OFF;
    }

    /**
     * Pages of folios that the swap cache remembers as belonging elsewhere, since mremap rewrote what it found in page tables
     * only: the walk from such a folio does not come to the entries that will map it.
     */
    private static long outOfReach(NumaNode node, MapSwapped request, PageRuns mapped) {
        long[] pages = {0};
        FolioWalk.over(node, mapped, (page, head, folio, from, to, count, entry) -> {
            long index = request.index() + page - from - request.runs().start(0);
            if (folio.isAnon() && !folio.has(Folio.KSM) && (folio.mapping() != request.mapping().key() || folio.indexDelta() != index - head)) {
                pages[0] += FolioWalk.pages(folio, from, to, count);
            }
        });
        return pages[0];
    }

    private record OutOfReach(long pages) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.statistics.add(VmEvent.RMAP_STALE, pages);
        }
    }

    private static void mapRun(long page, long count, Folio folio, Pte entry, MapSwapped request, PageRuns.Builder mapped,
            FrameRuns.Builder dropped) {
        long references = folio.references() + 1;
        boolean wantsFree = request.full() || request.locked() || folio.has(Folio.MLOCKED)
                || request.write() && !folio.has(Folio.KSM) && references == 1 + folio.pages();
        boolean whole = !folio.isLarge() || count == folio.pages();
        // who reclaims or migrates the folio has it locked: other mappings may be giving way to swap entries just now
        boolean free = wantsFree && request.last() && whole && folio.has(Folio.LRU) && !folio.has(Folio.WRITEBACK);
        if (free) {
            references -= folio.pages();
            dropped.add(entry.frame(page), count);
        }
        boolean exclusive = !folio.has(Folio.KSM) && (entry.has(Pte.EXCLUSIVE) || references == 1);
        mapped.add(page, count, exclusive ? entry.with(Pte.EXCLUSIVE) : entry.without(Pte.EXCLUSIVE));
    }

    /** Pages were read from swap into new folios. */
    private record FoliosRead(AllocateSwapCache request) implements NodeEvent, FolioBirth {
        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            for (int i = 0; i < granted.size(); i++) {
                sink.born(granted.start(i), granted.count(i), 0);
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            FrameRuns.Builder runs = new FrameRuns.Builder();
            node.frames.allocate(0, request.count(), (start, blocks) -> {
                node.tally.allocated(0, blocks);
                runs.add(Frame.of(node.number(), start), blocks);
            });
            FrameRuns granted = runs.build();
            long slot = request.slot();
            for (int i = 0; i < granted.size(); i++) {
                Folio folio = Folio.anon(0, 0, 0).without(Folio.ANON).withSwap(true, slot - granted.start(i)).withCgroup(request.cgroup());
                node.folios.set(granted.start(i), granted.count(i), folio);
                slot += granted.count(i);
            }
            AnonAllocation.store(node, granted, request.contents());
            node.statistics.add(request.zero() ? VmEvent.SWPIN_ZERO : VmEvent.PSWPIN, granted.frames());
            node.granted(granted);
        }
    }

    /** Pages of the swap cache were mapped; some folios left the swap cache with that. */
    private record SwapPagesMapped(MapSwapped request, PageRuns mapped, FrameRuns freed) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            FolioWalk.over(node, mapped, (page, head, folio, from, to, count, entry) -> {
                Folio after = folio;
                if (!folio.isAnon()) {
                    long index = request.index() + page - from - request.runs().start(0);
                    after = folio.with(Folio.ANON).withMapping(request.mapping().key(), index - head);
                }
                after = Rmap.add(node, after, false, from, to, request.mm(), count);
                // A folio that was just read enters the LRU by folio_add_lru(), which does not ask for VM_LOCKED.
                if (request.locked() && folio.isAnon() && node.mlockRules.marks(to - from == folio.pages(), to - from == folio.pages())) {
                    after = Mlocking.mlock(node, after, count, to - from);
                }
                node.folios.set(head, count << folio.order(), after);
            });
            for (int i = 0; i < freed.size(); i++) {
                node.folios.transform(freed.start(i), freed.start(i) + freed.count(i),
                        (start, count, folio) -> folio.withSwap(false, 0).with(Folio.DIRTY));
            }
        }
    }
}
