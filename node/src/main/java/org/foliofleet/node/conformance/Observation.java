package org.foliofleet.node.conformance;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import org.foliofleet.protocol.id.PageRange;

/**
 * The state at an {@code observe}, in the terms of a recording: pages are page indexes, folios have numbers. Recorded
 * from a kernel, or made from a model by {@link ModelObserver}.
 *
 * @param counters changes since the previous observation, without zeroes
 * @param ksm      KSM's own numbers, if the scenario uses it
 */
record Observation(String label, List<ProcessState> processes, List<FolioState> folios, List<MemfdState> memfds,
        SortedMap<String, Long> counters, Optional<Map<String, Long>> ksm) {

    /** No value of this kind. */
    static final int NONE = -1;

    record ProcessState(String name, List<VmaState> vmas) {}

    /**
     * @param pageOffset {@link #NONE} for anonymous memory
     * @param policy     empty if nodes are not recorded
     * @param smaps      kB; without zeroes
     */
    record VmaState(long start, long length, String protection, String map, String of, long pageOffset, String policy,
            SortedSet<String> flags, SortedMap<String, Long> smaps, List<PageState> pages) {

        String describe() {
            return start + "+" + length + " " + protection + " " + map + " " + of;
        }
    }

    /**
     * A run of pages; see the field names of the recording format.
     *
     * @param folio             0 if not present
     * @param pagemapExclusive  {@link #NONE} where it follows from the mapcount
     * @param tag               {@link #NONE} if not known
     * @param source            {@link #NONE} if there is none
     */
    record PageState(long at, long count, String state, boolean pmd, boolean uffdWp, long folio, int order, long index,
            int node, long mapcount, int pagemapExclusive, long tag, long source) {

        boolean present() {
            return state.equals("present");
        }

        long end() {
            return at + count;
        }

        /** The folio number of the page at this offset in the run. */
        long folioAt(long offset) {
            return present() && order == 0 ? folio + offset : folio;
        }

        long indexAt(long offset) {
            return order == 0 ? 0 : index + offset;
        }

        long sourceAt(long offset) {
            return source < 0 ? source : source + offset;
        }

        PageState withCount(long newCount) {
            return new PageState(at, newCount, state, pmd, uffdWp, folio, order, index, node, mapcount,
                    pagemapExclusive, tag, source);
        }

        /** Whether the other run, which starts where this one ends, goes on with it. */
        boolean continuesWith(PageState next) {
            return next.at == end() && next.state.equals(state) && next.pmd == pmd && next.uffdWp == uffdWp
                    && next.order == order && next.node == node && next.mapcount == mapcount
                    && next.pagemapExclusive == pagemapExclusive && next.tag == tag && next.source == sourceAt(count)
                    && (!present() || next.folio == folioAt(count) && next.index == indexAt(count));
        }

        String describe(long offset) {
            return present() ? "present, folio " + folioAt(offset) + " of order " + order : state;
        }
    }

    /**
     * A run of folios with consecutive numbers.
     *
     * @param node      {@link #NONE} if nodes are not recorded
     * @param splitFrom number of the folio it was split from, or 0
     * @param splitAt   index there of the first folio's first page
     */
    record FolioState(long id, long count, int order, int node, SortedSet<String> flags, long splitFrom, long splitAt,
            boolean unmapped) {

        long splitAtOf(long offset) {
            return splitFrom == 0 ? 0 : splitAt + (offset << order);
        }

        boolean continuesWith(FolioState next) {
            return next.id == id + count && next.order == order && next.node == node && next.unmapped == unmapped
                    && next.splitFrom == splitFrom && next.splitAt == splitAtOf(count) && next.flags.equals(flags);
        }

        FolioState withCount(long newCount) {
            return new FolioState(id, newCount, order, node, flags, splitFrom, splitAt, unmapped);
        }
    }

    record MemfdState(String name, long pages, long blocks, long cached, long evicted, List<PageRange> data) {}
}
