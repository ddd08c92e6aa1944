package org.foliofleet.protocol.series;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;
import org.foliofleet.protocol.serial.Wire;

/**
 * Samples in the order of time. However long a machine runs, there are at most {@link #MOST} of them: when there would be
 * more, every second goes, and from then on half as many are taken. Immutable.
 */
public final class Series implements Encodable {
    /** Samples that a series has at most. */
    public static final int MOST = 128;
    /** Ticks between two samples in the beginning. */
    public static final long FIRST_INTERVAL_TICKS = 64;
    /** Of a machine that was never looked at. */
    public static final Series NONE = new Series(0, List.of());

    private final long interval;
    private final List<Sample> samples;

    private Series(long interval, List<Sample> samples) {
        this.interval = interval;
        this.samples = List.copyOf(samples);
    }

    /** An empty one, of a machine with ticks of that many nanoseconds. */
    public static Series begin(long tickNanos) {
        return new Series(FIRST_INTERVAL_TICKS * tickNanos, List.of());
    }

    static Series of(long interval, List<Sample> samples) {
        return new Series(interval, samples);
    }

    /** Nanoseconds between two samples, about. */
    public long interval() {
        return interval;
    }

    /** In the order of time. */
    public List<Sample> samples() {
        return samples;
    }

    /** NUMA nodes of the sample that has most of them. */
    public int nodes() {
        return samples.stream().mapToInt(Sample::nodes).max().orElse(0);
    }

    public boolean isEmpty() {
        return samples.isEmpty();
    }

    /** Simulated time from which on the next sample is to be taken. */
    public long nextNanos() {
        return samples.isEmpty() ? 0 : (samples.get(samples.size() - 1).nanos() / interval + 1) * interval;
    }

    /** With one more sample, later than all others. */
    public Series with(Sample sample) {
        List<Sample> all = new ArrayList<>(samples);
        long every = interval;
        if (all.size() == MOST) {
            every *= 2;
            all = everySecond(all);
        }
        all.add(sample);
        return new Series(every, all);
    }

    /** With how the machine was in the end. */
    public Series closed(Sample end) {
        List<Sample> all = new ArrayList<>(samples);
        if (!all.isEmpty() && all.get(all.size() - 1).nanos() >= end.nanos()) {
            all.remove(all.size() - 1);
        }
        all.add(end);
        return new Series(interval, all);
    }

    /** What was until then. */
    public Series until(long nanos) {
        return new Series(interval, samples.stream().filter(sample -> sample.nanos() <= nanos).toList());
    }

    private static List<Sample> everySecond(List<Sample> all) {
        List<Sample> fewer = new ArrayList<>();
        for (int i = 0; i < all.size(); i += 2) {
            fewer.add(all.get(i));
        }
        return fewer;
    }

    /** How long the oldest folio on the deferred split queue of a node has been there, as far as earlier samples tell. */
    public long deferredAge(int node, long head, long nanos) {
        for (Sample sample : samples) {
            if (sample.get(Track.DEFERRED_TAIL, node) > head) {
                return nanos - sample.nanos();
            }
        }
        return 0;
    }

    // -- as bytes ------------------------------------------------------------------------------------------------

    /** In the versioned binary form of {@link Wire}. */
    public byte[] toBytes() {
        return Wire.encode(this);
    }

    /**
     * The series that was written.
     *
     * @throws DecodingException if the bytes are no series of this version
     */
    public static Series of(byte[] bytes) {
        if (Wire.decode(bytes) instanceof Series series) {
            return series;
        }
        throw new DecodingException("the bytes are no series");
    }

    /** Each sample as its difference to the one before. */
    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(interval);
        out.writeLong(samples.size());
        int nodes = samples.isEmpty() ? 0 : samples.get(0).nodes();
        out.writeLong(nodes);
        out.writeLong(Sample.OF_MACHINE.size());
        out.writeLong(Sample.OF_NODE.size());
        Sample before = Sample.builder(nodes).build(0);
        for (Sample sample : samples) {
            out.writeLong(sample.nanos() - before.nanos());
            for (int i = 0; i < sample.values().length; i++) {
                out.writeLong(sample.values()[i] - before.values()[i]);
            }
            before = sample;
        }
    }

    static Series decodeFrom(Decoder in) {
        long interval = in.readLong();
        int size = in.readSize();
        int nodes = in.readSize();
        int ofMachine = in.readInt();
        int ofNode = in.readInt();
        List<Sample> samples = new ArrayList<>();
        Sample before = Sample.builder(nodes).build(0);
        for (int i = 0; i < size; i++) {
            long nanos = before.nanos() + in.readLong();
            long[] values = before.values().clone();
            // tracks that have come since are behind those of then
            for (int j = 0; j < ofMachine + nodes * ofNode; j++) {
                int node = (j - ofMachine) / Math.max(1, ofNode);
                values[j < ofMachine ? j : Sample.OF_MACHINE.size() + node * Sample.OF_NODE.size() + (j - ofMachine) % ofNode] += in.readLong();
            }
            before = Sample.of(nanos, values);
            samples.add(before);
        }
        return new Series(interval, samples);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Series that && interval == that.interval && samples.equals(that.samples);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(interval) * 31 + samples.hashCode();
    }

    @Override
    public String toString() {
        return samples.size() + " samples, one each " + interval + " ns";
    }
}
