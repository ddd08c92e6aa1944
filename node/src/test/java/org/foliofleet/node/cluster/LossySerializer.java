package org.foliofleet.node.cluster;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.util.concurrent.atomic.AtomicInteger;
import org.foliofleet.node.actor.LaneSerializer;

/** Serializes packets of lanes, and loses some on the way to another JVM. */
public final class LossySerializer extends SerializerWithStringManifest {
    private static final AtomicInteger TO_LOSE = new AtomicInteger();

    private final LaneSerializer itself = new LaneSerializer();

    /** The next packet is lost. */
    static void lose() {
        TO_LOSE.incrementAndGet();
    }

    @Override
    public int identifier() {
        return itself.identifier();
    }

    @Override
    public String manifest(Object packet) {
        return itself.manifest(packet);
    }

    @Override
    public byte[] toBinary(Object packet) {
        if (TO_LOSE.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("a packet is lost on purpose");
        }
        return itself.toBinary(packet);
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        return itself.fromBinary(bytes, manifest);
    }
}
