package org.foliofleet.node.conformance;

import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.protocol.id.PageRange;

/**
 * The smaps numbers of a VMA, worked out from its page table entries.
 *
 * <p>Models {@code smap_gather_stats()} with {@code smaps_account()}, fs/proc/task_mmu.c, v6.18, for exact mapcounts per
 * page. The zero pages count nowhere. Young and referenced bits are not recorded and left out.
 */
final class SmapsView {
    private static final long PAGE_BYTES = 4096;
    /** Fixed point of Pss: fractions of a byte. */
    private static final int PSS_SHIFT = 12;
    private static final int KB_SHIFT = 10;

    private final ModelView view;
    private final ModelView.Vma vma;
    private final TreeMap<String, Long> pages = new TreeMap<>();
    private long pss;
    private long swapPss;

    private SmapsView(ModelView view, ModelView.Vma vma) {
        this.view = view;
        this.vma = vma;
    }

    /** The fields in kB, and THPeligible; zeroes are left out. */
    static SortedMap<String, Long> of(ModelView view, ModelView.Vma vma) {
        return new SmapsView(view, vma).gather();
    }

    private SortedMap<String, Long> gather() {
        for (PageRun run : vma.runs()) {
            if (run.state() == EntryState.PRESENT) {
                account(run);
            } else if (run.state() == EntryState.SWAPPED) {
                add("Swap", run.range().count());
                swapPss += run.range().count() * ((PAGE_BYTES << PSS_SHIFT) / Math.max(1, run.mapcount()));
            }
        }
        addFileSwap();
        TreeMap<String, Long> fields = new TreeMap<>();
        pages.forEach((name, count) -> fields.put(name, count * (PAGE_BYTES >> KB_SHIFT)));
        fields.put("Pss", pss >> PSS_SHIFT + KB_SHIFT);
        fields.put("SwapPss", swapPss >> PSS_SHIFT + KB_SHIFT);
        fields.put("Locked", vma.flags().contains("lo") ? pss >> PSS_SHIFT + KB_SHIFT : 0);
        fields.put("THPeligible", vma.thpEligible() ? 1L : 0L);
        fields.values().removeIf(value -> value == 0);
        return fields;
    }

    private void account(PageRun run) {
        long count = run.range().count();
        ModelView.Sharing sharing = view.sharing(run);
        pss += count * sharing.pss();
        add("Rss", count);
        boolean oneFolio = run.order() > 0 || run.keyStride() == 0;
        for (long k = 0; k < (oneFolio ? 1 : count); k++) {
            accountFolio(run, sharing, run.keyOf(k), oneFolio ? count : 1);
        }
    }

    private void accountFolio(PageRun run, ModelView.Sharing sharing, long key, long count) {
        ModelView.Folio folio = view.folio(key)
                .orElseThrow(() -> new IllegalStateException("the model maps folio " + key + " but does not know it"));
        boolean dirty = run.dirty() || folio.is("dirty");
        boolean anonymous = folio.is("anon");
        add((sharing.shared() ? "Shared_" : "Private_") + (dirty ? "Dirty" : "Clean"), count);
        if (anonymous) {
            add("Anonymous", count);
            if (!folio.is("swapbacked") && !dirty) {
                add("LazyFree", count);
            }
        }
        if (folio.is("ksm")) {
            add("KSM", count);
        }
        if (run.pmd()) {
            add(anonymous ? "AnonHugePages" : folio.is("swapbacked") ? "ShmemPmdMapped" : "FilePmdMapped", count);
        }
    }

    /**
     * Swapped pages of a shmem file, {@code shmem_swap_usage()}: a mapping that is shared or cannot be written shows all
     * in its range; a private writable one only those where its own page tables have a hole, {@code smaps_pte_hole()}.
     */
    private void addFileSwap() {
        if (vma.shared() || !vma.protection().write()) {
            add("Swap", partialSwapUsage(vma.range()));
            return;
        }
        for (PageRange hole : vma.holes()) {
            add("Swap", partialSwapUsage(hole));
        }
    }

    /** {@code shmem_partial_swap_usage()}: a large entry counts whole, however little of it lies in the range. */
    private long partialSwapUsage(PageRange range) {
        return vma.evicted().stream().filter(entry -> !entry.intersect(range).isEmpty()).mapToLong(PageRange::count).sum();
    }

    private void add(String field, long count) {
        pages.merge(field, count, Long::sum);
    }
}
