package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.tick.Answers.Answer;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.mm.tick.Schedule.Progress;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encoder;
import org.foliofleet.protocol.serial.Hash;
import org.foliofleet.protocol.serial.Wire;

/** A machine's state as bytes, and the fingerprint of it. */
public final class MachineImage {
    private MachineImage() {}

    /**
     * The fingerprint of a machine: sixteen hexadecimal digits.
     *
     * @param owners the sum of the {@linkplain Owner#hash hashes} of its owners, in whatever order
     */
    public static String digest(long owners, Schedule<?> schedule, KernelSettings settings, Topology topology) {
        return digest(sum(owners, schedule), schedule.progress(), schedule.answers().list(), settings, topology);
    }

    /** The owners' hashes and those of the messages under way: of lanes, it is added up. */
    public static long sum(long owners, Schedule<?> schedule) {
        Encoder scratch = Encoder.forHashing();
        long[] sum = {owners};
        schedule.forEachMessage((tick, envelope) -> sum[0] += hash(tick, envelope, scratch));
        return sum[0];
    }

    static long hash(long tick, Envelope envelope, Encoder scratch) {
        scratch.reset();
        scratch.writeLong(tick);
        scratch.writeValue(envelope);
        return scratch.hash(1);
    }

    static String digest(long sum, Progress progress, List<Answer> answers, KernelSettings settings, Topology topology) {
        Encoder scratch = Encoder.forHashing();
        scratch.writeValue(progress);
        scratch.writeValue(answers);
        scratch.writeState(settings, Object.class);
        scratch.writeValue(topology);
        return hex(Hash.mix(sum, scratch.hash(2)));
    }

    static String hex(long hash) {
        String hex = Long.toHexString(hash);
        return "0".repeat(16 - hex.length()) + hex;
    }

    static byte[] write(MachineParts parts) {
        Encoder out = new Encoder();
        Wire.header(out);
        out.writeValue(parts.topology());
        out.writeState(parts.settings(), Object.class);
        out.writeValue(parts.progress());
        out.writeLong(parts.owners().size());
        for (Owner owner : parts.owners()) {
            out.writeValue(owner.id());
            owner.encode(out);
        }
        out.writeValue(parts.messages());
        out.writeValue(parts.answers());
        return out.toBytes();
    }

    static MachineParts read(byte[] snapshot) {
        Decoder in = new Decoder(snapshot).sharing();
        Wire.header(in);
        Topology topology = (Topology) in.readValue();
        KernelSettings settings = new KernelSettings();
        in.readState(settings, Object.class);
        Progress progress = (Progress) in.readValue();
        int count = in.readSize();
        List<Owner> owners = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Owner owner = OwnerFactory.create((OwnerId) in.readValue(), topology);
            owner.decode(in);
            owners.add(owner);
        }
        List<Due> messages = list(in, Due.class);
        List<Answer> answers = list(in, Answer.class);
        in.requireEnd();
        return new MachineParts(topology, settings, progress, owners, messages, answers);
    }

    private static <T> List<T> list(Decoder in, Class<T> type) {
        List<T> list = new ArrayList<>();
        for (Object value : (List<?>) in.readValue()) {
            list.add(type.cast(value));
        }
        return list;
    }
}
