package org.foliofleet.node.mm.machine;

import java.util.List;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.mm.tick.Schedule.Progress;
import org.foliofleet.protocol.serial.Encoder;

/**
 * What one lane of a machine adds to the machine's fingerprint, between two ticks.
 *
 * @param lane     its number
 * @param progress its counters: the messages delivered in this lane, the ticks of the machine
 * @param sum      of the hashes of its owners and of the messages under way to them
 * @param nextTick in which anybody of it is due, {@link Schedule#NEVER} if nobody is
 * @param waiting  operations that wait in it
 */
public record LaneSeal(int lane, Progress progress, long sum, long nextTick, long waiting) {
    /** Of a lane that is not running. */
    public static LaneSeal of(int lane, MachineParts parts) {
        Encoder scratch = Encoder.forHashing();
        long sum = 0;
        long waiting = 0;
        for (Owner owner : parts.owners()) {
            sum += owner.hash(scratch);
            waiting += owner.flightCount();
        }
        long nextTick = Schedule.NEVER;
        for (Due message : parts.messages()) {
            sum += MachineImage.hash(message.tick(), message.envelope(), scratch);
            nextTick = Math.min(nextTick, message.tick());
        }
        return new LaneSeal(lane, parts.progress(), sum, nextTick, waiting);
    }

    /**
     * The machine's {@linkplain Machine#digest fingerprint}, which does not depend on how many lanes there are.
     *
     * @param seals of all lanes
     * @param first parts of the first lane, of which the owners and messages are not looked at
     */
    public static String digest(List<LaneSeal> seals, MachineParts first) {
        long sum = 0;
        long delivered = 0;
        for (LaneSeal seal : seals) {
            sum += seal.sum;
            delivered += seal.progress.messages();
        }
        Progress its = first.progress();
        Progress progress = new Progress(its.tick(), its.driverSequence(), delivered, its.ticks());
        return MachineImage.digest(sum, progress, first.answers(), first.settings(), first.topology());
    }

    /** The lane's own fingerprint, sixteen hexadecimal digits: what its rows amount to when they are read. */
    public String digest() {
        return MachineImage.hex(hash());
    }

    private long hash() {
        Encoder scratch = Encoder.forHashing();
        scratch.writeValue(this);
        return scratch.hash(1);
    }

    /** The next tick in which anybody is due, {@link Schedule#NEVER} if nobody is. */
    public static long nextTick(List<LaneSeal> seals) {
        return seals.stream().mapToLong(LaneSeal::nextTick).min().orElse(Schedule.NEVER);
    }
}
