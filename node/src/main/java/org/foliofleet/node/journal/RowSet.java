package org.foliofleet.node.journal;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;

/**
 * A machine in rows.
 *
 * @param owners by key
 * @param rest   all but the owners
 */
public record RowSet(List<OwnerRow> owners, byte[] rest) {
    /** Whether they were last committed in today's generation of the format: only then digests of state can be compared with today's. */
    public boolean isOfToday() {
        return Wire.isOfToday(rest);
    }

    /**
     * The machine's parts.
     *
     * @throws DecodingException naming the owner whose row cannot be read
     */
    public MachineParts toParts() {
        MachineParts without = MachineParts.of(rest);
        List<Owner> all = new ArrayList<>(owners.size());
        for (OwnerRow row : owners) {
            OwnerId id = OwnerId.of(row.owner());
            try {
                all.add(OwnerImage.read(id, row.state(), without.topology()));
            } catch (DecodingException e) {
                throw new DecodingException("the journaled state of " + id + " cannot be read: " + e.getMessage());
            }
        }
        return new MachineParts(without.topology(), without.settings(), without.progress(), all, without.messages(), without.answers());
    }
}
