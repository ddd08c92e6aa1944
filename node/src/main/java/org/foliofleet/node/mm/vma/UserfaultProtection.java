package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Userfault.WriteProtect;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * {@code uffd_wp_range()}: {@code change_protection()} with MM_CP_UFFD_WP or MM_CP_UFFD_WP_RESOLVE (R13.4). Files get
 * markers where nothing is mapped, so that the protection outlives the entries; anonymous memory with
 * UFFD_FEATURE_WP_UNPOPULATED.
 */
final class UserfaultProtection {
    private UserfaultProtection() {}

    static Void change(Vma vma, WriteProtect request, Turn turn) {
        long from = request.range().start();
        long to = request.range().end();
        PmdSplit.atEdges(vma, from, to, turn);
        boolean file = turn.step(() -> !vma.info.isAnonymous());
        boolean markers = request.protect() && (file || request.unpopulated());
        if (request.protect() && file) {
            turn.run(() -> dropHuge(vma, from, to, turn));
        }
        turn.run(() -> {
            PageRuns.Builder changed = PageRuns.builder();
            PageRuns.Builder dropped = PageRuns.builder();
            vma.pages.forEachWithGaps(from, to, (start, count, entry) -> {
                if (entry == null) {
                    if (markers) {
                        changed.add(start, count, Pte.UFFD_WP_MARKER);
                    }
                } else if (entry.state() == Pte.State.WP_MARKER && !request.protect()) {
                    dropped.add(start, count, entry);
                } else {
                    changed.add(start, count, after(vma.info, entry, request.protect()));
                }
            });
            PageRuns set = changed.build();
            PageRuns gone = dropped.build();
            Charges.advise(set, turn);
            if (!set.isEmpty()) {
                turn.emit(new VmaEvents.EntriesSet(set));
            }
            for (int i = 0; i < gone.size(); i++) {
                turn.emit(new VmaEvents.EntriesCleared(gone.start(i), gone.count(i)));
            }
        });
        return null;
    }

    /** Huge entries of files cannot be protected: they go. */
    private static void dropHuge(Vma vma, long from, long to, Turn turn) {
        for (long page = vma.pages.nextKey(from); page < to; page = vma.pages.nextKey(page + PageOrder.PMD_PAGES)) {
            page = PageOrder.alignDown(page, PageOrder.PMD);
            PmdSplit.at(vma, page, turn);
        }
    }

    private static Pte after(VmaInfo info, Pte entry, boolean protect) {
        return switch (entry.state()) {
            case PRESENT -> {
                Pte plain = entry.without(Pte.NUMA_HINT | Pte.WRITE);
                if (entry.has(Pte.SPECIAL)) {
                    yield entry;
                }
                if (protect) {
                    yield plain.with(Pte.UFFD_WP);
                }
                Pte free = plain.without(Pte.UFFD_WP);
                yield Protection.isWritable(info, free) ? free.with(Pte.WRITE) : free;
            }
            case ZERO, SWAP -> protect ? entry.with(Pte.UFFD_WP) : entry.without(Pte.UFFD_WP);
            case MIGRATION -> protect ? entry.without(Pte.WRITE).with(Pte.UFFD_WP) : entry.without(Pte.WRITE | Pte.UFFD_WP);
            default -> entry;
        };
    }

    /** Whether a write fault on this entry is one for userfaultfd ({@code userfaultfd_pte_wp()}). */
    static boolean isNotified(VmaInfo info, Pte entry) {
        return info.has(VmaFlags.UFFD_WP) && entry.has(Pte.UFFD_WP);
    }

    /** What zapping leaves of an entry of a file: {@code pte_install_uffd_wp_if_needed()}, and markers that are there. */
    static boolean leavesMarker(VmaInfo info, Pte entry) {
        if (info.isAnonymous()) {
            return false;
        }
        return entry.state() == Pte.State.WP_MARKER
                || isNotified(info, entry) && (entry.isPresent() || entry.state() == Pte.State.SWAP || entry.state() == Pte.State.ZERO);
    }
}
