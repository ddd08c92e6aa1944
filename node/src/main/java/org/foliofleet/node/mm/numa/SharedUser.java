package org.foliofleet.node.mm.numa;

import java.util.Locale;
import org.foliofleet.node.mm.flow.Turn;

/** Who asks whether somebody else maps a folio (R1.8), and how often the answer is wrong. */
public enum SharedUser {
    /** A write fault, which copies the page of a folio that others map (R4.3). */
    COW,
    /** MADV_FREE, MADV_COLD and MADV_PAGEOUT, which leave such folios alone (R7.5, R7.6). */
    MADVISE,
    /** khugepaged and MADV_COLLAPSE, which count such pages against {@code max_ptes_shared} (R9.4). */
    KHUGEPAGED,
    /** mbind, migrate_pages and move_pages without the MOVE_ALL flag (R11.5). */
    MIGRATE,
    /** The scan for NUMA hinting faults, which skips shared memory that is copied on write. */
    NUMA_HINT;

    /** The label in metrics. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Asks it of {@code folios} alike, as the machine answers it; wrong answers are counted. Within a step.
     */
    boolean isShared(NumaNode node, Folio folio, long folios, Turn turn) {
        boolean shared = node.rules.isShared(folio);
        return tell(node, folio, shared, folios, turn);
    }

    /** Counts an answer that the machine has given, if it is wrong. */
    boolean tell(NumaNode node, Folio folio, boolean answer, long folios, Turn turn) {
        if (folio.isLarge() && answer != folio.isMappedByOthers()) {
            turn.emit(new Mistaken(this, answer, folios));
        }
        return answer;
    }

    /** Folios were taken for shared, or for exclusive, and are not. */
    private record Mistaken(SharedUser user, boolean shared, long folios) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.tally.mistaken(user, shared, folios);
        }
    }
}
