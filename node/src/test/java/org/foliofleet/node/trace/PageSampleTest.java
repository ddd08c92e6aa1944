package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.foliofleet.protocol.id.PageRange;
import org.junit.jupiter.api.Test;

/** Goal: the set from which pages are drawn is a set. Method: random operations beside a plain one. */
class PageSampleTest {
    @Test
    void behavesLikeASetOfPages() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            PageSample sample = new PageSample();
            TreeSet<Long> plain = new TreeSet<>();
            for (int step = 0; step < 500; step++) {
                long page = random.nextInt(300);
                if (random.nextInt(4) > 0) {
                    sample.add(page);
                    plain.add(page);
                } else {
                    PageRange range = new PageRange(page, random.nextInt(100));
                    sample.remove(range);
                    plain.removeIf(range::contains);
                }
                long drawn = sample.draw(new SplittableRandom(step));
                assertTrue(plain.isEmpty() ? drawn == -1 : plain.contains(drawn), "seed " + seed + ", step " + step);
            }
            for (long page = 0; page < 300; page++) {
                sample.remove(page);
            }
            assertEquals(-1, sample.draw(new SplittableRandom(1)));
        }
    }
}
