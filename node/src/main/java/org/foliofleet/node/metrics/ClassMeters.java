package org.foliofleet.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/**
 * The machines of one class that run in this JVM, together. Gauges are those of the machines' last samples; counters have grown
 * by what happened in machines while they were here, so that sums over JVMs are right wherever a machine runs.
 */
final class ClassMeters {
    /** Bytes of a page. */
    private static final double PAGE = 4096;
    private static final double SECOND = 1e9;

    /** A machine. */
    static final class Member {
        private Sample last;
        private long tick;
        private long nanos;
        /** -1 where it is not known how many were delivered elsewhere. */
        private long messages = -1;
    }

    private final MeterRegistry registry;
    private final Tags tags;
    private final long mostReferences;
    private final Set<Member> members = new LinkedHashSet<>();
    private final List<Meter> meters = new ArrayList<>();
    /** Of counters, what all machines have added, by track and node; tracks of machines have one place. */
    private final double[][] added = new double[Track.values().length][0];
    private double ticks;
    private double nanos;
    private double messages;
    private int nodes;

    ClassMeters(MeterRegistry registry, String experiment, String machineClass, long mostReferences) {
        this.registry = registry;
        this.mostReferences = mostReferences;
        tags = Tags.of("experiment", experiment, "class", machineClass);
        gauge("foliofleet.machines", "machines that run here", tags, self -> self.members.size());
        counter("foliofleet.ticks", "ticks of machines", tags, self -> self.ticks);
        counter("foliofleet.simulated.seconds", "simulated time of machines", tags, self -> self.nanos / SECOND);
        counter("foliofleet.messages", "messages between owners of machines", tags, self -> self.messages);
        for (Track track : Track.of(Track.Scope.MACHINE)) {
            meter(track, 0, tags);
        }
    }

    // -- members -------------------------------------------------------------------------------------------------

    synchronized Member join() {
        Member member = new Member();
        members.add(member);
        return member;
    }

    synchronized void leave(Member member) {
        members.remove(member);
    }

    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    /** The machine goes on from there. */
    synchronized void from(Member member, long tick, long nanosThere) {
        member.tick = tick;
        member.nanos = nanosThere;
        member.messages = tick == 0 ? 0 : -1;
        member.last = null;
    }

    synchronized void moved(Member member, Series series, long tick, long nanosNow, long messagesNow) {
        ticks += Math.max(0, tick - member.tick);
        nanos += Math.max(0, nanosNow - member.nanos);
        messages += member.messages < 0 ? 0 : Math.max(0, messagesNow - member.messages);
        if (!series.isEmpty()) {
            Sample now = series.samples().get(series.samples().size() - 1);
            know(now.nodes());
            add(member.last != null ? member.last : before(series, member), now);
            member.last = now;
        }
        member.tick = tick;
        member.nanos = nanosNow;
        member.messages = messagesNow;
    }

    /** How the machine was when it began to run here, as far as its samples tell. */
    private static Sample before(Series series, Member member) {
        Sample before = Sample.builder(series.samples().get(0).nodes()).build(0);
        for (Sample sample : series.samples()) {
            if (sample.nanos() <= member.nanos && member.nanos > 0) {
                before = sample;
            }
        }
        return before;
    }

    private void add(Sample before, Sample now) {
        for (Track track : Track.values()) {
            if (track.kind() == Track.Kind.COUNTER) {
                for (int node = 0; node < (track.scope() == Track.Scope.MACHINE ? 1 : nodes); node++) {
                    added[track.ordinal()][node] += Math.max(0, value(now, track, node) - value(before, track, node));
                }
            }
        }
    }

    private static long value(Sample sample, Track track, int node) {
        return track.scope() == Track.Scope.MACHINE ? sample.get(track) : sample.get(track, node);
    }

    // -- meters --------------------------------------------------------------------------------------------------

    private void know(int wanted) {
        if (added[0].length < Math.max(1, wanted)) {
            for (int i = 0; i < added.length; i++) {
                added[i] = Arrays.copyOf(added[i], Math.max(1, wanted));
            }
        }
        for (; nodes < wanted; nodes++) {
            Tags ofNode = tags.and("node", Integer.toString(nodes));
            for (Track track : Track.of(Track.Scope.NODE)) {
                meter(track, nodes, ofNode);
            }
            int node = nodes;
            gauge("foliofleet.refcount.headroom.ratio", "what the highest reference count leaves to its limit, 0 to 1", ofNode,
                    self -> 1 - Math.min(1, (double) self.now(Track.REFS_PEAK, node) / self.mostReferences));
        }
    }

    private void meter(Track track, int node, Tags with) {
        String name = MeterNames.of(track);
        if (name.isEmpty()) {
            return;
        }
        double unit = track.unit() == Track.Unit.PAGES ? PAGE : track.unit() == Track.Unit.NANOS ? 1 / SECOND : 1;
        Tags all = with.and(MeterNames.tags(track));
        if (track.kind() == Track.Kind.GAUGE) {
            gauge(name, track.about(), all, self -> unit * self.now(track, node));
        } else {
            counter(name, track.about(), all, self -> self.added[track.ordinal()].length <= node ? 0 : unit * self.added[track.ordinal()][node]);
        }
    }

    private long now(Track track, int node) {
        long all = 0;
        for (Member member : members) {
            if (member.last != null) {
                all = track.fold().of(all, value(member.last, track, node));
            }
        }
        return all;
    }

    private void gauge(String name, String about, Tags with, ToDoubleFunction<ClassMeters> value) {
        meters.add(Gauge.builder(name, this, self -> locked(value)).description(about).tags(with).register(registry));
    }

    private void counter(String name, String about, Tags with, ToDoubleFunction<ClassMeters> value) {
        meters.add(FunctionCounter.builder(name, this, self -> locked(value)).description(about).tags(with).register(registry));
    }

    private synchronized double locked(ToDoubleFunction<ClassMeters> value) {
        return value.applyAsDouble(this);
    }

    /** Takes all meters away. */
    synchronized void close() {
        meters.forEach(registry::remove);
        meters.clear();
    }
}
