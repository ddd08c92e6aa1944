package org.foliofleet.node.mm.vma;

import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Entries that were seen before somebody else was asked: what the kernel looks at again under the page table's lock. */
final class SeenEntries {
    private SeenEntries() {}

    /** Those that still map what they mapped, as they are now. Within a step, the one in which the folios' node is asked. */
    static PageRuns still(Vma vma, PageRuns seen) {
        PageRuns.Builder still = PageRuns.builder();
        for (int i = 0; i < seen.size(); i++) {
            Pte before = seen.entry(i);
            PageRuns now = vma.entries(seen.start(i), seen.end(i));
            for (int j = 0; j < now.size(); j++) {
                Pte entry = now.entry(j);
                if (entry.isPresent() && entry.delta() == before.delta() && entry.order() == before.order()) {
                    still.add(now.start(j), now.count(j), entry);
                }
            }
        }
        return still.build();
    }
}
