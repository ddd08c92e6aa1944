package org.foliofleet.node.local;

import java.nio.charset.StandardCharsets;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.StateSink;
import org.foliofleet.node.mm.machine.Machine;

/** Digest of a machine's state: the sum of a hash of every item of every owner, whatever order they come in. */
final class StateSum implements StateSink {
    private long owner;
    private long sum;

    private StateSum() {}

    static String of(Machine machine) {
        StateSum digest = new StateSum();
        for (Owner each : machine.owners()) {
            digest.owner = each.key();
            digest.item(0, each.sequence());
            each.digest(digest);
        }
        String hex = Long.toHexString(digest.sum);
        return "0".repeat(16 - hex.length()) + hex;
    }

    @Override
    public void item(int kind, long... fields) {
        sum += hash(mix(owner) + kind, fields);
    }

    @Override
    public void object(int kind, Object value, long... fields) {
        long text = 0xCBF29CE484222325L;
        for (byte b : value.toString().getBytes(StandardCharsets.UTF_8)) {
            text = (text ^ b) * 0x100000001B3L;
        }
        sum += hash(mix(mix(owner) + kind) + text, fields);
    }

    private static long hash(long start, long[] fields) {
        long hash = mix(start);
        for (long field : fields) {
            hash = mix(hash * 31 + field);
        }
        return hash;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
