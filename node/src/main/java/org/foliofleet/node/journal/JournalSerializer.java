package org.foliofleet.node.journal;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
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
        return manifest(record.getClass());
    }

    /** How the column of the manifest names records of that class. */
    static String manifest(Class<?> record) {
        return record.getSimpleName() + "/" + Wire.VERSION;
    }

    @Override
    public byte[] toBinary(Object record) {
        if (record instanceof OwnersChanged chunk) {
            return OwnersCodec.write(chunk);
        }
        byte[] value = Wire.encode(record);
        return ByteBuffer.allocate(value.length + CHECK_SUM_BYTES).put(value).putInt(checkSum(value)).array();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        try {
            return read(bytes, manifest);
        } catch (JournalDamage e) {
            throw new NotSerializableException(e.getMessage());
        }
    }

    /** @throws JournalDamage if these are not bytes that were written, or not by this version */
    static JournalRecord read(byte[] bytes, String manifest) {
        if (!manifest.endsWith("/" + Wire.VERSION)) {
            throw new JournalDamage(manifest + ", written by another version than this one, which reads version " + Wire.VERSION
                    + "; go on with the version that wrote it");
        }
        if (manifest.equals(manifest(OwnersChanged.class))) {
            try {
                return OwnersCodec.read(bytes);
            } catch (JournalDamage e) {
                throw new JournalDamage(manifest + ", is damaged: " + e.getMessage());
            }
        }
        if (bytes.length < CHECK_SUM_BYTES) {
            throw new JournalDamage(manifest + ", is damaged: it has " + bytes.length + " bytes");
        }
        byte[] value = Arrays.copyOf(bytes, bytes.length - CHECK_SUM_BYTES);
        if (ByteBuffer.wrap(bytes).getInt(value.length) != checkSum(value)) {
            throw new JournalDamage(manifest + ", is damaged: its check sum differs");
        }
        try {
            return (JournalRecord) Wire.decode(value);
        } catch (DecodingException | ClassCastException e) {
            throw new JournalDamage(manifest + ", cannot be read: " + e.getMessage());
        }
    }

    private static int checkSum(byte[] value) {
        CRC32C sum = new CRC32C();
        sum.update(value);
        return (int) sum.getValue();
    }
}
