package org.foliofleet.node.mm.numa;

/**
 * The two mms whose mappings of a large folio are counted apart ({@code _mm_id}, {@code _mm_id_mapcount}; R1.5).
 *
 * @param first       first tracked mm, 0 for none
 * @param firstCount  its mappings
 * @param second      second tracked mm, 0 for none
 * @param secondCount its mappings
 */
public record MmIds(int first, long firstCount, int second, long secondCount) {
    /** No mm is tracked. */
    public static final MmIds NONE = new MmIds(0, 0, 0, 0);

    static MmIds of(int first, long firstCount, int second, long secondCount) {
        return first == 0 && second == 0 && firstCount == 0 && secondCount == 0 ? NONE : new MmIds(first, firstCount, second, secondCount);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof MmIds m && first == m.first && firstCount == m.firstCount && second == m.second
                && secondCount == m.secondCount;
    }
}
