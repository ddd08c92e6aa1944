package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encoder;
import org.foliofleet.protocol.serial.Wire;

/** One owner as bytes that stand for themselves. */
public final class OwnerImage {
    private OwnerImage() {}

    /** The owner's state with its unfinished operations. */
    public static byte[] write(Owner owner) {
        Encoder out = new Encoder();
        Wire.header(out);
        owner.encode(out);
        return out.toBytes();
    }

    /**
     * The owner that was written.
     *
     * @throws org.foliofleet.protocol.serial.DecodingException if the bytes are not those of an owner of this kind
     */
    public static Owner read(OwnerId id, byte[] bytes, Topology topology) {
        Decoder in = new Decoder(bytes);
        Wire.header(in);
        Owner owner = OwnerFactory.create(id, topology);
        owner.decode(in);
        in.requireEnd();
        return owner;
    }
}
