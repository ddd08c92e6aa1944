package org.foliofleet.node.journal;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;

/** Rows of the journal as bytes: the value in its versioned binary form and a check sum. */
public final class JournalSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 1_180_060;
    private static final int CHECK_SUM_BYTES = 4;

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object record) {
        return record.getClass().getSimpleName() + "/" + Wire.VERSION;
    }

    @Override
    public byte[] toBinary(Object record) {
        byte[] value = Wire.encode(record);
        return ByteBuffer.allocate(value.length + CHECK_SUM_BYTES).put(value).putInt(checkSum(value)).array();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        if (!manifest.endsWith("/" + Wire.VERSION)) {
            throw new NotSerializableException("a row of the journal is " + manifest + ", written by another version than this one, which reads "
                    + "version " + Wire.VERSION + "; go on with the version that wrote it");
        }
        if (bytes.length < CHECK_SUM_BYTES) {
            throw new NotSerializableException("a row of the journal, " + manifest + ", is damaged: it has " + bytes.length + " bytes");
        }
        byte[] value = Arrays.copyOf(bytes, bytes.length - CHECK_SUM_BYTES);
        if (ByteBuffer.wrap(bytes).getInt(value.length) != checkSum(value)) {
            throw new NotSerializableException("a row of the journal, " + manifest + ", is damaged: its check sum differs");
        }
        try {
            return Wire.decode(value);
        } catch (DecodingException e) {
            throw new NotSerializableException("a row of the journal, " + manifest + ", cannot be read: " + e.getMessage());
        }
    }

    private static int checkSum(byte[] value) {
        CRC32C sum = new CRC32C();
        sum.update(value);
        return (int) sum.getValue();
    }
}
