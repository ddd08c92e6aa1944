package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.node.conformance.Observation.MemfdState;
import org.foliofleet.node.conformance.Observation.PageState;
import org.foliofleet.node.conformance.Observation.ProcessState;
import org.foliofleet.node.conformance.Observation.VmaState;

/** Describes a model's state as the recorder would have described a kernel's. */
final class ModelObserver {
    /** smaps words that the recorder leaves out: they say what the protection says. */
    private static final List<String> UNRECORDED_FLAGS = List.of("rd", "wr", "ex", "mr", "mw", "me", "sd");
    /** Pages mapped by one PMD. */
    private static final long PMD_PAGES = 512;

    private final boolean recordsNodes;
    private final CounterNames counterNames;
    private final FolioNumbering numbering;
    private Map<String, Long> countersBefore;

    /** @param counters the model's counters at the start */
    ModelObserver(RecordingHeader header, CounterNames counterNames, FolioNumbering numbering,
            Map<String, Long> counters) {
        this.recordsNodes = header.recordsNodes();
        this.counterNames = counterNames;
        this.numbering = numbering;
        this.countersBefore = Map.copyOf(counters);
    }

    /**
     * To be called after every operation, so that folios get their numbers.
     *
     * @param moves the operation may move mappings
     */
    void afterOperation(ModelView view, boolean moves) {
        numbering.census(view, moves);
    }

    /** The state now; the counters count from here again. */
    Observation observe(String label, ModelView view, Map<String, Long> counters) {
        numbering.census(view, false);
        List<ProcessState> processes = new ArrayList<>();
        for (ModelView.Process process : FolioNumbering.byNumber(view)) {
            List<VmaState> vmas = new ArrayList<>();
            for (ModelView.Vma vma : process.vmas()) {
                if (Arena.contains(vma.range().start())) {
                    vmas.add(vma(view, vma));
                }
            }
            processes.add(new ProcessState(process.name(), List.copyOf(vmas)));
        }
        List<MemfdState> memfds = view.memfds().stream().map(memfd -> new MemfdState(memfd.name(), memfd.pages(),
                memfd.blocks(), memfd.cached(), memfd.evicted(), memfd.data())).toList();
        return new Observation(label, processes, numbering.folios(view, recordsNodes), memfds, changes(counters),
                Optional.of(view.ksm()));
    }

    private VmaState vma(ModelView view, ModelView.Vma vma) {
        TreeSet<String> flags = new TreeSet<>(vma.flags());
        UNRECORDED_FLAGS.forEach(flags::remove);
        boolean anonymous = vma.of().equals("anon");
        String policy = recordsNodes && vma.policy() != null ? vma.policy() : "";
        return new VmaState(Arena.toIndex(vma.range().start()), vma.range().count(), vma.protection().toString(),
                vma.shared() ? "shared" : "private", vma.of(), anonymous ? Observation.NONE : vma.pageOffset(), policy,
                flags, SmapsView.of(view, vma), pages(vma.runs()));
    }

    private List<PageState> pages(List<PageRun> runs) {
        List<PageState> pages = new ArrayList<>();
        long pmdStart = -1;
        boolean pmdExclusive = false;
        for (PageRun run : runs) {
            if (run.range().isEmpty()) {
                continue;
            }
            if (run.pmd() && run.range().start() / PMD_PAGES != pmdStart) {
                // The kernel decides pagemap's exclusive bit of a PMD from the first page alone.
                pmdStart = run.range().start() / PMD_PAGES;
                pmdExclusive = run.mapcount() == 1;
            }
            long count = run.range().count();
            boolean each = run.state() == EntryState.PRESENT && run.order() == 0;
            for (long k = 0; k < (each ? count : 1); k++) {
                append(pages, page(run, k, each ? 1 : count, pmdExclusive));
            }
        }
        return List.copyOf(pages);
    }

    private PageState page(PageRun run, long k, long count, boolean pmdExclusive) {
        long at = Arena.toIndex(run.range().start() + k);
        if (run.state() != EntryState.PRESENT) {
            return new PageState(at, count, run.state().word(), run.pmd(), run.uffdWp(), 0, 0, 0, Observation.NONE, 0,
                    Observation.NONE, Observation.NONE, Observation.NONE);
        }
        boolean exclusive = run.pmd() ? pmdExclusive : run.mapcount() == 1;
        int shownExclusive = exclusive == (run.mapcount() == 1) ? Observation.NONE : exclusive ? 1 : 0;
        long source = run.source() < 0 ? Observation.NONE : run.source() + k;
        return new PageState(at, count, run.state().word(), run.pmd(), run.uffdWp(), numbering.numberOf(run.keyOf(k)),
                run.order(), run.order() == 0 ? 0 : run.index() + k, recordsNodes ? run.node() : Observation.NONE,
                run.mapcount(), shownExclusive, run.tag(), Arena.contains(source) ? Arena.toIndex(source) : source);
    }

    private static void append(List<PageState> pages, PageState page) {
        PageState last = pages.isEmpty() ? null : pages.get(pages.size() - 1);
        if (last != null && last.continuesWith(page)) {
            pages.set(pages.size() - 1, last.withCount(last.count() + page.count()));
        } else {
            pages.add(page);
        }
    }

    private SortedMap<String, Long> changes(Map<String, Long> counters) {
        SortedMap<String, Long> changes = new TreeMap<>();
        counters.forEach((name, value) -> {
            long change = value - countersBefore.getOrDefault(name, 0L);
            if (change != 0 && counterNames.recorded(name)) {
                changes.put(name, change);
            }
        });
        countersBefore = Map.copyOf(counters);
        return changes;
    }
}
