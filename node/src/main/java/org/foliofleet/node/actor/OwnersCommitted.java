package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;
import org.foliofleet.node.journal.ImageSlices;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.Encoder;

/**
 * What the owners of a machine on one thread were like at the last commit, by their hashes. A commit looks at every owner,
 * but works only for those that have changed.
 */
final class OwnersCommitted {
    private final Long2LongHashMap hashes = new Long2LongHashMap(0);
    private final Encoder scratch = Encoder.forHashing();
    private final ImageSlices slices = new ImageSlices();
    private boolean hasCommitted;

    /** The owners are as they were committed last, as far as their hashes are known. */
    void allCommitted(List<Owner> owners) {
        for (Owner owner : owners) {
            if (owner.knownHash() != 0) {
                hashes.put(owner.key(), owner.knownHash());
            }
        }
        hasCommitted = true;
    }

    /** What has changed since the last commit. @param events that are journaled with it */
    MachineChanges commit(Machine machine, List<byte[]> events) {
        MachineParts parts = machine.parts();
        LongHashSet slice = new LongHashSet();
        if (hasCommitted) {
            slices.next(() -> parts.owners().stream().mapToLong(Owner::key).toArray(), slice::add);
        }
        List<OwnerRow> changed = new ArrayList<>();
        List<OwnerRow> unchanged = new ArrayList<>();
        for (Owner owner : parts.owners()) {
            long hash = owner.hash(scratch);
            if (hashes.put(owner.key(), hash) != hash) {
                changed.add(new OwnerRow(owner.key(), OwnerImage.write(owner)));
            } else if (slice.contains(owner.key())) {
                unchanged.add(new OwnerRow(owner.key(), OwnerImage.write(owner)));
            }
        }
        MachineChanges changes = MachineChanges.of(parts, machine.digest(), !hasCommitted, changed, takeGone(machine, parts.owners().size()));
        ImageSlice part = hasCommitted ? slices.end(changed, unchanged, MachineChanges.bytes(changes.rest(), events)) : ImageSlice.WHOLE;
        hasCommitted = true;
        return changes.with(part, events);
    }

    private List<Long> takeGone(Machine machine, int owners) {
        List<Long> gone = new ArrayList<>();
        if (hashes.size() == owners) {
            return gone;
        }
        for (Long2LongHashMap.KeyIterator keys = hashes.keySet().iterator(); keys.hasNext();) {
            long key = keys.nextValue();
            if (machine.owner(OwnerId.of(key)) == null) {
                gone.add(key);
            }
        }
        Collections.sort(gone);
        gone.forEach(key -> hashes.remove(key.longValue()));
        return gone;
    }
}
