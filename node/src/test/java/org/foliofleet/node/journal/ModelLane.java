package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.id.OwnerId;

/** What a lane's owners are, by the simplest means, and how they change at random. */
final class ModelLane {
    final TreeMap<Long, byte[]> owners = new TreeMap<>();
    byte[] rest = {};
    private final Random random;
    private final int ownerBytes;
    private final ImageSlices slices = new ImageSlices();
    private boolean hasCommitted;

    ModelLane(Random random, int ownerBytes) {
        this.random = random;
        this.ownerBytes = ownerBytes;
    }

    /** One that goes on with these rows. @param known whether the journal knows them */
    ModelLane(Random random, int ownerBytes, RowSet rows, boolean known) {
        this(random, ownerBytes);
        rows.owners().forEach(row -> owners.put(row.owner(), row.state()));
        rest = rows.rest();
        hasCommitted = known;
    }

    /** Changes it and tells what changed. */
    MachineChanges change(int count, int most, long tick) {
        TreeMap<Long, byte[]> changed = new TreeMap<>();
        List<Long> gone = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long key = new OwnerId.VmaId(1 + random.nextInt(7), random.nextInt(most)).key();
            if (owners.containsKey(key) && random.nextInt(4) == 0) {
                owners.remove(key);
                changed.remove(key);
                gone.add(key);
            } else {
                changed.put(key, bytes());
                owners.put(key, changed.get(key));
                gone.remove(key);
            }
        }
        rest = bytes();
        boolean all = !hasCommitted;
        hasCommitted = true;
        List<OwnerRow> rows = rows(all ? owners : changed);
        if (all) {
            return new MachineChanges(tick, false, tick, digest(), true, rows, List.of(), ImageSlice.WHOLE, List.of(), rest);
        }
        TreeMap<Long, byte[]> slice = new TreeMap<>();
        slices.next(() -> owners.keySet().stream().mapToLong(Long::longValue).toArray(), key -> {
            if (owners.containsKey(key) && !changed.containsKey(key)) {
                slice.put(key, owners.get(key));
            }
        });
        return new MachineChanges(tick, false, tick, digest(), false, rows, gone, slices.end(rows, rows(slice), rest.length), List.of(), rest);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(2 * ownerBytes)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<OwnerRow> rows(TreeMap<Long, byte[]> owners) {
        List<OwnerRow> rows = new ArrayList<>();
        owners.forEach((key, state) -> rows.add(new OwnerRow(key, state)));
        return rows;
    }

    /** Stands for all of it. */
    String digest() {
        return digest(rows(owners), rest);
    }

    static String digest(RowSet rows) {
        return digest(rows.owners(), rows.rest());
    }

    private static String digest(List<OwnerRow> rows, byte[] rest) {
        long sum = Arrays.hashCode(rest);
        for (OwnerRow row : rows) {
            sum = sum * 31 + row.owner() * 17 + Arrays.hashCode(row.state());
        }
        return Long.toHexString(sum);
    }
}
