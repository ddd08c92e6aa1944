package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.series.Sample;
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
        List<Sample> samples = series.samples();
        Map<String, List<Long>> machine = new LinkedHashMap<>();
        for (Track track : Track.of(Track.Scope.MACHINE)) {
            machine.put(track.key(), samples.stream().map(sample -> track.inBytes(sample.get(track))).toList());
        }
        List<Map<String, List<Long>>> nodes = new ArrayList<>();
        int most = series.nodes();
        for (int i = 0; i < most; i++) {
            int node = i;
            Map<String, List<Long>> values = new LinkedHashMap<>();
            for (Track track : Track.of(Track.Scope.NODE)) {
                values.put(track.key(), samples.stream().map(sample -> track.inBytes(sample.get(track, node))).toList());
            }
            nodes.add(values);
        }
        return new SeriesView(samples.stream().map(Sample::nanos).toList(), machine, nodes);
    }
}
