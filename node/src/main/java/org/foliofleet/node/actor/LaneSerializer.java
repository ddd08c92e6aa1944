package org.foliofleet.node.actor;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.foliofleet.protocol.serial.Wire;

/**
 * Packets of lanes as bytes: check sum, incarnation, lane, lanes, number, part, parts, name of the machine, bytes. Packets of
 * another version are refused by their manifest.
 */
public final class LaneSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 1_180_070;
    private static final String MANIFEST = "lane/" + Wire.VERSION;
    private static final int CHECK_SUM_BYTES = 4;
    private static final int HEADER_BYTES = CHECK_SUM_BYTES + 2 * Long.BYTES + 5 * Integer.BYTES;

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object packet) {
        return MANIFEST;
    }

    @Override
    public byte[] toBinary(Object object) {
        LanePacket packet = (LanePacket) object;
        if (packet.bytes() == null) {
            throw new IllegalArgumentException("a packet of a lane in the same JVM was sent to another: " + packet);
        }
        byte[] machine = packet.from().machine().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + machine.length + packet.bytes().length);
        out.putInt(0).putLong(packet.from().incarnation()).putInt(packet.from().lane()).putInt(packet.from().lanes())
                .putLong(packet.number()).putInt(packet.chunk()).putInt(packet.chunks())
                .putInt(machine.length).put(machine).put(packet.bytes());
        return out.putInt(0, checkSum(out.array())).array();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        if (!manifest.equals(MANIFEST)) {
            throw new NotSerializableException("a packet of a lane is " + manifest + ", but this version reads " + MANIFEST
                    + ": all JVMs of a cluster must run the same version");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_BYTES || in.getInt() != checkSum(bytes)) {
            throw new NotSerializableException("a packet of a lane is damaged: its check sum differs");
        }
        long incarnation = in.getLong();
        int lane = in.getInt();
        int lanes = in.getInt();
        long number = in.getLong();
        int chunk = in.getInt();
        int chunks = in.getInt();
        byte[] machine = new byte[in.getInt()];
        in.get(machine);
        byte[] rest = new byte[in.remaining()];
        in.get(rest);
        return new LanePacket(new LaneName(new String(machine, StandardCharsets.UTF_8), incarnation, lane, lanes), number, chunk, chunks, null,
                rest);
    }

    private static int checkSum(byte[] packet) {
        CRC32C sum = new CRC32C();
        sum.update(packet, CHECK_SUM_BYTES, packet.length - CHECK_SUM_BYTES);
        return (int) sum.getValue();
    }
}
