package org.foliofleet.coordinator.experiment;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;

/** Events of experiments and of their list as bytes, in the versioned binary form of {@code protocol.serial}. */
public final class EventSerializer extends SerializerWithStringManifest {
    /** How the manifests of all events end that this version writes and reads. */
    public static final String VERSION_SUFFIX = "/" + Wire.VERSION;
    private static final int IDENTIFIER = 1_180_061;

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object event) {
        return event.getClass().getSimpleName() + VERSION_SUFFIX;
    }

    /** Whether an event of that manifest can be read. */
    public static boolean isReadable(String manifest) {
        return manifest.endsWith(VERSION_SUFFIX);
    }

    @Override
    public byte[] toBinary(Object event) {
        return Wire.encode(event);
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        if (!isReadable(manifest)) {
            throw new NotSerializableException("an experiment's event is " + manifest + ", written by another version than this one, which reads "
                    + "version " + Wire.VERSION + "; go on with the version that wrote it");
        }
        try {
            return Wire.decode(bytes);
        } catch (DecodingException e) {
            throw new NotSerializableException("an experiment's event, " + manifest + ", is damaged: " + e.getMessage());
        }
    }
}
