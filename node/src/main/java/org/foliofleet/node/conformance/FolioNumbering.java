package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.node.conformance.Observation.FolioState;

/**
 * Gives a model's folios the numbers that the recorder would have given them.
 *
 * <p>After every operation the processes p0, p1, … are gone through by ascending address, and each present page's folio
 * that is not known yet gets the next number. A folio keeps it as long as it lives; one that is mapped nowhere is still
 * known while {@link ModelView#folio} finds it. A piece of a split is recognised where the same page frame was mapped at
 * the same address right before the operation, inside a larger folio.
 */
final class FolioNumbering {
    private final Map<Long, Known> known = new HashMap<>();
    /** By process, what was present before the latest operation, by first page. */
    private Map<String, TreeMap<Long, PageRun>> previous = new HashMap<>();
    private long lastNumber;

    private static final class Known {
        final long key;
        final long number;
        final long splitFrom;
        final long splitAt;
        boolean seen;

        Known(long key, long number, long splitFrom, long splitAt) {
            this.key = key;
            this.number = number;
            this.splitFrom = splitFrom;
            this.splitAt = splitAt;
        }
    }

    /** To be called after every operation, and before an observation. */
    void census(ModelView view) {
        known.values().forEach(folio -> folio.seen = false);
        long numberBefore = lastNumber;
        Map<String, TreeMap<Long, PageRun>> current = new HashMap<>();
        for (ModelView.Process process : byNumber(view)) {
            TreeMap<Long, PageRun> pages = new TreeMap<>();
            for (ModelView.Vma vma : process.vmas()) {
                for (PageRun run : vma.runs()) {
                    if (run.state() == EntryState.PRESENT && Arena.contains(run.range().start())) {
                        pages.put(run.range().start(), run);
                        see(process.name(), run, numberBefore);
                    }
                }
            }
            current.put(process.name(), pages);
        }
        known.values().removeIf(folio -> !folio.seen && view.folio(folio.key).isEmpty());
        previous = current;
    }

    /** The number of a folio that a census has seen. */
    long numberOf(long key) {
        Known folio = known.get(key);
        if (folio == null) {
            throw new NoSuchElementException("the model shows a page of folio " + key + ", which was not there before");
        }
        return folio.number;
    }

    /** The known folios in maximal runs, as an observation lists them. */
    List<FolioState> folios(ModelView view, boolean recordsNodes) {
        List<Known> ascending = new ArrayList<>(known.values());
        ascending.sort(Comparator.comparingLong(folio -> folio.number));
        List<FolioState> runs = new ArrayList<>();
        for (Known folio : ascending) {
            ModelView.Folio state = view.folio(folio.key).orElseThrow(
                    () -> new NoSuchElementException("the model maps folio " + folio.key + " but does not know it"));
            FolioState next = new FolioState(folio.number, 1, state.order(),
                    recordsNodes ? state.node() : Observation.NONE, new TreeSet<>(state.flags()), folio.splitFrom,
                    folio.splitAt, !folio.seen);
            FolioState last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.continuesWith(next)) {
                runs.set(runs.size() - 1, last.withCount(last.count() + 1));
            } else {
                runs.add(next);
            }
        }
        return List.copyOf(runs);
    }

    /** Makes a folio known under a number of the caller's choice; later folios get higher numbers. */
    void assign(long key, long number, long splitFrom, long splitAt) {
        known.put(key, new Known(key, number, splitFrom, splitAt));
        lastNumber = Math.max(lastNumber, number);
    }

    /** The processes in the order of their numbers, which need not be the order in which they were forked. */
    static List<ModelView.Process> byNumber(ModelView view) {
        List<ModelView.Process> processes = new ArrayList<>(view.processes());
        processes.sort(Comparator.comparingInt(process -> Integer.parseInt(process.name().substring(1))));
        return processes;
    }

    private void see(String process, PageRun run, long numberBefore) {
        long pages = run.range().count();
        long folios = run.order() > 0 || run.keyStride() == 0 ? 1 : pages;
        for (long k = 0; k < folios; k++) {
            long key = run.keyOf(k);
            Known folio = known.get(key);
            if (folio == null) {
                folio = appear(process, run, k, key, numberBefore);
            }
            folio.seen = true;
        }
    }

    private Known appear(String process, PageRun run, long k, long key, long numberBefore) {
        long page = run.range().start() + k;
        long splitFrom = 0;
        long splitAt = 0;
        Optional<PageRun> before = presentBefore(process, page);
        if (before.isPresent()) {
            PageRun old = before.get();
            long offset = page - old.range().start();
            Known parent = known.get(old.folioKey());
            if (old.order() > run.order() && old.frame() >= 0 && old.frame() + offset == run.frame() + k
                    && parent != null && parent.number <= numberBefore) {
                splitFrom = parent.number;
                long indexNow = run.order() == 0 ? 0 : run.index() + k;
                splitAt = old.index() + offset - indexNow;
            }
        }
        Known folio = new Known(key, ++lastNumber, splitFrom, splitAt);
        known.put(key, folio);
        return folio;
    }

    private Optional<PageRun> presentBefore(String process, long page) {
        TreeMap<Long, PageRun> pages = previous.get(process);
        Map.Entry<Long, PageRun> run = pages == null ? null : pages.floorEntry(page);
        return run != null && run.getValue().range().contains(page) ? Optional.of(run.getValue()) : Optional.empty();
    }
}
