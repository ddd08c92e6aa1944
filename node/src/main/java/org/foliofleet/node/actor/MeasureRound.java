package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.node.mm.measure.MachineMeasure;

/**
 * All owners are measured between two ticks. Processes are asked a few at a time, so that the answers of millions of VMAs
 * are never under way at once.
 */
final class MeasureRound {
    private static final int OWNERS_AT_ONCE = 100_000;
    private static final int NO_PROCESS = -1;

    private final ActorRef<MachineMessage> self;
    private List<ProcessHandle> processes = List.of();
    /** The next process to be asked. */
    private int next;
    /** Of processes that have been asked and have not answered. */
    private int ownersAsked;
    private int awaited;
    private MachineMeasure measure = new MachineMeasure();

    /** @param self gets the answers and brings them here */
    MeasureRound(ActorRef<MachineMessage> self) {
        this.self = self;
    }

    /**
     * @param briefly  whether only what is cheap to know is wanted
     * @param messages that were delivered so far
     */
    void begin(OwnerTable owners, boolean briefly, long messages) {
        measure = new MachineMeasure();
        measure.addMessages(messages);
        awaited = 0;
        for (OwnerHandle owner : owners.measurable()) {
            owner.actor.tell(new OwnerTask.Measure(NO_PROCESS, briefly, self));
            awaited++;
        }
        processes = briefly ? List.of() : owners.processes();
        next = 0;
        ownersAsked = 0;
        awaited += processes.size();
        askMore();
    }

    private void askMore() {
        while (next < processes.size() && (ownersAsked == 0 || ownersAsked + processes.get(next).owners <= OWNERS_AT_ONCE)) {
            ProcessHandle process = processes.get(next);
            ownersAsked += process.owners;
            process.actor.tell(new ProcessTask.Measure(next, self));
            next++;
        }
    }

    /** Takes an answer. */
    void add(OwnerReply.Measured answer) {
        measure.add(answer.measure());
        awaited--;
        if (answer.number() != NO_PROCESS) {
            ownersAsked -= processes.get(answer.number()).owners;
            askMore();
        }
    }

    boolean isComplete() {
        return awaited == 0;
    }

    /** Of all owners. */
    MachineMeasure measure() {
        return measure;
    }

    String missing() {
        return awaited + " owners outside of processes, or processes, that are measured";
    }
}
