package org.foliofleet.node.local;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.serial.Encoder;

/**
 * Two runs of a machine tick by tick from a state that they share, to the first tick, owner and event in which they
 * differ.
 */
final class FirstDifference {
    /** Ticks that are run one by one; more of them are narrowed down before, in so many steps. */
    private static final int COARSE = 32;
    private static final int STEPS = 16;

    private record Happened(OwnerId owner, Object event) {}

    private final Machine bare;
    private final Twin twin;
    private final List<Happened> ofBare = new ArrayList<>();
    private final List<Happened> ofTwin = new ArrayList<>();
    /** First tick after which the digests differed, -1 for none yet, and the first owner that differed then. */
    private long parted = -1;
    private String owner = "";

    private FirstDifference(byte[] start, WorkloadPlan plan, Twin.Maker twins) {
        bare = new Machine(parts(start, plan));
        bare.listener((tick, who, event) -> ofBare.add(new Happened(who.id(), event)));
        twin = twins.make(parts(start, plan), plan, (tick, who, event) -> ofTwin.add(new Happened(who, event)));
    }

    static MachineParts parts(byte[] snapshot, WorkloadPlan plan) {
        return MachineParts.of(snapshot).resume(plan);
    }

    /**
     * Says what differs first.
     *
     * @param start a snapshot in which both were equal
     * @param end   a tick in which they were not
     */
    static String find(byte[] start, long end, WorkloadPlan plan, Twin.Maker twins) {
        long span = end - parts(start, plan).progress().tick();
        return span > COARSE ? narrow(start, end, span / STEPS, plan, twins) : findNow(start, end, plan, twins);
    }

    /** The same, after larger steps have shown where. */
    private static String narrow(byte[] start, long end, long step, WorkloadPlan plan, Twin.Maker twins) {
        Machine bare = new Machine(parts(start, plan));
        byte[] equal = start;
        try (Twin twin = twins.make(parts(start, plan), plan, EventSink.NONE)) {
            while (bare.tick() < end) {
                for (long until = bare.tick() + step; bare.tick() < until && bare.step();) {
                    // every step is a tick
                }
                if (!agree(bare, twin)) {
                    return find(equal, bare.tick(), plan, twins);
                }
                if (bare.isQuiet()) {
                    break;
                }
                equal = bare.snapshot();
            }
        }
        return findNow(equal, end, plan, twins);
    }

    private static boolean agree(Machine bare, Twin twin) {
        try {
            twin.runTo(bare.tick());
        } catch (RuntimeException e) {
            return false;
        }
        return bare.digest().equals(twin.digest());
    }

    private static String findNow(byte[] start, long end, WorkloadPlan plan, Twin.Maker twins) {
        FirstDifference difference = new FirstDifference(start, plan, twins);
        try {
            return difference.find(end);
        } finally {
            difference.twin.close();
        }
    }

    private String find(long end) {
        long began = bare.tick();
        while (bare.tick() < end && bare.step()) {
            try {
                twin.runTo(bare.tick());
                if (parted < 0 && !bare.digest().equals(twin.digest())) {
                    parted = bare.tick();
                    owner = firstOwner();
                }
            } catch (RuntimeException e) {
                return inTick(parted < 0 ? bare.tick() : parted) + "the twin of actors fails in tick " + bare.tick() + ": " + e.getMessage();
            }
            String event = parted < 0 ? "" : firstEvent();
            if (!event.isEmpty()) {
                return inTick(parted) + event;
            }
            ofBare.clear();
            ofTwin.clear();
        }
        return parted >= 0 ? inTick(parted) + "no event differs up to tick " + end
                : "digests parted between ticks " + began + " and " + end + ", but not when both ran again from tick " + began
                        + ": it depends on timing, repeat the check";
    }

    private String inTick(long tick) {
        return "first in tick " + tick + (owner.isEmpty() ? "" : ", " + owner) + "\n";
    }

    private String firstOwner() {
        TreeMap<Long, Long> hashes = new TreeMap<>();
        Encoder scratch = Encoder.forHashing();
        bare.owners().forEach(each -> hashes.put(each.key(), each.hash(scratch)));
        List<Long> differing = new ArrayList<>();
        for (Owner each : MachineParts.of(twin.snapshot()).owners()) {
            Long hash = hashes.remove(each.key());
            if (hash == null || hash != each.hash(scratch)) {
                differing.add(each.key());
            }
        }
        differing.addAll(hashes.keySet());
        return differing.stream().sorted().findFirst().map(key -> "in the state of " + OwnerId.of(key))
                .orElse("in what is under way between owners");
    }

    /** The first event of this tick that differs, in words; empty if there is none. */
    private String firstEvent() {
        for (int i = 0; i < Math.max(ofBare.size(), ofTwin.size()); i++) {
            Happened one = i < ofBare.size() ? ofBare.get(i) : null;
            Happened other = i < ofTwin.size() ? ofTwin.get(i) : null;
            if (one != null && one.equals(other)) {
                continue;
            }
            long key = Math.min(one == null ? Long.MAX_VALUE : one.owner().key(), other == null ? Long.MAX_VALUE : other.owner().key());
            return "first event that differs: tick " + bare.tick() + ", " + OwnerId.of(key)
                    + "\n  bare machine: " + of(one, key) + "\n  actors:       " + of(other, key);
        }
        return "";
    }

    private static String of(Happened happened, long key) {
        return happened == null || happened.owner().key() != key ? "no event" : happened.event().toString();
    }
}
