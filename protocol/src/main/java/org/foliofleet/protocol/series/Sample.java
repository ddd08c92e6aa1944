package org.foliofleet.protocol.series;

import java.util.Arrays;
import java.util.List;

/**
 * A machine, or a class of machines, at one moment: a value for each {@link Track} of machines, and for each one of nodes and
 * each node. Immutable.
 */
public final class Sample {
    static final List<Track> OF_MACHINE = Track.of(Track.Scope.MACHINE);
    static final List<Track> OF_NODE = Track.of(Track.Scope.NODE);
    private static final int[] PLACES = places();

    private final long nanos;
    private final long[] values;

    private Sample(long nanos, long[] values) {
        this.nanos = nanos;
        this.values = values;
    }

    private static int[] places() {
        int[] places = new int[Track.values().length];
        for (Track track : Track.values()) {
            places[track.ordinal()] = (track.scope() == Track.Scope.MACHINE ? OF_MACHINE : OF_NODE).indexOf(track);
        }
        return places;
    }

    static Sample of(long nanos, long[] values) {
        return new Sample(nanos, values);
    }

    /** A sample to be filled. */
    public static Builder builder(int nodes) {
        return new Builder(nodes);
    }

    /** Simulated time since the programs began. */
    public long nanos() {
        return nanos;
    }

    public int nodes() {
        return (values.length - OF_MACHINE.size()) / OF_NODE.size();
    }

    /** The value of a track of machines, or that of all nodes together. */
    public long get(Track track) {
        if (track.scope() == Track.Scope.MACHINE) {
            return values[PLACES[track.ordinal()]];
        }
        long all = 0;
        for (int node = 0; node < nodes(); node++) {
            all = track.fold().of(all, get(track, node));
        }
        return all;
    }

    /** The value of a track of nodes; 0 for a node that is not there. */
    public long get(Track track, int node) {
        return node < nodes() ? values[OF_MACHINE.size() + node * OF_NODE.size() + PLACES[track.ordinal()]] : 0;
    }

    /** The same at another time. */
    Sample at(long otherNanos) {
        return new Sample(otherNanos, values);
    }

    /** This and that of other machines, at the time of this one. */
    Sample and(Sample other) {
        int most = Math.max(nodes(), other.nodes());
        Builder both = builder(most);
        for (Track track : OF_MACHINE) {
            both.set(track, track.fold().of(get(track), other.get(track)));
        }
        for (int node = 0; node < most; node++) {
            for (Track track : OF_NODE) {
                both.set(track, node, track.fold().of(get(track, node), other.get(track, node)));
            }
        }
        return both.build(nanos);
    }

    long[] values() {
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sample that && nanos == that.nanos && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nanos) * 31 + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return nanos + " ns: " + Arrays.toString(values);
    }

    /** Collects the values of one moment; those not set are 0. */
    public static final class Builder {
        private final long[] values;

        private Builder(int nodes) {
            values = new long[OF_MACHINE.size() + nodes * OF_NODE.size()];
        }

        public void set(Track track, long value) {
            values[PLACES[track.ordinal()]] = value;
        }

        public void set(Track track, int node, long value) {
            values[OF_MACHINE.size() + node * OF_NODE.size() + PLACES[track.ordinal()]] = value;
        }

        /** The sample; the builder is not to be used any more. */
        public Sample build(long nanos) {
            return new Sample(nanos, values);
        }
    }
}
