package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.numa.MmOthers.Slot;
import org.foliofleet.protocol.policy.MappingPolicies;

/**
 * {@code folio_add_return_large_mapcount()} and {@code folio_sub_return_large_mapcount()}, include/linux/rmap.h (R1.6, R1.7),
 * for any number of slots and any width of their counts ({@code shared_test}, {@code width_32bit_mm_id}).
 */
final class MmSlots {
    /** Mappings that a slot can count on 32 bits: {@code SHRT_MAX + 1}. */
    static final long SHORT_MAX = 1 << 15;

    private MmSlots() {}

    /** The folio already has the new mappings. */
    static Folio added(Folio folio, int mm, long added, MappingPolicies policies) {
        if (!folio.isLarge()) {
            return folio;
        }
        MmIds ids = folio.mms();
        boolean shared = folio.has(Folio.MM_SHARED);
        if (!isPlain(policies) || ids.others() != null || !isOneOf(ids, mm) && ids.first() != 0 && ids.second() != 0) {
            return new Slots(folio, policies).added(mm, added);
        }
        if (ids.first() == mm) {
            return folio.withMms(mm, ids.firstCount() + added, ids.second(), ids.secondCount(), null, shared);
        }
        if (ids.second() == mm) {
            return folio.withMms(ids.first(), ids.firstCount(), mm, ids.secondCount() + added, null, shared);
        }
        if (ids.first() == 0) {
            boolean others = folio.mapcount() > added;
            return folio.withMms(mm, added, ids.second(), ids.secondCount(), null, shared || others);
        }
        return folio.withMms(ids.first(), ids.firstCount(), mm, added, null, true);
    }

    /** The folio has the mappings no more. */
    static Folio removed(Folio folio, int mm, long removed, MappingPolicies policies) {
        if (!folio.isLarge()) {
            return folio;
        }
        MmIds ids = folio.mms();
        if (ids.others() == null && ids.first() == mm && ids.firstCount() > removed) {
            return folio.withMms(mm, ids.firstCount() - removed, ids.second(), ids.secondCount(), null, folio.has(Folio.MM_SHARED));
        }
        if (ids.others() == null && ids.second() == mm && ids.secondCount() > removed) {
            return folio.withMms(ids.first(), ids.firstCount(), mm, ids.secondCount() - removed, null, folio.has(Folio.MM_SHARED));
        }
        boolean isFirst = ids.first() == mm;
        if (ids.others() == null && isPlain(policies) && removed == (isFirst ? ids.firstCount() : ids.second() == mm ? ids.secondCount() : -1)) {
            int left = isFirst ? ids.second() : ids.first();
            long count = isFirst ? ids.secondCount() : ids.firstCount();
            boolean shared = folio.has(Folio.MM_SHARED) && count != folio.mapcount();
            return isFirst ? folio.withMms(0, 0, left, count, null, shared) : folio.withMms(left, count, 0, 0, null, shared);
        }
        return new Slots(folio, policies).removed(mm, removed);
    }

    private static boolean isPlain(MappingPolicies policies) {
        return policies.mmIds() >= 2 && !policies.width32bitMmId();
    }

    private static boolean isOneOf(MmIds ids, int mm) {
        return ids.first() == mm || ids.second() == mm;
    }

    /** All slots of a folio as a list, for whatever the two usual ones cannot do. */
    private static final class Slots {
        private final Folio folio;
        private final List<Slot> slots = new ArrayList<>();
        private final int number;
        private final long most;
        private MmOthers untracked;
        private boolean shared;

        Slots(Folio folio, MappingPolicies policies) {
            this.folio = folio;
            MmIds ids = folio.mms();
            MmOthers others = ids.others() == null ? MmOthers.NONE : ids.others();
            slots.add(new Slot(ids.first(), ids.firstCount()));
            slots.add(new Slot(ids.second(), ids.secondCount()));
            slots.addAll(others.slots());
            number = policies.mmIds();
            // with one id only, the second slot stays free
            while (slots.size() > number && slots.get(slots.size() - 1).mm() == 0) {
                slots.remove(slots.size() - 1);
            }
            most = policies.width32bitMmId() ? SHORT_MAX : Long.MAX_VALUE;
            untracked = new MmOthers(List.of(), others.sum(), others.squares());
            shared = folio.has(Folio.MM_SHARED);
        }

        private int slotOf(int mm) {
            for (int i = 0; i < slots.size(); i++) {
                if (slots.get(i).mm() == mm) {
                    return i;
                }
            }
            return -1;
        }

        private int freeSlot() {
            int free = slotOf(0);
            if (free < 0 && slots.size() < number) {
                slots.add(Slot.FREE);
                return slots.size() - 1;
            }
            return free;
        }

        Folio added(int mm, long added) {
            int slot = slotOf(mm);
            if (slot < 0) {
                slot = freeSlot();
                shared |= folio.mapcount() > added;
            }
            if (slot < 0) {
                untracked = untracked.withUntracked(mm, added);
            } else {
                count(slot, mm, slots.get(slot).mappings() + added);
            }
            return result();
        }

        /** A count that is too large for its slot gives the slot up. */
        private void count(int slot, int mm, long mappings) {
            if (mappings <= most) {
                slots.set(slot, new Slot(mm, mappings));
            } else {
                slots.set(slot, Slot.FREE);
                untracked = untracked.withUntracked(mm, mappings);
                shared = true;
            }
        }

        Folio removed(int mm, long removed) {
            int slot = slotOf(mm);
            long left = slot < 0 ? -removed : slots.get(slot).mappings() - removed;
            if (left > 0) {
                slots.set(slot, new Slot(mm, left));
                return result();
            }
            if (slot >= 0) {
                slots.set(slot, Slot.FREE);
            }
            untracked = untracked.withUntracked(mm, left);
            long mapcount = folio.mapcount();
            for (Slot each : slots) {
                shared &= each.mappings() != mapcount;
            }
            return result();
        }

        private Folio result() {
            if (folio.mapcount() == 0) {
                return folio.withMms(0, 0, 0, 0, null, false);
            }
            Slot first = slots.get(0);
            Slot second = slots.size() > 1 ? slots.get(1) : Slot.FREE;
            List<Slot> more = slots.size() > 2 ? new ArrayList<>(slots.subList(2, slots.size())) : List.of();
            while (!more.isEmpty() && more.get(more.size() - 1).mm() == 0) {
                more.remove(more.size() - 1);
            }
            MmOthers others = new MmOthers(List.copyOf(more), untracked.sum(), untracked.squares()).orNull();
            return folio.withMms(first.mm(), first.mappings(), second.mm(), second.mappings(), others, shared);
        }
    }
}
