package org.foliofleet.node.actor;

import java.util.List;
import java.util.function.Function;
import org.foliofleet.node.actor.LaneMessage.Report;
import org.foliofleet.node.mm.machine.LaneSeal;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.measure.MachineMeasure;

/**
 * What all lanes have answered to one inquiry, put together.
 *
 * @param reports in the order of the lanes
 */
record AllReports(List<Report> reports) {
    Report first() {
        return reports.get(0);
    }

    <T> List<T> each(Function<Report, T> part) {
        return reports.stream().map(part).toList();
    }

    List<LaneSeal> seals() {
        return each(Report::seal);
    }

    /** Whether all that are under way are wake-ups. */
    boolean idle() {
        return reports.stream().allMatch(Report::idle);
    }

    MachineChanges changes(String digest) {
        return MachineChanges.join(each(Report::changes), digest);
    }

    MachineMeasure measure() {
        MachineMeasure measure = new MachineMeasure();
        reports.forEach(report -> measure.add(report.measure()));
        return measure;
    }

    byte[] snapshot() {
        return reports.size() == 1 ? first().snapshot() : MachineParts.join(each(report -> MachineParts.of(report.snapshot()))).toBytes();
    }
}
