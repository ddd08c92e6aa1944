package org.foliofleet.protocol.series;

import java.util.ArrayList;
import java.util.List;

/**
 * Series of machines put together, one after the other: the sum, or the maximum, of all at common moments. A machine that
 * has ended counts as it was in the end.
 */
public final class SeriesFold {
    private long interval;
    /** At 0, interval, 2 * interval … */
    private List<Sample> grid = new ArrayList<>();
    /** After the last of the grid. */
    private Sample last;

    /** Adds a machine of which there are samples. */
    public void add(Series machine) {
        if (machine.isEmpty()) {
            return;
        }
        if (last == null) {
            interval = machine.interval();
            grid = onGrid(machine, interval);
            last = grid.get(grid.size() - 1);
            return;
        }
        while (interval < machine.interval()) {
            widen();
        }
        List<Sample> other = onGrid(machine, interval);
        Sample otherLast = other.get(other.size() - 1);
        List<Sample> both = new ArrayList<>();
        for (int i = 0; i < Math.max(grid.size(), other.size()); i++) {
            both.add(at(grid, last, i).and(at(other, otherLast, i)).at(i * interval));
        }
        grid = both;
        last = last.and(otherLast);
    }

    private static Sample at(List<Sample> samples, Sample after, int index) {
        return index < samples.size() ? samples.get(index) : after;
    }

    private void widen() {
        List<Sample> fewer = new ArrayList<>();
        for (int i = 0; i < grid.size(); i += 2) {
            fewer.add(grid.get(i));
        }
        if (grid.size() % 2 == 0) {
            fewer.add(last.at((grid.size() / 2) * 2 * interval));
        }
        grid = fewer;
        interval *= 2;
    }

    /** How a machine was at multiples of an interval: as the last sample until then says. */
    private static List<Sample> onGrid(Series machine, long interval) {
        List<Sample> grid = new ArrayList<>();
        List<Sample> samples = machine.samples();
        int next = 0;
        Sample now = Sample.builder(samples.get(0).nodes()).build(0);
        long end = samples.get(samples.size() - 1).nanos();
        for (long nanos = 0; ; nanos += interval) {
            while (next < samples.size() && samples.get(next).nanos() <= nanos) {
                now = samples.get(next++);
            }
            grid.add(now.at(nanos));
            if (nanos >= end) {
                return grid;
            }
        }
    }

    /** All machines together; at most about {@link Series#MOST} samples. */
    public Series result() {
        return last == null ? Series.NONE : Series.of(interval, grid);
    }
}
