package org.foliofleet.node.actor;

import java.io.ByteArrayOutputStream;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;

/** Takes what other lanes say: nothing of other incarnations, and nothing twice or with a gap. */
final class LaneInbox {
    private final LaneName name;
    /** By lane: the number of the message that is coming, and how many parts of it have come. */
    private final long[] numbers;
    private final int[] chunks;
    private final ByteArrayOutputStream[] parts;

    LaneInbox(LaneName name) {
        this.name = name;
        numbers = new long[name.lanes()];
        chunks = new int[name.lanes()];
        parts = new ByteArrayOutputStream[name.lanes()];
    }

    /** Whether it is from a lane of the machine as it is run now. */
    boolean isOurs(LanePacket packet) {
        LaneName from = packet.from();
        return from.incarnation() == name.incarnation() && from.lanes() == name.lanes() && from.machine().equals(name.machine());
    }

    /**
     * Takes a packet.
     *
     * @param packet one of {@linkplain #isOurs ours}
     * @return the message that is complete with it, or null
     * @throws Disturbance if it is not the one that comes next
     */
    LaneMessage take(LanePacket packet) {
        int lane = packet.from().lane();
        if (packet.number() != numbers[lane] + 1 || packet.chunk() != chunks[lane]) {
            throw new Disturbance(name + ": lane " + lane + " was to send packet " + (numbers[lane] + 1) + ", part " + (chunks[lane] + 1)
                    + ", but what came is packet " + packet.number() + ", part " + (packet.chunk() + 1) + " of " + packet.chunks());
        }
        chunks[lane]++;
        boolean whole = chunks[lane] == packet.chunks();
        if (whole) {
            numbers[lane]++;
            chunks[lane] = 0;
        }
        return packet.message() != null ? packet.message() : assembled(lane, packet, whole);
    }

    private LaneMessage assembled(int lane, LanePacket packet, boolean whole) {
        byte[] bytes = packet.bytes();
        if (packet.chunks() > 1) {
            if (packet.chunk() == 0) {
                parts[lane] = new ByteArrayOutputStream(LanePost.CHUNK * 2);
            }
            parts[lane].writeBytes(bytes);
            if (!whole) {
                return null;
            }
            bytes = parts[lane].toByteArray();
            parts[lane] = null;
        }
        try {
            return (LaneMessage) Wire.decode(bytes);
        } catch (DecodingException e) {
            throw new Disturbance(name + ": what lane " + lane + " has sent cannot be read: " + e.getMessage());
        }
    }
}
