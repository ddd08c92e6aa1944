package org.foliofleet.node.mm.machine;

import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.CarriesMappings;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/**
 * A sum over mappings of numbers that tell frames apart: two cubic polynomials of the frame number modulo the prime
 * 2^61 - 1, one for pages mapped by PTEs and one for folios mapped by PMDs. A run of frames costs O(1), as power sums have
 * closed forms.
 */
final class MappingSum implements CarriesMappings.Sink {
    private static final long P = (1L << 61) - 1;
    private static final long HALF = (P + 1) / 2;
    private static final long SIXTH = inverseOfSix();
    private static final long[] PTE = {0x1234_5678_9abc_def1L % P, 0x0fed_cba9_8765_4321L % P, 0x0b5a_d4ec_eda1_ce2aL % P,
        0x1d8a_f1b2_c3d4_e5f6L % P};
    private static final long[] PMD = {0x0a09_e667_f3bc_c908L % P, 0x1b67_ae85_84ca_a73bL % P, 0x1c6e_f372_fe94_f82bL % P,
        0x054f_f53a_5f1d_36f1L % P};

    private long sum;
    private long mappings;

    private static long inverseOfSix() {
        // 6 divides 5 P + 1 or P + 1 and so on: find k with k P + 1 divisible by 6.
        for (long k = 1;; k++) {
            if ((Math.floorMod(k, 6) * Math.floorMod(P, 6L) + 1) % 6 == 0) {
                return Math.floorMod(multiply(k, P / 6) + (k * (P % 6) + 1) / 6, P);
            }
        }
    }

    static long multiply(long a, long b) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        long result = (low & P) + (low >>> 61 | high << 3);
        result = (result & P) + (result >>> 61);
        return result >= P ? result - P : result;
    }

    /** Sum over i from 0 up to {@code count} of the polynomial at {@code start + i * stride}. */
    private static long polynomial(long[] c, long start, long count, long stride) {
        long n = count % P;
        long s = start % P;
        long d = stride % P;
        long before = Math.floorMod(n - 1, P);
        long i1 = multiply(multiply(n, before), HALF);
        long i2 = multiply(multiply(multiply(n, before), Math.floorMod(2 * n - 1, P)), SIXTH);
        long i3 = multiply(i1, i1);
        long s2 = multiply(s, s);
        long d2 = multiply(d, d);
        long f1 = add(multiply(n, s), multiply(d, i1));
        long f2 = add(add(multiply(n, s2), multiply(2, multiply(multiply(s, d), i1))), multiply(d2, i2));
        long f3 = add(add(multiply(n, multiply(s2, s)), multiply(3, multiply(multiply(s2, d), i1))),
                add(multiply(3, multiply(multiply(s, d2), i2)), multiply(multiply(d2, d), i3)));
        return add(add(multiply(c[0], n), multiply(c[1], f1)), add(multiply(c[2], f2), multiply(c[3], f3)));
    }

    private static long add(long a, long b) {
        long result = a + b;
        return result >= P ? result - P : result;
    }

    private void add(long value, long count, long weight) {
        sum = add(sum, multiply(value, Math.floorMod(weight, P)));
        mappings += count * weight;
    }

    /** Pages of consecutive frames, each mapped by {@code times} PTEs. */
    void pages(long frame, long count, long times) {
        if (times != 0) {
            add(polynomial(PTE, frame, count, 1), count, times);
        }
    }

    /** Folios of 2 MiB in a row, each mapped by {@code times} PMDs. */
    void blocks(long frame, long folios, long times) {
        if (times != 0) {
            add(polynomial(PMD, frame, folios, PageOrder.PMD_PAGES), folios, times);
        }
    }

    /** What an entry maps, if it maps a folio. */
    void entry(long page, long count, Pte entry, int sign) {
        if (entry.isPresent() && !entry.has(Pte.SPECIAL)) {
            if (entry.isPmd()) {
                blocks(entry.frame(page), count >> PageOrder.PMD, sign);
            } else {
                pages(entry.frame(page), count, sign);
            }
        }
    }

    @Override
    public void entries(PageRuns runs, int sign) {
        for (int i = 0; i < runs.size(); i++) {
            entry(runs.start(i), runs.count(i), runs.entry(i), sign);
        }
    }

    @Override
    public void folios(FrameRuns frames, int order, boolean pmd, int sign) {
        for (int i = 0; i < frames.size(); i++) {
            if (pmd) {
                blocks(frames.start(i), frames.count(i) >> order, sign);
            } else {
                pages(frames.start(i), frames.count(i), sign);
            }
        }
    }

    boolean equalTo(MappingSum other) {
        return sum == other.sum && mappings == other.mappings;
    }

    /** Number of mappings summed up. */
    long mappings() {
        return mappings;
    }

    @Override
    public String toString() {
        return mappings + " mappings, sum " + Long.toHexString(sum);
    }
}
