package org.foliofleet.node.mm.vma;

import java.util.List;
import org.foliofleet.node.mm.collection.RunVisitor;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * One walk over a parent's entries at the end of fork: whether the child shares all of them as they are now, what the
 * child maps then, and which kinds of entry there are, so that passes for rare ones can be left out.
 */
final class SharedEntries implements RunVisitor<Pte> {
    private final List<PageRuns> parts;
    private final int clear;
    private final PageRuns.Builder runs;
    private boolean alike = true;
    private int part;
    private int run;
    private int states;
    private int flags;

    private SharedEntries(Vma vma, VmaInfo child, List<PageRuns> parts) {
        this.parts = parts;
        clear = cleared(vma.info, child);
        runs = PageRuns.builder(parts.size() == 1 ? parts.get(0).size() : 0);
    }

    /** Flags that a child's entries do not have: write protection by userfaultfd goes with a registration only. */
    static int cleared(VmaInfo parent, VmaInfo child) {
        return Pte.YOUNG | Pte.EXCLUSIVE | (child.has(VmaFlags.UFFD_WP) ? 0 : Pte.UFFD_WP) | (parent.isCow() ? Pte.WRITE : Pte.DIRTY);
    }

    /** @param parts what the node said the child shares, and copies; ascending within each part */
    static SharedEntries of(Vma vma, VmaInfo child, List<PageRuns> parts) {
        SharedEntries walk = new SharedEntries(vma, child, parts);
        vma.pages.forEach(walk);
        return walk;
    }

    /** What the child maps, if it shares all that the parent has now; otherwise null. */
    PageRuns childs() {
        return alike && part == parts.size() ? runs.build() : null;
    }

    /** Whether the parent has an entry in this state. */
    boolean has(Pte.State state) {
        return (states >> state.ordinal() & 1) != 0;
    }

    /** Whether any of these flags may be set in a shared entry. */
    boolean mayHave(int wanted) {
        return !alike || part != parts.size() || (flags & wanted) != 0;
    }

    @Override
    public void run(long start, long count, Pte now) {
        states |= 1 << now.state().ordinal();
        long end = start + count;
        long page = start;
        while (alike && page < end) {
            PageRuns shared = part < parts.size() ? parts.get(part) : PageRuns.NONE;
            if (run >= shared.size() || shared.start(run) != page || shared.end(run) > end || !now.isPresent()) {
                alike = false;
                return;
            }
            Pte entry = shared.entry(run);
            if (entry != now && entry.delta() != now.delta()) {
                alike = false;
                return;
            }
            flags |= entry.flags();
            runs.add(page, shared.count(run), entry.without(clear));
            page = shared.end(run);
            if (++run == shared.size()) {
                part++;
                run = 0;
            }
        }
    }
}
