package org.foliofleet.node.mm.swap;

import java.util.List;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Shadow;
import org.foliofleet.protocol.message.SwapCommand;

/** Counts of entries, and the swap cache: mm/swapfile.c, mm/swap_state.c. */
final class SwapMap {
    private SwapMap() {}

    static Void free(Swap swap, SwapCommand.Free free, Turn turn) {
        turn.emit(new ReferencesChanged(free.entries(), -1));
        PageRuns entries = free.entries();
        for (int i = 0; i < entries.size(); i++) {
            long slot = entries.entry(i).frame(entries.start(i));
            swap.slots.forEach(slot, slot + entries.count(i), (start, count, left) -> {
                if (left.cached() && left.references() == 0) {
                    long frame = start + left.frameDelta();
                    turn.send(new NumaNodeId(Frame.node(frame)), new FolioCommand.FreeSwapCache(FrameRuns.of(frame, count)));
                }
            });
        }
        return null;
    }

    static Void release(Swap swap, SwapCommand.Release release, Turn turn) {
        turn.emit(new ReferencesChanged(release.entries(), -1));
        return null;
    }

    static Void duplicate(Swap swap, SwapCommand.Duplicate duplicate, Turn turn) {
        turn.emit(new ReferencesChanged(duplicate.entries(), 1));
        return null;
    }

    static Void uncache(Swap swap, SwapCommand.Uncache uncache, Turn turn) {
        turn.emit(new Uncached(uncache.slots()));
        return null;
    }

    static Void evict(Swap swap, SwapCommand.Evict evict, Turn turn) {
        turn.emit(new Evicted(evict.slots()));
        return null;
    }

    static Void splitCache(Swap swap, SwapCommand.SplitCache split, Turn turn) {
        turn.emit(new CacheSplit(split.slot(), split.pages()));
        return null;
    }

    static Void moveCache(Swap swap, SwapCommand.MoveCache move, Turn turn) {
        turn.emit(new CacheMoved(move.slot(), move.pages(), move.frame()));
        return null;
    }

    static FrameRuns freeUnused(Swap swap, SwapCommand.FreeUnused request, Turn turn) {
        FrameRuns.Builder unused = new FrameRuns.Builder();
        for (int i = 0; i < request.slots().size(); i++) {
            long start = request.slots().start(i);
            addUnused(swap, start, start + request.slots().count(i), unused);
        }
        FrameRuns freed = SwapWriteback.withoutWriting(swap, unused.build(), turn.tick());
        turn.emit(new Uncached(freed));
        return freed;
    }

    /** Adds the slots of folios in the swap cache that no entry names ({@code !folio_swapped()}). */
    static void addUnused(Swap swap, long start, long end, FrameRuns.Builder unused) {
        for (long at = start; at < end;) {
            SwapSlot slot = swap.slots.get(at);
            if (slot == null || !slot.cached()) {
                at = Math.min(end, slot == null ? swap.slots.nextKey(at) : swap.slots.runEnd(at));
                continue;
            }
            if (slot.order() == 0) {
                long until = Math.min(end, swap.slots.runEnd(at));
                if (slot.references() == 0) {
                    unused.add(at, until - at);
                }
                at = until;
                continue;
            }
            long head = PageOrder.alignDown(at, slot.order());
            long next = head + PageOrder.pages(slot.order());
            boolean[] named = {false};
            swap.slots.forEach(head, next, (from, count, page) -> named[0] |= page.references() > 0);
            if (!named[0]) {
                unused.add(head, next - head);
            }
            at = next;
        }
    }

    /** One entry more, or less, names each of these slots. */
    private record ReferencesChanged(PageRuns entries, int change) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            for (int i = 0; i < entries.size(); i++) {
                long slot = entries.entry(i).frame(entries.start(i));
                long end = slot + entries.count(i);
                long[] found = {0};
                swap.slots.transform(slot, end, (start, count, old) -> {
                    found[0] += count;
                    if (old.references() + change < 0) {
                        throw new InvariantViolation("swap slot " + start + " loses an entry that it does not have");
                    }
                    return old.withReferences(old.references() + change);
                });
                if (found[0] != entries.count(i)) {
                    throw new InvariantViolation("entries name swap slots that are free, among " + slot + " to " + end);
                }
                swap.freeUnreferenced(slot, end);
            }
        }
    }

    /** Folios left the swap cache. */
    record Uncached(FrameRuns gone) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            for (int i = 0; i < gone.size(); i++) {
                long end = gone.start(i) + gone.count(i);
                swap.slots.transform(gone.start(i), end, (start, count, slot) -> slot.uncached());
                if (!swap.writing.isEmpty()) {
                    swap.writing.clear(gone.start(i), gone.count(i));
                }
                swap.freeUnreferenced(gone.start(i), end);
            }
        }
    }

    /** Folios were reclaimed; slots that are free with that remember nothing. */
    private record Evicted(List<Shadow> slots) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            for (Shadow shadow : slots) {
                swap.shadows.add(shadow);
                new Uncached(FrameRuns.of(shadow.at(), shadow.count())).applyTo(swap);
            }
        }
    }

    private record CacheMoved(long slot, long pages, long frame) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            swap.slots.transform(slot, slot + pages, (start, count, old) ->
                    old.cached() ? new SwapSlot(old.references(), true, frame - slot, old.order()) : old);
        }
    }

    private record CacheSplit(long slot, long pages) implements SwapEvent {
        @Override
        public void applyTo(Swap swap) {
            swap.slots.transform(slot, slot + pages, (start, count, old) -> old.cached() ? old.withOrder(0) : old);
        }
    }
}
