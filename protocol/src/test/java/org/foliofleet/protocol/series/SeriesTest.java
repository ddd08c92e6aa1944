package org.foliofleet.protocol.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.foliofleet.protocol.serial.DecodingException;
import org.junit.jupiter.api.Test;

class SeriesTest {
    private static final long TICK = 1000;

    private static Sample sample(long nanos, long processes, long... free) {
        Sample.Builder sample = Sample.builder(free.length);
        sample.set(Track.PROCESSES, processes);
        for (int node = 0; node < free.length; node++) {
            sample.set(Track.FREE, node, free[node]);
            sample.set(Track.REFS_PEAK, node, 10 * node);
        }
        return sample.build(nanos);
    }

    /** A machine that is sampled whenever it is time, with as many processes as milliseconds have gone. */
    private static Series machine(long untilNanos) {
        Series series = Series.begin(TICK);
        for (long nanos = 0; nanos <= untilNanos; nanos += TICK) {
            if (nanos >= series.nextNanos()) {
                series = series.with(sample(nanos, nanos / 1_000_000, 7));
            }
        }
        return series.closed(sample(untilNanos, untilNanos / 1_000_000, 7));
    }

    @Test
    void aLongRunHasNoMoreSamplesThanAShortOne() {
        assertEquals(64_000, machine(1_000_000).interval());
        Series series = machine(10_000_000_000L);
        assertTrue(series.samples().size() <= Series.MOST + 1 && series.samples().size() > Series.MOST / 2, series.toString());
        assertEquals(0, series.interval() % 64_000);
        long before = -1;
        for (Sample sample : series.samples()) {
            assertEquals(sample.nanos() / 1_000_000, sample.get(Track.PROCESSES));
            assertTrue(sample.nanos() > before);
            before = sample.nanos();
        }
        assertEquals(10_000_000_000L, before);
    }

    @Test
    void valuesOfNodesAreFoldedAsTheTrackSays() {
        Sample sample = sample(5, 3, 100, 200);
        assertEquals(300, sample.get(Track.FREE));
        assertEquals(10, sample.get(Track.REFS_PEAK));
        assertEquals(200, sample.get(Track.FREE, 1));
        assertEquals(0, sample.get(Track.FREE, 2));
        assertEquals(3, sample.get(Track.PROCESSES));
    }

    @Test
    void bytesKeepEverything() {
        Random random = new Random(1);
        Series series = Series.begin(TICK);
        for (int i = 0; i < 200; i++) {
            series = series.with(sample(i * 64_000L, random.nextInt(5), random.nextLong(), random.nextInt(100)));
        }
        assertEquals(series, Series.of(series.toBytes()));
        assertEquals(Series.NONE, Series.of(Series.NONE.toBytes()));
        byte[] damaged = Arrays.copyOf(series.toBytes(), 40);
        assertThrows(DecodingException.class, () -> Series.of(damaged));
    }

    @Test
    void machinesAreAddedAtCommonMoments() {
        SeriesFold fold = new SeriesFold();
        fold.add(machine(30_000_000));
        fold.add(Series.NONE);
        fold.add(machine(100_000_000));
        fold.add(machine(3_000_000));
        Series all = fold.result();
        assertEquals(machine(100_000_000).interval(), all.interval());
        for (Sample sample : all.samples()) {
            long millis = sample.nanos() / 1_000_000;
            long processes = sample.get(Track.PROCESSES);
            // Each machine as its last sample says, which is less than an interval old.
            long exact = Math.min(millis, 30) + Math.min(millis, 100) + Math.min(millis, 3);
            assertTrue(processes <= exact && processes >= exact - 3 * (all.interval() / 1_000_000 + 1), millis + " ms: " + processes);
            assertEquals(21, sample.get(Track.FREE));
        }
        assertEquals(133, all.samples().get(all.samples().size() - 1).get(Track.PROCESSES), "as they were in the end");
    }

    @Test
    void theOrderOfMachinesMakesNoDifferenceAtTheMomentsThatAllHave() {
        List<Series> machines = List.of(machine(9_000_000), machine(40_000_000), machine(1_000_000), machine(77_000_000));
        SeriesFold forward = new SeriesFold();
        machines.forEach(forward::add);
        SeriesFold backward = new SeriesFold();
        for (int i = machines.size() - 1; i >= 0; i--) {
            backward.add(machines.get(i));
        }
        assertEquals(forward.result(), backward.result());
    }

    @Test
    void theAgeOfTheOldestQueuedFolioIsKnownFromEarlierSamples() {
        Series series = Series.begin(TICK);
        for (int i = 0; i < 5; i++) {
            Sample.Builder sample = Sample.builder(1);
            sample.set(Track.DEFERRED_TAIL, 0, 512L * i);
            series = series.with(sample.build(i * 64_000L));
        }
        assertEquals(400_000 - 64_000, series.deferredAge(0, 0, 400_000), "queued between the first and the second sample");
        assertEquals(400_000 - 4 * 64_000, series.deferredAge(0, 512 * 3, 400_000));
        assertEquals(0, series.deferredAge(0, 512 * 4, 400_000), "queued since the last sample");
    }
}
