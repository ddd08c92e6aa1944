package org.foliofleet.node.actor;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.foliofleet.node.actor.JournaledMachine.Plan;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.LaneRows;
import org.foliofleet.node.journal.RowSet;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;

/**
 * A whole machine as it is at its beginning, or as it was committed.
 *
 * @param parts of all its lanes
 * @param lanes in which it was committed; 0 if it was not
 */
record CommittedParts(MachineParts parts, int lanes) {
    /** Reads and checks it elsewhere than in the caller's thread, because that takes its time. @param committed null if there is none */
    static CompletableFuture<CommittedParts> read(ActorSystem<?> system, Plan plan, Committed committed) {
        return CompletableFuture.supplyAsync(() -> committed == null ? new CommittedParts(plan.start().get(), 0)
                        : new CommittedParts(plan.resume().apply(verified(system, plan.name(), committed)), committed.lanes().size()),
                system.dispatchers().lookup(DispatcherSelector.blocking()));
    }

    private static MachineParts verified(ActorSystem<?> system, String name, Committed committed) {
        List<RowSet> lanes = lanes(system, name, committed);
        MachineParts parts = MachineParts.join(lanes.stream().map(RowSet::toParts).toList());
        if (!lanes.stream().allMatch(RowSet::isOfToday)) {
            return parts;
        }
        String digest = new Machine(parts).digest();
        if (!digest.equals(committed.digest())) {
            throw new JournalDamage("after epoch " + committed.epoch() + " the digest must be " + committed.digest() + ", but is " + digest);
        }
        return parts;
    }

    private static List<RowSet> lanes(ActorSystem<?> system, String name, Committed committed) {
        return committed.lanes().size() == 1 ? List.of(committed.rows())
                : LaneRows.read(JournalDatabase.of(system.settings().config()), name, committed.lanes());
    }

    /** The next tick in which anybody is due, {@link RunReport#NEVER} if nobody is. */
    long nextTick() {
        return parts.messages().stream().mapToLong(Due::tick).min().orElse(RunReport.NEVER);
    }
}
