package org.foliofleet.protocol.series;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A series by track, for those who draw or write curves.
 *
 * @param nanos   simulated time of each value
 * @param machine values of tracks of machines, by name of the track
 * @param nodes   values of tracks of NUMA nodes, by number of the node and name of the track
 * @param <T>     a value in the unit of whoever asks
 */
public record Curves<T>(List<Long> nanos, Map<String, List<T>> machine, List<Map<String, List<T>>> nodes) {
    /** @param unit gives a value of a track in the unit that is wanted */
    public static <T> Curves<T> of(Series series, BiFunction<Track, Long, T> unit) {
        List<Sample> samples = series.samples();
        Map<String, List<T>> machine = new LinkedHashMap<>();
        for (Track track : Track.of(Track.Scope.MACHINE)) {
            machine.put(track.key(), samples.stream().map(sample -> unit.apply(track, sample.get(track))).toList());
        }
        List<Map<String, List<T>>> nodes = new ArrayList<>();
        int most = series.nodes();
        for (int i = 0; i < most; i++) {
            int node = i;
            Map<String, List<T>> values = new LinkedHashMap<>();
            for (Track track : Track.of(Track.Scope.NODE)) {
                values.put(track.key(), samples.stream().map(sample -> unit.apply(track, sample.get(track, node))).toList());
            }
            nodes.add(values);
        }
        return new Curves<>(samples.stream().map(Sample::nanos).toList(), machine, nodes);
    }
}
