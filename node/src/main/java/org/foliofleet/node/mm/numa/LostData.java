package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.protocol.message.Pte;

/**
 * What reclaim may not lose, exactly, beside what the kernel's dirty bits say: pages that were stored to after MADV_FREE
 * (R6.15, appendix B 12 and 13). For events.
 */
final class LostData {
    private LostData() {}

    /** Folios became lazyfree: what they hold from now on may go. */
    static void freed(NumaNode node, long frame, long pages) {
        if (node.rewritten == null) {
            node.rewritten = new RunSet();
        }
        node.rewritten.remove(frame, pages);
    }

    /** Pages were stored to; costs nothing where nobody ever used MADV_FREE. */
    static void stored(NumaNode node, long frame, long pages) {
        if (node.rewritten != null) {
            node.folios.forEach(frame, frame + pages, (start, count, folio) -> {
                if (folio.isLazyfree()) {
                    node.rewritten.add(start, count);
                }
            });
        }
    }

    /** Frames return to the buddy allocator. */
    static void gone(NumaNode node, long frame, long pages) {
        if (node.rewritten != null) {
            node.rewritten.remove(frame, pages);
        }
    }

    /**
     * A discard took mappings of lazyfree folios away: counts what is lost with them.
     *
     * @param before the folios as they were
     * @param locked the VMA is locked
     * @return the folios as they are now
     */
    static Folio dropped(NumaNode node, long head, Folio before, Folio after, int from, int to, long count, Pte entry, boolean locked) {
        long pages = FolioWalk.pages(before, from, to, count);
        node.statistics.add(VmEvent.LAZYFREE_ENTRIES, entry.isPmd() ? count : pages);
        node.statistics.add(VmEvent.LOCKED_DISCARDED, locked ? pages : 0);
        long[] lost = {0};
        if (node.rewritten != null) {
            node.rewritten.forEach(head + from, head + from + pages, (start, run) -> lost[0] += run);
            node.rewritten.remove(head + from, pages);
        }
        node.statistics.add(VmEvent.DIRTY_LOST, lost[0]);
        if (before.references() == before.mapcount() + 1) {
            return after;
        }
        node.statistics.add(VmEvent.DISCARDED_WHILE_HELD, before.has(Folio.DROPPED_WHILE_HELD) ? 0 : count);
        return after.with(Folio.DROPPED_WHILE_HELD);
    }

    /** Whoever holds the page stored to it: if its mapping was discarded meanwhile, nobody will find that. */
    static void storedByHolder(NumaNode node, Folio folio, long pages) {
        node.statistics.add(VmEvent.DIRTY_LOST, folio.has(Folio.DROPPED_WHILE_HELD) ? pages : 0);
    }
}
