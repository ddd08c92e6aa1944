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
 *
 * <p>The recorder knows folios by page frame. One that was freed and allocated again, within an operation, passes for the
 * same folio if it was and is mapped at the same address; or anywhere, after an operation that may have moved mappings. Of
 * folios of files that nobody maps it goes on to know those that are on the LRU right after the operation.
 */
final class FolioNumbering {
    private final Map<Long, Known> known = new HashMap<>();
    /** By process, what was present before the latest operation, by first page. */
    private Map<String, TreeMap<Long, PageRun>> previous = new HashMap<>();
    private long lastNumber;
    private boolean moves;

    /**
     * By what the recorder knows a folio again.
     *
     * @param page its first page frame
     * @param ksm  it was a KSM page when it was last seen
     */
    private record Identity(long page, int order, boolean anon, boolean ksm) {
        /** Whether this passes for that: what was a KSM page and is none is another. */
        boolean passesFor(Identity old) {
            return old != null && page == old.page && order == old.order && anon == old.anon && (ksm || !old.ksm);
        }
    }

    private static final class Known {
        final long key;
        final long number;
        final long splitFrom;
        final long splitAt;
        Identity identity;
        boolean seen;

        Known(long key, long number, long splitFrom, long splitAt, Identity identity) {
            this.key = key;
            this.number = number;
            this.splitFrom = splitFrom;
            this.splitAt = splitAt;
            this.identity = identity;
        }

        void note(ModelView view) {
            boolean ksm = view.folio(key).map(state -> state.is("ksm")).orElse(false);
            if (identity != null && identity.ksm() != ksm) {
                identity = new Identity(identity.page(), identity.order(), identity.anon(), ksm);
            }
        }
    }

    /**
     * To be called after every operation, and before an observation.
     *
     * @param moved an operation that may move mappings is what was done
     */
    void census(ModelView view, boolean moved) {
        moves = moved;
        known.values().forEach(folio -> folio.seen = false);
        long numberBefore = lastNumber;
        Map<String, TreeMap<Long, PageRun>> current = new HashMap<>();
        for (ModelView.Process process : byNumber(view)) {
            TreeMap<Long, PageRun> pages = new TreeMap<>();
            for (ModelView.Vma vma : process.vmas()) {
                for (PageRun run : vma.runs()) {
                    if (run.state() == EntryState.PRESENT && Arena.contains(run.range().start())) {
                        pages.put(run.range().start(), run);
                        see(view, process.name(), run, numberBefore);
                    }
                }
            }
            current.put(process.name(), pages);
        }
        known.values().removeIf(folio -> !folio.seen && (view.folio(folio.key).isEmpty() || view.awaitsLru(folio.key)));
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
        known.put(key, new Known(key, number, splitFrom, splitAt, null));
        lastNumber = Math.max(lastNumber, number);
    }

    /** The processes in the order of their numbers, which need not be the order in which they were forked. */
    static List<ModelView.Process> byNumber(ModelView view) {
        List<ModelView.Process> processes = new ArrayList<>(view.processes());
        processes.sort(Comparator.comparingInt(process -> Integer.parseInt(process.name().substring(1))));
        return processes;
    }

    private void see(ModelView view, String process, PageRun run, long numberBefore) {
        long pages = run.range().count();
        long folios = run.order() > 0 || run.keyStride() == 0 ? 1 : pages;
        for (long k = 0; k < folios; k++) {
            long key = run.keyOf(k);
            Known folio = known.get(key);
            if (folio == null) {
                folio = appear(view, process, run, k, key, numberBefore);
            }
            folio.seen = true;
            folio.note(view);
        }
    }

    private Known appear(ModelView view, String process, PageRun run, long k, long key, long numberBefore) {
        long page = run.range().start() + k;
        long splitFrom = 0;
        long splitAt = 0;
        Optional<PageRun> before = presentBefore(process, page);
        Identity identity = new Identity(run.frame() + k - (run.order() == 0 ? 0 : run.index() + k), run.order(),
                view.folio(key).map(state -> state.is("anon")).orElse(false),
                view.folio(key).map(state -> state.is("ksm")).orElse(false));
        Known same = passesFor(identity, before, page, numberBefore);
        if (same != null) {
            known.remove(same.key);
            Known again = new Known(key, same.number, same.splitFrom, same.splitAt, identity);
            known.put(key, again);
            return again;
        }
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
        Known folio = new Known(key, ++lastNumber, splitFrom, splitAt, identity);
        known.put(key, folio);
        return folio;
    }

    /** The folio that the recorder takes a new one for, or null. */
    private Known passesFor(Identity identity, Optional<PageRun> before, long page, long numberBefore) {
        Known old = null;
        if (moves) {
            old = known.values().stream().filter(folio -> identity.passesFor(folio.identity)).findFirst().orElse(null);
        } else if (before.isPresent()) {
            old = known.get(before.get().keyOf(page - before.get().range().start()));
        }
        return old != null && identity.passesFor(old.identity) && old.number <= numberBefore ? old : null;
    }

    private Optional<PageRun> presentBefore(String process, long page) {
        TreeMap<Long, PageRun> pages = previous.get(process);
        Map.Entry<Long, PageRun> run = pages == null ? null : pages.floorEntry(page);
        return run != null && run.getValue().range().contains(page) ? Optional.of(run.getValue()) : Optional.empty();
    }
}
