package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.node.conformance.Observation.PageState;
import org.foliofleet.node.conformance.Observation.VmaState;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Protection;

/**
 * Shows a recorded VMA as a model would, page by page. What recordings hold only as sums is spread over the pages: dirty
 * bits until the dirty sums are reached, swap counts such that the proportional swap is, evicted pages into the holes.
 */
final class RecordedVma {
    private final VmaState vma;
    private final Map<Long, ModelView.Folio> folios;
    private final List<PageRun> runs = new ArrayList<>();
    private long privateDirty;
    private long sharedDirty;
    private long lazyFree;
    private long swappedSoFar;

    private RecordedVma(VmaState vma, Map<Long, ModelView.Folio> folios) {
        this.vma = vma;
        this.folios = folios;
    }

    static ModelView.Vma of(VmaState vma, Map<Long, ModelView.Folio> folios) {
        return new RecordedVma(vma, folios).show();
    }

    private ModelView.Vma show() {
        countEntriesToDirty();
        vma.pages().forEach(this::add);
        Protection protection = new Protection(vma.protection().contains("r"), vma.protection().contains("w"),
                vma.protection().contains("x"));
        PageRange range = new PageRange(Arena.toPage(vma.start()), vma.length());
        return new ModelView.Vma(range, protection, vma.map().equals("shared"), vma.of(), vma.pageOffset(), vma.policy(),
                vma.flags(), vma.smaps().containsKey("THPeligible"), runs, vma.of().equals("anon") ? List.of() : evicted(),
                List.of(new PageRange(range.start(), 1)));
    }

    /** How many entries must be dirty although their folio is not, and how many lazyfree ones must stay clean. */
    private void countEntriesToDirty() {
        privateDirty = kb("Private_Dirty") / 4;
        sharedDirty = kb("Shared_Dirty") / 4;
        lazyFree = kb("LazyFree") / 4;
        for (PageState run : vma.pages()) {
            for (long k = 0; run.present() && k < run.count(); k++) {
                if (folios.get(run.folioAt(k)).is("dirty")) {
                    if (run.mapcount() < 2) {
                        privateDirty--;
                    } else {
                        sharedDirty--;
                    }
                }
            }
        }
    }

    private void add(PageState run) {
        for (long k = 0; k < run.count(); k++) {
            PageRange page = new PageRange(Arena.toPage(run.at() + k), 1);
            if (run.present()) {
                long source = run.sourceAt(k);
                runs.add(new PageRun(page, EntryState.PRESENT, run.pmd(), run.uffdWp(), dirty(run, k), run.mapcount(),
                        run.folioAt(k), 0, run.order(), run.indexAt(k), -1, run.node(), run.tag(),
                        source < 0 || !run.pmd() && vma.pageOffset() >= 0 ? source : Arena.toPage(source)));
            } else if (run.state().equals("swapped")) {
                runs.add(PageRun.swapped(page, run.uffdWp(), swapCount()));
            } else if (run.state().equals("zero")) {
                runs.add(PageRun.zero(page, run.pmd(), run.uffdWp()));
            } else {
                EntryState state = EntryState.valueOf(run.state().toUpperCase(Locale.ROOT).replace('-', '_'));
                runs.add(PageRun.marker(page, state, run.uffdWp()));
            }
        }
    }

    private boolean dirty(PageState run, long k) {
        ModelView.Folio folio = folios.get(run.folioAt(k));
        if (folio.is("dirty")) {
            return false;
        }
        if (folio.is("anon") && !folio.is("swapbacked") && lazyFree > 0) {
            lazyFree--;
            return false;
        }
        return run.mapcount() < 2 ? privateDirty-- > 0 : sharedDirty-- > 0;
    }

    /** One count for all entries if that gives the proportional swap; else some are used once and the others twice. */
    private long swapCount() {
        long swap = kb("Swap");
        long share = kb("SwapPss");
        if (share == 0 || swap % share == 0) {
            return share == 0 ? 1 : swap / share;
        }
        long usedOnce = (share - swap / 2) / 2;
        return swappedSoFar++ < usedOnce ? 1 : 2;
    }

    /** What smaps Swap does not find in the page table, as one entry that the first page of the VMA meets. */
    private List<PageRange> evicted() {
        long pages = kb("Swap") / 4 - runs.stream().filter(run -> run.state() == EntryState.SWAPPED).count();
        return pages == 0 ? List.of() : List.of(new PageRange(Arena.toPage(vma.start()), pages));
    }

    private long kb(String field) {
        return vma.smaps().getOrDefault(field, 0L);
    }
}
