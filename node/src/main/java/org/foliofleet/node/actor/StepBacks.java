package org.foliofleet.node.actor;

import java.time.Duration;

/** How often and how soon one machine may step back. */
final class StepBacks {
    /** Disturbances without a commit between them after which it will not help to try again. */
    static final int LIMIT = 3;
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private int disturbances;
    private Duration next = SHORTEST;

    /** The machine got further: what was before does not count. */
    void committed() {
        disturbances = 0;
        next = SHORTEST;
    }

    /** Notes that the machine was disturbed; says whether that was once too often. */
    boolean isTooOften() {
        disturbances++;
        return disturbances >= LIMIT;
    }

    /** How long to wait before the next try: longer each time, up to a limit. */
    Duration backOff() {
        Duration delay = next;
        next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
        return delay;
    }
}
