package org.foliofleet.node.mm.numa;

import java.util.Objects;

/**
 * The mms whose mappings of a large folio are counted apart ({@code _mm_id}, {@code _mm_id_mapcount}; R1.5).
 *
 * @param first       first tracked mm, 0 for none
 * @param firstCount  its mappings
 * @param second      second tracked mm, 0 for none
 * @param secondCount its mappings
 * @param others      null if the two have all mappings
 */
public record MmIds(int first, long firstCount, int second, long secondCount, MmOthers others) {
    /** No mm is tracked. */
    public static final MmIds NONE = new MmIds(0, 0, 0, 0, null);

    static MmIds of(int first, long firstCount, int second, long secondCount, MmOthers others) {
        return first == 0 && second == 0 && firstCount == 0 && secondCount == 0 && others == null ? NONE
                : new MmIds(first, firstCount, second, secondCount, others);
    }

    /** {@code mapcount} mappings in all: are they of more than one mm? The exact answer, whatever the slots know. */
    boolean areSeveral(long mapcount) {
        if (others == null) {
            return firstCount > 0 && secondCount > 0;
        }
        long sum = others.sumWithSlots() + first * firstCount + second * secondCount;
        long squares = others.squaresWithSlots() + (long) first * first * firstCount + (long) second * second * secondCount;
        long mean = sum / mapcount;
        return mean * mapcount != sum || mean * mean * mapcount != squares;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof MmIds m && first == m.first && firstCount == m.firstCount && second == m.second
                && secondCount == m.secondCount && Objects.equals(others, m.others);
    }
}
