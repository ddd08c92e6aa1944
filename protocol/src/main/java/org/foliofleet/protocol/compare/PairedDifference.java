package org.foliofleet.protocol.compare;

import java.util.List;

/**
 * How one variant differs from the first in a metric, over the seeds: what it says about seeds that were not run.
 *
 * @param base      mean of the first variant
 * @param other     mean of the other one
 * @param mean      of the differences, seed by seed
 * @param least     difference
 * @param greatest  difference
 * @param deviation sample standard deviation of the differences; 0 for one seed
 * @param seeds     that measured it in both
 */
public record PairedDifference(double base, double other, double mean, long least, long greatest, double deviation, int seeds) {
    /** Of a two-sided test: how often it finds a difference where there is none. */
    public static final double LEVEL = 0.01;

    /** Student's t that 1 % of the samples exceed on either side, for 1 to 30 degrees of freedom. */
    private static final double[] CRITICAL = {63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055, 3.012,
        2.977, 2.947, 2.921, 2.898, 2.878, 2.861, 2.845, 2.831, 2.819, 2.807, 2.797, 2.787, 2.779, 2.771, 2.763, 2.756, 2.750};

    /**
     * Compares.
     *
     * @param base  by seed; null where it was not measured
     * @param other by seed
     * @return null if no seed measured it in both
     */
    static PairedDifference of(List<Long> base, List<Long> other) {
        double sumBase = 0;
        double sumOther = 0;
        double sum = 0;
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        int seeds = 0;
        for (int i = 0; i < base.size(); i++) {
            if (base.get(i) != null && other.get(i) != null) {
                long difference = other.get(i) - base.get(i);
                sumBase += base.get(i);
                sumOther += other.get(i);
                sum += difference;
                least = Math.min(least, difference);
                greatest = Math.max(greatest, difference);
                seeds++;
            }
        }
        if (seeds == 0) {
            return null;
        }
        double mean = sum / seeds;
        double squares = 0;
        for (int i = 0; i < base.size(); i++) {
            if (base.get(i) != null && other.get(i) != null) {
                double off = other.get(i) - base.get(i) - mean;
                squares += off * off;
            }
        }
        double deviation = seeds == 1 ? 0 : Math.sqrt(squares / (seeds - 1));
        return new PairedDifference(sumBase / seeds, sumOther / seeds, mean, least, greatest, deviation, seeds);
    }

    /** Whether all seeds gave the same in both. */
    public boolean isNone() {
        return least == 0 && greatest == 0;
    }

    /**
     * Whether the mean difference is further from 0 than the spread over the seeds explains, by a paired t-test, two-sided, at
     * {@link #LEVEL}. Differences that are the same for every seed, and not 0, are. One seed can not tell.
     */
    public boolean isBeyondNoise() {
        if (seeds < 2 || mean == 0) {
            return false;
        }
        return deviation == 0 || Math.abs(mean) / (deviation / Math.sqrt(seeds)) > critical(seeds - 1);
    }

    /** Never too small: between the degrees of freedom that are listed, that of the smaller number. */
    private static double critical(int freedom) {
        if (freedom <= CRITICAL.length) {
            return CRITICAL[freedom - 1];
        }
        return freedom < 40 ? 2.750 : freedom < 60 ? 2.704 : freedom < 120 ? 2.660 : 2.617;
    }

    /** The mean difference as a part of the first's mean; NaN if that is 0. */
    public double ratio() {
        return base == 0 ? Double.NaN : mean / Math.abs(base);
    }
}
