package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * What has changed in a machine since its last commit, so that applying it to the state of that time gives the state now.
 *
 * @param tick    the last that was run
 * @param quiet   whether nothing is under way
 * @param delivered messages that owners have ever got
 * @param digest  of the state now
 * @param all     whether these are all owners, and what was there before does not count
 * @param changed owners that are new or not as they were, by key
 * @param gone    keys of those that have ended, in order
 * @param slice   unchanged owners that are written again
 * @param events  what happened since, as far as it is journaled
 * @param rest    {@link MachineParts} without owners, as bytes: the settings, the messages under way, the counters
 */
public record MachineChanges(long tick, boolean quiet, long delivered, String digest, boolean all, List<OwnerRow> changed, List<Long> gone,
        ImageSlice slice, List<byte[]> events, byte[] rest) {
    /** Without unchanged owners and events. @param parts of the machine; its owners are not looked at */
    public static MachineChanges of(MachineParts parts, String digest, boolean all, List<OwnerRow> changed, List<Long> gone) {
        MachineParts rest = new MachineParts(parts.topology(), parts.settings(), parts.progress(), List.of(), parts.messages(),
                parts.answers());
        return new MachineChanges(parts.progress().tick(), parts.messages().isEmpty(), parts.progress().messages(), digest, all, changed, gone,
                all ? ImageSlice.WHOLE : ImageSlice.NONE, List.of(), rest.toBytes());
    }

    /** Bytes of all but owners. */
    public static long bytes(byte[] rest, List<byte[]> events) {
        return rest.length + events.stream().mapToLong(chunk -> chunk.length).sum();
    }

    /** The same with a slice of an image, which a commit of all owners does not need, and what happened. */
    public MachineChanges with(ImageSlice other, List<byte[]> happened) {
        return new MachineChanges(tick, quiet, delivered, digest, all, changed, gone, all ? slice : other, happened, rest);
    }

    /** The same of a machine with that digest. */
    public MachineChanges withDigest(String machine) {
        return new MachineChanges(tick, quiet, delivered, machine, all, changed, gone, slice, events, rest);
    }

    /** Those of a machine of which these are the lanes, in their order. */
    public static MachineChanges join(List<MachineChanges> lanes, String digest) {
        if (lanes.size() == 1) {
            return lanes.get(0).withDigest(digest);
        }
        List<OwnerRow> changed = new ArrayList<>();
        List<Long> gone = new ArrayList<>();
        List<OwnerRow> unchanged = new ArrayList<>();
        List<byte[]> events = new ArrayList<>();
        List<MachineParts> rests = new ArrayList<>();
        for (MachineChanges lane : lanes) {
            changed.addAll(lane.changed);
            gone.addAll(lane.gone);
            unchanged.addAll(lane.slice.rows());
            events.addAll(lane.events);
            rests.add(MachineParts.of(lane.rest));
        }
        changed.sort(Comparator.comparingLong(OwnerRow::owner));
        unchanged.sort(Comparator.comparingLong(OwnerRow::owner));
        Collections.sort(gone);
        ImageSlice slice = new ImageSlice(lanes.stream().allMatch(lane -> lane.slice.first()),
                lanes.stream().allMatch(lane -> lane.slice.last()), unchanged);
        MachineParts rest = MachineParts.join(rests);
        return new MachineChanges(rest.progress().tick(), rest.messages().isEmpty(), rest.progress().messages(), digest,
                lanes.stream().allMatch(MachineChanges::all), changed, gone, slice, events, rest.toBytes());
    }
}
