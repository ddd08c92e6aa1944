package org.foliofleet.node.actor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.junit.jupiter.api.Test;

/** Goal: what lanes send comes whole or not at all. Method: a message of several parts as bytes, some of which are damaged. */
class LanePacketTest {
    private static final LaneName SENDER = new LaneName("m", 3, 1, 2);
    private static final LaneName RECEIVER = new LaneName("m", 3, 0, 2);
    private static final LaneSerializer SERIALIZER = new LaneSerializer();

    private final LaneInbox inbox = new LaneInbox(RECEIVER);
    private final byte[] content = new byte[3 * LanePost.CHUNK];

    private List<LanePacket> packets() {
        new Random(1).nextBytes(content);
        return LanePost.packets(SENDER, 1, new Report(7, null, false, null, null, content));
    }

    private static LanePacket overTheWire(LanePacket packet) {
        try {
            return (LanePacket) SERIALIZER.fromBinary(SERIALIZER.toBinary(packet), SERIALIZER.manifest(packet));
        } catch (NotSerializableException e) {
            throw new AssertionError(e);
        }
    }

    private LaneMessage take(List<LanePacket> packets) {
        LaneMessage last = null;
        for (LanePacket packet : packets) {
            assertNull(last, "it was whole before");
            assertTrue(inbox.isOurs(overTheWire(packet)));
            last = inbox.take(overTheWire(packet));
        }
        return last;
    }

    @Test
    void aMessageOfSeveralPartsComesWhole() {
        List<LanePacket> packets = packets();
        assertEquals(4, packets.size());
        Report report = (Report) take(packets);
        assertEquals(7, report.number());
        assertArrayEquals(content, report.snapshot());
    }

    @Test
    void aLostPartIsNoticed() {
        for (int lost = 0; lost < 3; lost++) {
            List<LanePacket> packets = new ArrayList<>(packets());
            packets.remove(lost);
            LaneInbox fresh = new LaneInbox(RECEIVER);
            Disturbance disturbance = assertThrows(Disturbance.class, () -> packets.forEach(fresh::take));
            assertTrue(disturbance.getMessage().startsWith("machine m, lane 0 of 2, incarnation 3: lane 1 was to send packet 1, part "
                    + (lost + 1) + ","), disturbance.getMessage());
        }
    }

    @Test
    void aLostMessageIsNoticedWithTheNext() {
        LanePost.packets(SENDER, 1, new LaneMessage.Begin(1, 2)).forEach(inbox::take);
        List<LanePacket> third = LanePost.packets(SENDER, 3, new LaneMessage.Begin(3, 4));
        assertThrows(Disturbance.class, () -> inbox.take(third.get(0)));
    }

    @Test
    void aDoubledPartIsNoticed() {
        List<LanePacket> packets = packets();
        inbox.take(packets.get(0));
        assertThrows(Disturbance.class, () -> inbox.take(packets.get(0)));
    }

    @Test
    void othersAreNotHeard() {
        for (LaneName other : List.of(new LaneName("m", 2, 1, 2), new LaneName("n", 3, 1, 2), new LaneName("m", 3, 1, 3))) {
            assertFalse(inbox.isOurs(LanePost.packets(other, 1, new LaneMessage.End()).get(0)), other.toString());
        }
    }

    @Test
    void everyFlippedBitOfAPacketIsNoticed() {
        byte[] bytes = SERIALIZER.toBinary(LanePost.packets(SENDER, 1, new LaneMessage.Begin(1, 2)).get(0));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            String message = assertThrows(NotSerializableException.class, () -> SERIALIZER.fromBinary(damaged, "lane/1")).getMessage();
            assertEquals("a packet of a lane is damaged: its check sum differs", message);
        }
        assertThrows(NotSerializableException.class, () -> SERIALIZER.fromBinary(bytes, "lane/99"));
    }
}
