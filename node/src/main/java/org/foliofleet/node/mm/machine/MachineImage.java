package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encoder;
import org.foliofleet.protocol.serial.Hash;
import org.foliofleet.protocol.serial.Wire;

/** A machine's state as bytes, and the fingerprint of it. */
final class MachineImage {
    private record Due(long tick, Envelope envelope) {}

    /** An answer that nobody outside has taken yet. */
    record Answer(long number, Object value, long cost) {}

    private MachineImage() {}

    /** The sum of the hashes of all owners and messages, and of what the machine itself keeps. */
    static String digest(Machine machine) {
        Encoder scratch = Encoder.forHashing();
        long[] sum = {0};
        for (Owner owner : machine.unsortedOwners()) {
            sum[0] += owner.hash(scratch);
        }
        machine.forEachMessage((tick, envelope) -> {
            scratch.reset();
            scratch.writeLong(tick);
            scratch.writeValue(envelope);
            sum[0] += scratch.hash(1);
        });
        scratch.reset();
        scratch.writeValue(machine.progress());
        scratch.writeValue(machine.answers());
        scratch.writeState(machine.settings(), Object.class);
        scratch.writeValue(machine.topology());
        String hex = Long.toHexString(Hash.mix(sum[0], scratch.hash(2)));
        return "0".repeat(16 - hex.length()) + hex;
    }

    static byte[] write(Machine machine) {
        Encoder out = new Encoder();
        Wire.header(out);
        out.writeValue(machine.topology());
        out.writeState(machine.settings(), Object.class);
        out.writeValue(machine.progress());
        List<Owner> owners = machine.owners();
        out.writeLong(owners.size());
        for (Owner owner : owners) {
            out.writeValue(owner.id());
            owner.encode(out);
        }
        List<Object> messages = new ArrayList<>();
        machine.forEachMessage((tick, envelope) -> messages.add(new Due(tick, envelope)));
        out.writeValue(messages);
        out.writeValue(machine.answers());
        return out.toBytes();
    }

    static Machine read(byte[] snapshot) {
        Decoder in = new Decoder(snapshot).sharing();
        Wire.header(in);
        Topology topology = (Topology) in.readValue();
        KernelSettings settings = new KernelSettings();
        in.readState(settings, Object.class);
        Machine machine = new Machine(topology, settings);
        machine.progress((Machine.Progress) in.readValue());
        int owners = in.readSize();
        for (int i = 0; i < owners; i++) {
            machine.ownerOrNew((OwnerId) in.readValue()).decode(in);
        }
        for (Object message : (List<?>) in.readValue()) {
            Due due = (Due) message;
            machine.sendAt(due.tick(), due.envelope());
        }
        for (Object answer : (List<?>) in.readValue()) {
            machine.answer((Answer) answer);
        }
        in.requireEnd();
        return machine;
    }
}
