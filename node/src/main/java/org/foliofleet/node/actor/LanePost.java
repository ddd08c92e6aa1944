package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.serial.Wire;

/** Sends what a lane says: to lanes of the same JVM as it is, to others in numbered parts that fit a frame. */
final class LanePost {
    /** Bytes of one part; a frame holds several. */
    static final int CHUNK = 512 * 1024;

    private final LaneName name;
    private final long[] numbers;
    private List<ActorRef<MachineMessage>> lanes = List.of();

    LanePost(LaneName name) {
        this.name = name;
        numbers = new long[name.lanes()];
    }

    /** @param all lanes in their order, with this one */
    void connect(List<ActorRef<MachineMessage>> all) {
        if (all.size() != name.lanes()) {
            throw new IllegalArgumentException(name + " is connected to " + all.size() + " lanes");
        }
        lanes = List.copyOf(all);
    }

    boolean isConnected() {
        return !lanes.isEmpty();
    }

    void send(int lane, LaneMessage message) {
        ActorRef<MachineMessage> receiver = lanes.get(lane);
        long number = ++numbers[lane];
        if (receiver.path().address().hasLocalScope()) {
            receiver.tell(new LanePacket(name, number, 0, 1, message, null));
            return;
        }
        packets(name, number, message).forEach(receiver::tell);
    }

    /** The message in parts. */
    static List<LanePacket> packets(LaneName from, long number, LaneMessage message) {
        byte[] bytes = Wire.encode(message);
        int chunks = Math.max(1, (bytes.length + CHUNK - 1) / CHUNK);
        List<LanePacket> packets = new ArrayList<>(chunks);
        for (int chunk = 0; chunk < chunks; chunk++) {
            byte[] part = chunks == 1 ? bytes : Arrays.copyOfRange(bytes, chunk * CHUNK, Math.min(bytes.length, (chunk + 1) * CHUNK));
            packets.add(new LanePacket(from, number, chunk, chunks, null, part));
        }
        return packets;
    }

    /** To all others, as far as they are known. */
    void sendAll(LaneMessage message) {
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (lane != name.lane()) {
                send(lane, message);
            }
        }
    }
}
