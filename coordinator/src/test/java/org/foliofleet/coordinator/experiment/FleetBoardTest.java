package org.foliofleet.coordinator.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.foliofleet.coordinator.experiment.FleetView.ClassView;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;
import org.junit.jupiter.api.Test;

class FleetBoardTest {
    private static final ExperimentSpec SPEC = SpecLoader.read("""
        version: 1
        name: f
        tick: 1us
        machines:
          - {name: big, count: 2, nodes: [{memory: 1GiB}], policies: {refcount_bits: 16}, processes: [{name: p, program: [{wait: 1ms}]}]}
          - {name: idle, nodes: [{memory: 1GiB}], processes: [{name: p, program: [{wait: 1ms}]}]}
        """.getBytes(StandardCharsets.UTF_8), "f.yaml");

    private final MachineBoard machines = new MachineBoard("f", SPEC, 10, 1000);
    private final FleetBoard board = new FleetBoard("f", SPEC, machines);

    /** @param free of each of two samples, in pages */
    private static Series series(long... free) {
        Series series = Series.begin(1000);
        for (int i = 0; i < free.length; i++) {
            Sample.Builder sample = Sample.builder(1);
            sample.set(Track.PROCESSES, i + 1);
            sample.set(Track.FREE, 0, free[i]);
            sample.set(Track.DEFERRED_LENGTH, 0, 7);
            series = series.with(sample.build(i * 64_000L));
        }
        return series;
    }

    private void running(int ordinal, Series series) {
        MachineNews.Running news = new MachineNews.Running("f/big/" + ordinal, 3, 1, 64, 64_000, 10, "", series.toBytes());
        machines.hear(news, 0);
        board.hear(news);
    }

    @Test
    void classesAreTheSumOfTheirMachines() {
        running(0, series(100, 90));
        running(1, series(50, 40));
        FleetView view = board.view();
        ClassView big = view.classes().get(0);
        assertEquals(32_767, big.mostReferences());
        assertEquals(List.of(0L, 64_000L), big.series().nanos());
        assertEquals(List.of(150 * 4096L, 130 * 4096L), big.series().nodes().get(0).get("free"));
        assertEquals(List.of(2L, 4L), big.series().machine().get("processes"));
        assertEquals(new FleetView.MachineView(1, "running", 3, 64_000, 2, 0, 40 * 4096, 7, 0, 0, 0), big.machines().get(1));
        assertEquals("unknown", view.classes().get(1).machines().get(0).doing());
        assertEquals(List.of(), view.classes().get(1).series().nanos());
    }

    @Test
    void whatOnlySomeMachinesHaveReachedIsNotShownYet() {
        running(0, series(100, 90, 80, 70));
        running(1, series(50, 40));
        assertEquals(List.of(0L, 64_000L), board.view().classes().get(0).series().nanos());
    }

    @Test
    void aMachineThatHasEndedStaysAsItWas() {
        running(0, series(100, 90));
        machines.over("f/big/0", true);
        board.ended("f/big/0", new MachineResult(70_000, "all programs are over", MetricValues.NONE, List.of(), List.of(), List.of(), List.of(),
                series(100, 90, 100), "").toBytes());
        board.ended("f/big/1", new byte[] {1, 2, 3});
        ClassView big = board.view().classes().get(0);
        assertEquals("ended", big.machines().get(0).doing());
        assertEquals(100 * 4096, big.machines().get(0).free());
        assertEquals(3, big.series().nanos().size());
    }
}
