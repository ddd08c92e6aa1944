package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;

/** Goal: smaps numbers as the kernel works them out. The recordings test most of it; here is what they leave open. */
class SmapsViewTest {
    private record OneFolio(Set<String> flags) implements ModelView {
        @Override
        public List<Process> processes() {
            return List.of();
        }

        @Override
        public Optional<Folio> folio(long key) {
            return Optional.of(new Folio(key, 9, 0, flags));
        }

        @Override
        public List<Memfd> memfds() {
            return List.of();
        }

        @Override
        public Map<String, Long> ksm() {
            return Map.of();
        }
    }

    private static PageRange pages(long at, long count) {
        return new PageRange(Arena.toPage(at), count);
    }

    private static PageRun present(long at, long count, boolean pmd, boolean dirty, long mapcount) {
        return new PageRun(pages(at, count), EntryState.PRESENT, pmd, false, dirty, mapcount, 1, 0, 9, at, at, 0, 0, -1);
    }

    private static ModelView.Vma vma(Protection protection, boolean shared, String of, Set<String> flags,
            List<PageRun> runs, List<PageRange> evicted) {
        return new ModelView.Vma(pages(0, 512), protection, shared, of, 0, null, flags, true, runs, evicted,
                List.of(pages(0, 4), pages(7, 1), pages(8, 500), pages(508, 4)));
    }

    @Test
    void proportionalShareIsRoundedDownOnceForTheWholeVma() {
        ModelView.Vma vma = vma(Protection.READ_WRITE, false, "anon", Set.of("lo"),
                List.of(present(0, 1, false, true, 3), present(1, 2, false, false, 3)), List.of());
        assertEquals(Map.of("Rss", 12L, "Pss", 3L, "Locked", 3L, "Shared_Dirty", 4L, "Shared_Clean", 8L, "Anonymous", 12L,
                "THPeligible", 1L), SmapsView.of(new OneFolio(Set.of("anon", "swapbacked")), vma));
    }

    @Test
    void aLazyfreePageCountsAsSuchOnlyWhileItIsClean() {
        ModelView.Vma vma = vma(Protection.READ_WRITE, false, "anon", Set.of(),
                List.of(present(0, 1, false, true, 1), present(1, 2, false, false, 1)), List.of());
        assertEquals(8L, SmapsView.of(new OneFolio(Set.of("anon")), vma).get("LazyFree"));
        assertEquals(null, SmapsView.of(new OneFolio(Set.of("anon", "dirty")), vma).get("LazyFree"));
        assertEquals(null, SmapsView.of(new OneFolio(Set.of("anon", "swapbacked")), vma).get("LazyFree"));
    }

    @Test
    void onlyMappingsByPmdCountAsHuge() {
        ModelView.Vma vma = vma(Protection.READ_WRITE, true, "f", Set.of(), List.of(present(0, 512, true, false, 1)),
                List.of());
        assertEquals(2048L, SmapsView.of(new OneFolio(Set.of("anon")), vma).get("AnonHugePages"));
        assertEquals(2048L, SmapsView.of(new OneFolio(Set.of("swapbacked")), vma).get("ShmemPmdMapped"));
        assertEquals(2048L, SmapsView.of(new OneFolio(Set.of()), vma).get("FilePmdMapped"));
    }

    @Test
    void aPrivateWritableMappingShowsSwappedFilePagesInItsHolesOnly() {
        List<PageRun> runs = List.of(present(4, 2, false, true, 1), PageRun.marker(pages(6, 1), EntryState.WP_MARKER, true));
        List<PageRange> evicted = List.of(pages(3, 1), pages(4, 1), pages(5, 1), pages(6, 1), pages(7, 1));
        OneFolio view = new OneFolio(Set.of("anon", "swapbacked"));
        assertEquals(20L, SmapsView.of(view, vma(Protection.READ_WRITE, true, "f", Set.of(), runs, evicted)).get("Swap"));
        assertEquals(20L, SmapsView.of(view, vma(Protection.READ, false, "f", Set.of(), runs, evicted)).get("Swap"));
        assertEquals(8L, SmapsView.of(view, vma(Protection.READ_WRITE, false, "f", Set.of(), runs, evicted)).get("Swap"));
    }

    @Test
    void aLargeSwapEntryCountsWholeForEachHoleThatItReachesInto() {
        List<PageRange> evicted = List.of(pages(496, 32));
        OneFolio view = new OneFolio(Set.of("anon", "swapbacked"));
        assertEquals(128L, SmapsView.of(view, vma(Protection.READ_WRITE, true, "f", Set.of(), List.of(), evicted)).get("Swap"));
        assertEquals(256L, SmapsView.of(view, vma(Protection.READ_WRITE, false, "f", Set.of(), List.of(), evicted)).get("Swap"));
    }

    @Test
    void swapEntriesAreSharedByTheirSwapCount() {
        ModelView.Vma vma = vma(Protection.READ_WRITE, false, "anon", Set.of(),
                List.of(PageRun.swapped(pages(0, 3), false, 2), PageRun.zero(pages(3, 1), false, false)), List.of());
        assertEquals(Map.of("Swap", 12L, "SwapPss", 6L, "THPeligible", 1L),
                SmapsView.of(new OneFolio(Set.of()), vma));
    }
}
