package org.foliofleet.node.mm.swap;

import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Shadows;
import org.foliofleet.protocol.id.OwnerId.SwapId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.SwapCommand;

/**
 * {@code swap_info_struct} of the one swap device: a synchronous one without seek times (SWP_SYNCHRONOUS_IO), such as zram, or a
 * block device, which writes while others go on.
 * A device of no slots is a machine without swap.
 */
public final class Swap extends Owner {
    /** Lock: one reader at a time brings pages into the swap cache (SWAP_HAS_CACHE). */
    static final String READ_LOCK = "swapcache_prepare";

    private static final Handlers<Swap> HANDLERS = new Handlers<Swap>()
            .atomic(SwapCommand.Free.class, SwapMap::free)
            .atomic(SwapCommand.Release.class, SwapMap::release)
            .atomic(SwapCommand.Duplicate.class, SwapMap::duplicate)
            .atomic(SwapCommand.Allocate.class, SwapOut::allocate)
            .atomic(SwapCommand.Write.class, SwapOut::write)
            .atomic(SwapCommand.Submit.class, SwapWriteback::submit)
            .atomic(SwapCommand.Uncache.class, SwapMap::uncache)
            .atomic(SwapCommand.Evict.class, SwapMap::evict)
            .atomic(SwapCommand.FreeUnused.class, SwapMap::freeUnused)
            .atomic(SwapCommand.MoveCache.class, SwapMap::moveCache)
            .atomic(SwapCommand.SplitCache.class, SwapMap::splitCache)
            .atomic(SwapCommand.Size.class, (swap, request, turn) -> swap.size)
            .atomic(SwapCommand.Room.class, (swap, request, turn) -> swap.size - swap.used())
            .atomic(SwapCommand.Lookup.class, SwapIn::lookup)
            .flow(SwapCommand.ReadToCache.class, SwapIn::readToCache);

    /** Slots in use. */
    final RunMap<SwapSlot> slots = new RunMap<>();
    /** What was written to them. */
    final RunMap<SlotContent> contents = new RunMap<>();
    /** What is remembered of pages that were reclaimed. */
    final Shadows shadows = new Shadows();
    /** Slots that a block device is writing, or has written, by the tick in which that is done. */
    final RunMap<Long> writing = new RunMap<>();
    /** Until when a block device transfers pages, in simulated nanoseconds. */
    long busyNanos;
    final SwapClusters clusters;
    private long size;

    /**
     * A device with all slots free.
     *
     * @param size pages it has room for, cut to a multiple of a cluster of 512; 0 for no swap device
     */
    public Swap(long size) {
        super(new SwapId());
        this.size = PageOrder.alignDown(size, PageOrder.PMD);
        clusters = new SwapClusters(this.size);
    }

    public static Handlers<Swap> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((SwapEvent) event).applyTo(this);
    }

    // -- for whoever looks at the machine from outside -----------------------------------------------------------

    /** Pages the device has room for. */
    public long size() {
        return size;
    }

    /** Slots in use. */
    public long used() {
        return clusters.used();
    }

    /** Entries that name the slot: {@code swp_swapcount()}. */
    public int references(long slot) {
        SwapSlot found = slots.get(slot);
        return found == null ? 0 : found.references();
    }

    /** The frame that caches the slot's page, or -1. */
    public long cachedIn(long slot) {
        SwapSlot found = slots.get(slot);
        return found != null && found.cached() ? slot + found.frameDelta() : -1;
    }

    /** Content tag of what was written to the slot, 0 for zeros. */
    public long tag(long slot) {
        SlotContent content = contents.get(slot);
        return content == null ? 0 : content.tag();
    }

    /** The page index that was stored with the tag, -1 if it was left out. */
    public long source(long slot) {
        SlotContent content = contents.get(slot);
        return content == null ? -1 : content.sourceOf(slot);
    }

    /** Takes slots in use. */
    @FunctionalInterface
    public interface SlotVisitor {
        /** @param frame of the slot's page in the swap cache, or -1 */
        void slot(long slot, int references, long frame);
    }

    /** Visits all slots in use, ascending. */
    public void forEachSlot(SlotVisitor visitor) {
        slots.forEach((start, count, slot) -> {
            for (long at = start; at < start + count; at++) {
                visitor.slot(at, slot.references(), slot.cached() ? at + slot.frameDelta() : -1);
            }
        });
    }

    /** {@code vm_swap_full()}: more than half of it is in use. */
    boolean isFull() {
        return clusters.used() * 2 >= size;
    }

    // -- for events ----------------------------------------------------------------------------------------------

    /** Frees the slots of a range that have neither entry nor folio any more. */
    void freeUnreferenced(long start, long end) {
        slots.transform(start, end, (at, count, slot) -> {
            if (!slot.isFree()) {
                return slot;
            }
            clusters.free(at, count);
            return null;
        });
        slots.forEachWithGaps(start, end, (at, count, slot) -> {
            if (slot == null) {
                contents.clear(at, count);
                shadows.clear(at, count);
            }
        });
    }
}
