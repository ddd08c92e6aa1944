package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.SeriesFold;
import org.foliofleet.protocol.series.Track;

/** What machines have told of themselves in the course of simulated time. Kept as bytes: there may be thousands of them. */
final class FleetBoard {
    private static final Sample NOTHING = Sample.builder(1).build(0);

    private final ExperimentSpec spec;
    private final String id;
    private final MachineBoard board;
    private final Map<String, byte[]> series = new HashMap<>();

    private final FailureBoard failures = new FailureBoard();

    FleetBoard(String id, ExperimentSpec spec, MachineBoard board) {
        this.id = id;
        this.spec = spec;
        this.board = board;
    }

    void hear(MachineNews.Running running) {
        if (running.series().length > 0 && board.knows(running.machine())) {
            series.put(running.machine(), running.series());
        }
    }

    /** @param result as the machine gave it; one that cannot be read has no curves, and is complained of when it is asked for */
    void ended(String machine, byte[] result) {
        try {
            MachineResult read = MachineResult.of(result);
            series.put(machine, read.series().toBytes());
            MachineName name = MachineName.of(machine);
            failures.ended(name.machineClass(), name.ordinal(), read);
        } catch (DecodingException e) {
            series.remove(machine);
        }
    }

    FailuresView failures(Collection<ExperimentEvent.MachineFailed> failed) {
        List<FailuresView.ClassFailures> classes = new ArrayList<>();
        for (FleetView.ClassView each : view().classes()) {
            classes.add(failures.of(each.name(), each.machines().size(), each.machines().stream().mapToLong(FleetView.MachineView::callsFailed).sum()));
        }
        return new FailuresView(id, board.allOver(), classes, FailureBoard.machines(failed));
    }

    /** Series end where the machine that lags behind is: beyond that the class is not known yet. */
    FleetView view() {
        List<FleetView.ClassView> classes = new ArrayList<>();
        for (MachineClass each : spec.machines()) {
            SeriesFold all = new SeriesFold();
            long known = Long.MAX_VALUE;
            List<FleetView.MachineView> machines = new ArrayList<>();
            for (int ordinal = 0; ordinal < each.count(); ordinal++) {
                String name = new MachineName(id, each.name(), ordinal).toString();
                byte[] bytes = series.get(name);
                Series its = bytes == null ? Series.NONE : Series.of(bytes);
                all.add(its);
                if (!its.isEmpty() && board.doing(name) != MachineBoard.Doing.ENDED) {
                    known = Math.min(known, its.samples().get(its.samples().size() - 1).nanos());
                }
                machines.add(machine(ordinal, name, its.isEmpty() ? NOTHING : its.samples().get(its.samples().size() - 1)));
            }
            classes.add(new FleetView.ClassView(each.name(), each.policies().mostReferences(), SeriesView.of(all.result().until(known)), machines));
        }
        return new FleetView(id, classes);
    }

    private FleetView.MachineView machine(int ordinal, String name, Sample last) {
        MachineNews.Running running = board.last(name);
        return new FleetView.MachineView(ordinal, board.doing(name).name().toLowerCase(Locale.ROOT), running == null ? 0 : running.incarnation(),
                running == null ? last.nanos() : running.nanos(), last.get(Track.PROCESSES), Track.MEMORY.inBytes(last.get(Track.MEMORY)),
                Track.FREE.inBytes(last.get(Track.FREE)), last.get(Track.DEFERRED_LENGTH), last.get(Track.DEFERRED_AGE),
                last.get(Track.REFS_PEAK), last.get(Track.CALLS_FAILED));
    }
}
