package org.foliofleet.node.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.foliofleet.node.journal.JournalRecord.OwnersChanged;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.id.OwnerId;

/** Chunks of owners as bytes: each owner has a check sum of its own, so that damage has a name. */
final class OwnersCodec {
    private static final int HEAD = Long.BYTES + 3 * Integer.BYTES;
    private static final int HEAD_OF_OWNER = Long.BYTES + 2 * Integer.BYTES;

    private OwnersCodec() {}

    static byte[] write(OwnersChanged chunk) {
        int size = HEAD;
        for (OwnerRow row : chunk.rows()) {
            size += HEAD_OF_OWNER + row.state().length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.putLong(chunk.epoch()).putInt(chunk.number()).putInt(chunk.rows().size());
        out.putInt(sum(out.array(), 0, out.position()));
        for (OwnerRow row : chunk.rows()) {
            out.putLong(row.owner()).putInt(row.state().length).putInt(sum(row.owner(), row.state()));
            out.put(row.state());
        }
        return out.array();
    }

    /** @throws JournalDamage if these are not the bytes that were written */
    static OwnersChanged read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        OwnerId last = null;
        try {
            long epoch = in.getLong();
            int number = in.getInt();
            int count = in.getInt();
            if (sum(bytes, 0, in.position()) != in.getInt()) {
                throw new JournalDamage("its check sum differs");
            }
            List<OwnerRow> rows = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                long owner = in.getLong();
                int length = in.getInt();
                int sum = in.getInt();
                if (length < 0 || length > in.remaining()) {
                    throw new JournalDamage("the owner after " + last + " is not whole");
                }
                byte[] state = new byte[length];
                in.get(state);
                if (sum(owner, state) != sum) {
                    throw new JournalDamage("the check sum of " + name(owner) + " differs" + (last == null ? "" : "; before it is " + last));
                }
                last = OwnerId.of(owner);
                rows.add(new OwnerRow(owner, state));
            }
            if (in.hasRemaining()) {
                throw new JournalDamage(in.remaining() + " bytes are left over after " + last);
            }
            return new OwnersChanged(epoch, number, rows);
        } catch (BufferUnderflowException e) {
            throw new JournalDamage("it ends after " + last);
        }
    }

    private static String name(long owner) {
        try {
            return OwnerId.of(owner).toString();
        } catch (IllegalArgumentException e) {
            return "an owner";
        }
    }

    private static int sum(long owner, byte[] state) {
        CRC32C sum = new CRC32C();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            sum.update((int) (owner >>> shift));
        }
        sum.update(state);
        return (int) sum.getValue();
    }

    private static int sum(byte[] bytes, int from, int to) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, to);
        return (int) sum.getValue();
    }
}
