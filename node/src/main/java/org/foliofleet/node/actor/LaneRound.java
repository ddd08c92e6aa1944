package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.foliofleet.node.mm.InvariantViolation;

/** Reports of all lanes on one inquiry, as they come in. */
final class LaneRound {
    /** Gets the reports. */
    @FunctionalInterface
    interface Then {
        void accept(AllReports all);
    }

    private final Report[] reports;
    private long number = -1;
    private int awaited;
    private Then then;

    LaneRound(int lanes) {
        reports = new Report[lanes];
    }

    /**
     * Awaits the reports of all lanes.
     *
     * @return their number, from 0
     */
    long begin(Then whenComplete) {
        Arrays.fill(reports, null);
        awaited = reports.length;
        then = whenComplete;
        return ++number;
    }

    boolean isAwaiting() {
        return awaited > 0;
    }

    void add(int lane, Report report) {
        if (report.number() != number || reports[lane] != null) {
            throw new InvariantViolation("report " + report.number() + " of lane " + lane + " was not asked for");
        }
        reports[lane] = report;
        if (--awaited == 0) {
            then.accept(new AllReports(List.of(reports)));
        }
    }

    /** Lanes that have not reported. */
    List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        for (int lane = 0; lane < reports.length; lane++) {
            if (reports[lane] == null) {
                missing.add(lane);
            }
        }
        return missing;
    }
}
