package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.LongHashSet;
import org.foliofleet.node.journal.ImageSlices;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.OwnerRow;

/** Which owners of a lane are asked for a commit, and the rows that come of it: of those that have changed, and of a slice of the others. */
final class CommitRows {
    private static final Comparator<OwnerRow> BY_OWNER = Comparator.comparingLong(OwnerRow::owner);

    private final ImageSlices slices;
    private final List<OwnerHandle> asked;
    /** Places of those that are written whether or not they have changed. */
    private final BitSet inSlice = new BitSet();
    private final List<OwnerRow> changed = new ArrayList<>();
    private final List<OwnerRow> unchanged = new ArrayList<>();

    /** @param slices null if all owners are written anyway */
    CommitRows(OwnerTable owners, ImageSlices slices) {
        this.slices = slices;
        asked = owners.takeUncommitted();
        if (slices == null) {
            return;
        }
        LongHashSet slice = new LongHashSet();
        slices.next(owners::keys, slice::add);
        for (int i = 0; i < asked.size(); i++) {
            inSlice.set(i, slice.remove(asked.get(i).key()));
        }
        for (LongHashSet.LongIterator keys = slice.iterator(); keys.hasNext();) {
            OwnerHandle owner = owners.find(keys.nextValue());
            if (owner != null) {
                inSlice.set(asked.size());
                asked.add(owner);
            }
        }
    }

    /** The answers are wanted in this order. */
    List<OwnerHandle> asked() {
        return asked;
    }

    void answer(int number, long hash, byte[] state) {
        OwnerHandle owner = asked.get(number);
        if (owner.committed != hash) {
            owner.committed = hash;
            changed.add(new OwnerRow(owner.key(), state));
        } else if (inSlice.get(number)) {
            unchanged.add(new OwnerRow(owner.key(), state));
        }
    }

    /** After the answers: owners that have changed, by key. */
    List<OwnerRow> changed() {
        changed.sort(BY_OWNER);
        return changed;
    }

    /** After the answers. @param others bytes of what else is written */
    ImageSlice slice(long others) {
        unchanged.sort(BY_OWNER);
        return slices == null ? ImageSlice.WHOLE : slices.end(changed, unchanged, others);
    }
}
