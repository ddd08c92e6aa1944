package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.foliofleet.node.actor.LaneMessage.Subject;
import org.foliofleet.node.journal.ImageSlices;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineImage;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.protocol.id.OwnerId;

/** What a lane is like between two ticks, told to whom it may concern. */
final class LaneReports {
    private final OwnerLane lane;
    /** Whether a commit has been made, so that the next tells only what has changed since. */
    private boolean hasCommitted;
    private final ImageSlices slices = new ImageSlices();

    LaneReports(OwnerLane lane) {
        this.lane = lane;
    }

    /** All that the lane is now is known to the journal. */
    void allCommitted() {
        lane.owners.allCommitted();
        hasCommitted = true;
    }

    void report(long number, Subject subject, Consumer<Report> then) {
        switch (subject) {
            case PRESENCE -> then.accept(new Report(number, seal(0), lane.schedule.isIdle(), null, null, null));
            case DIGEST -> digest(number, then);
            case CHANGES, CHANGES_HERE -> changes(number, then);
            case MEASURE, SAMPLE -> lane.measure(subject == Subject.SAMPLE, measure -> then.accept(new Report(number, seal(0), lane.schedule.isIdle(), null, measure, null)));
            case SNAPSHOT -> snapshot(number, then);
            default -> throw new IllegalArgumentException(subject.toString());
        }
    }

    private LaneSeal seal(long sum) {
        return new LaneSeal(lane.name.lane(), lane.schedule.progress(), sum, lane.schedule.nextDue(), lane.waiting());
    }

    private LaneSeal seal() {
        return seal(MachineImage.sum(lane.owners.hashes(), lane.schedule));
    }

    private void digest(long number, Consumer<Report> then) {
        List<OwnerHandle> changed = lane.owners.takeDirty();
        lane.ask(changed, false, () -> {
            for (int i = 0; i < changed.size(); i++) {
                lane.owners.hash(changed.get(i), lane.reported(i).hash());
            }
            then.accept(new Report(number, seal(), lane.schedule.isIdle(), null, null, null));
        });
    }

    private void changes(long number, Consumer<Report> then) {
        CommitRows rows = new CommitRows(lane.owners, hasCommitted ? slices : null);
        lane.ask(rows.asked(), true, () -> {
            for (int i = 0; i < rows.asked().size(); i++) {
                lane.owners.hash(rows.asked().get(i), lane.reported(i).hash());
                rows.answer(i, lane.reported(i).hash(), lane.reported(i).state());
            }
            LaneSeal seal = seal();
            MachineChanges changes = MachineChanges.of(lane.parts(List.of(), lane.schedule.underWay()), seal.digest(), !hasCommitted,
                    rows.changed(), lane.owners.takeGone());
            hasCommitted = true;
            List<byte[]> events = lane.takeEvents();
            then.accept(new Report(number, seal, lane.schedule.isIdle(),
                    changes.with(rows.slice(MachineChanges.bytes(changes.rest(), events)), events), null, null));
        });
    }

    private void snapshot(long number, Consumer<Report> then) {
        List<OwnerHandle> all = lane.owners.sorted();
        lane.ask(all, true, () -> {
            List<Owner> images = new ArrayList<>(all.size());
            for (int i = 0; i < all.size(); i++) {
                images.add(OwnerImage.read(OwnerId.of(all.get(i).key()), lane.reported(i).state(), lane.topology()));
            }
            then.accept(new Report(number, seal(0), lane.schedule.isIdle(), null, null, lane.parts(images, lane.schedule.underWay()).toBytes()));
        });
    }
}
