package org.foliofleet.coordinator.experiment;

import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.series.Curves;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/**
 * Series by track, for those who draw curves. Memory is in bytes, time in nanoseconds.
 *
 * @param nanos   simulated time of each value
 * @param machine values of tracks of machines, by name of the track
 * @param nodes   values of tracks of NUMA nodes, by number of the node and name of the track
 */
public record SeriesView(List<Long> nanos, Map<String, List<Long>> machine, List<Map<String, List<Long>>> nodes) {
    static SeriesView of(Series series) {
        Curves<Long> curves = Curves.of(series, Track::inBytes);
        return new SeriesView(curves.nanos(), curves.machine(), curves.nodes());
    }
}
