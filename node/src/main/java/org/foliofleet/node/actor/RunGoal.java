package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.workload.StopRule;

/** How far a machine shall run, and who wants to know that it did. */
final class RunGoal {
    private final List<ActorRef<RunReport>> askers = new ArrayList<>();
    private long untilTick;
    private StopRule rule;

    void add(MachineMessage.Run run) {
        rule = run.rule();
        untilTick = askers.isEmpty() ? run.untilTick() : Math.max(untilTick, run.untilTick());
        askers.add(run.replyTo());
    }

    /** Whether nobody wants the machine to run. */
    boolean isEmpty() {
        return askers.isEmpty();
    }

    /** Whether that tick belongs to it. */
    boolean wants(long tick) {
        return tick <= untilTick;
    }

    /** The last tick that belongs to it. */
    long untilTick() {
        return untilTick;
    }

    /** When the machine ends; null: when nothing is under way. */
    StopRule rule() {
        return rule;
    }

    /** Tells those who asked, and forgets them. */
    void report(RunReport report) {
        askers.forEach(asker -> asker.tell(report));
        askers.clear();
    }
}
