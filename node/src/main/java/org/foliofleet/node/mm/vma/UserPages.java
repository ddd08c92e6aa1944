package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Held;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaCommand.GetError;
import org.foliofleet.protocol.message.VmaCommand.GetPages;
import org.foliofleet.protocol.message.VmaCommand.GotPages;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * {@code __get_user_pages()} and {@code gup_fast()}, mm/gup.c (R5.1 to R5.6): finds the pages that entries name, faults
 * where they do not permit the access, and takes references.
 *
 * <p>References are asked for right after the entries were read, so that they reach the node before any news that the
 * entries are gone.
 */
final class UserPages {
    private static final int FAULTS_PER_FLIGHT = 32;

    /**
     * How far the entries permit the access, on one node.
     *
     * @param pages what references are to be taken of
     * @param next  first page that was not looked at, or needs a fault
     * @param fault whether it needs one
     * @param entry what it has, or null
     * @param until the run of pages that have the same entry ends here
     */
    record Found(PageRuns pages, long next, boolean fault, Pte entry, long until) {}

    private UserPages() {}

    static GotPages get(Vma vma, GetPages request, Turn turn) {
        long page = request.range().start();
        long end = request.range().end();
        PageRuns held = request.got();
        boolean fast = request.fast();
        if (turn.step(() -> !permits(vma.info, request))) {
            return new GotPages(page, GetError.REFUSED, held, fast);
        }
        int faults = 0;
        while (true) {
            if (faults == FAULTS_PER_FLIGHT) {
                return turn.continueAs(new GetPages(PageRange.between(page, end), request.write(), request.force(), request.hold(), fast,
                        request.task(), request.content(), held));
            }
            long from = page;
            boolean silent = fast;
            Found found = turn.step(() -> follow(vma, from, end, request, silent, turn));
            if (!found.pages().isEmpty() && request.hold() != Hold.NONE) {
                PageRuns pages = found.pages();
                Held taken = turn.ask(nodeOf(pages), new NumaNodeCommand.TakeHolds(request.hold(), pages));
                held = held.followedBy(pages.first(taken.pages()));
                if (request.hold() == Hold.PIN) {
                    turn.run(() -> Charges.pin(taken.pages(), turn));
                }
                if (taken.refused()) {
                    return new GotPages(pages.page(taken.pages()), GetError.LIMIT, held, fast);
                }
                if (taken.pages() < pages.pages()) {
                    page = pages.page(taken.pages());
                    faults++;
                    continue;
                }
            }
            page = found.next();
            if (page == end) {
                return new GotPages(end, null, held, fast);
            }
            if (!found.fault()) {
                continue;
            }
            fast = false;
            faults++;
            GetError error = fault(vma, request, found, end, turn);
            if (error != null) {
                return new GotPages(page, error, held, false);
            }
        }
    }

    private static NumaNodeId nodeOf(PageRuns runs) {
        return new NumaNodeId(Frame.node(runs.entry(0).frame(runs.start(0))));
    }

    /** {@code check_vma_flags()} (R5.1). */
    private static boolean permits(VmaInfo info, GetPages request) {
        if (info.has(VmaFlags.IO | VmaFlags.PFNMAP)) {
            return false;
        }
        if (request.write()) {
            return info.has(VmaFlags.WRITE) || request.force() && info.isCow();
        }
        return info.has(VmaFlags.READ) || request.force();
    }

    /** {@code faultin_page()}. */
    private static GetError fault(Vma vma, GetPages request, Found found, long end, Turn turn) {
        Pte entry = found.entry();
        boolean unshare = !request.write() && entry != null && (entry.isPresent() || entry.state() == Pte.State.ZERO);
        if (entry != null && entry.state() == Pte.State.POISON) {
            return GetError.POISON;
        }
        if (entry != null && entry.has(Pte.SPECIAL) && (!request.write() || entry.has(Pte.WRITE))) {
            return GetError.FAULT; // there is no struct page to refer to: -EEXIST within the kernel (R14.7)
        }
        long until = found.until();
        if (request.hold() != Hold.NONE && entry != null && entry.isPresent() && entry.order() > 0 && !entry.isPmd()) {
            until = found.next() + 1; // what is taken of this page decides whether the next one can be reused
        }
        FaultError error = Touching.resolve(new Fault(vma, found.next(), until, end, request.write(), unshare, request.task(), entry), turn);
        if (error == null) {
            return null;
        }
        return error == FaultError.OOM ? GetError.OOM : GetError.FAULT;
    }

    /** {@code follow_page_mask()} from one page on, as far as no fault is needed. Within a step. */
    private static Found follow(Vma vma, long from, long end, GetPages request, boolean fast, Turn turn) {
        PageRuns.Builder pages = PageRuns.builder();
        PageRuns.Builder clean = PageRuns.builder();
        int node = -1;
        long page = from;
        Found found = null;
        while (page < end) {
            Pte entry = vma.pages.get(page);
            long until = Math.min(end, vma.pages.runEnd(page));
            if (isPassed(entry, request)) {
                page = until;
                continue;
            }
            if (!isFollowed(vma, entry, request)) {
                found = new Found(null, page, true, entry, until);
                break;
            }
            if (entry.isPresent()) {
                int itsNode = Frame.node(entry.frame(page));
                if (node >= 0 && itsNode != node) {
                    found = new Found(null, page, false, entry, until);
                    break;
                }
                node = itsNode;
                pages.add(page, until - page, entry);
                if (!fast) {
                    touch(vma, page, until, entry, request, clean, turn);
                }
            }
            page = until;
        }
        PageRuns all = pages.build();
        if (!all.isEmpty()) {
            written(all, clean.build(), request, turn);
        }
        return found == null ? new Found(all, end, false, null, end) : new Found(all, found.next(), found.fault(), found.entry(), found.until());
    }

    /** Who only wants pages to be there is content with special entries ({@code follow_pfn_pte()}). */
    private static boolean isPassed(Pte entry, GetPages request) {
        return entry != null && entry.has(Pte.SPECIAL) && request.hold() == Hold.NONE && request.content() == null
                && (!request.write() || entry.has(Pte.WRITE));
    }

    /** {@code can_follow_write_pte()}, {@code gup_must_unshare()} (R4.10, R5.2). */
    private static boolean isFollowed(Vma vma, Pte entry, GetPages request) {
        if (entry == null || entry.has(Pte.SPECIAL) || entry.has(Pte.NUMA_HINT) && request.write() || !entry.isPresent() && entry.state() != Pte.State.ZERO) {
            return false;
        }
        if (entry.has(Pte.WRITE)) {
            return true;
        }
        if (request.write()) {
            return request.force() && !vma.info.has(VmaFlags.WRITE) && entry.isPresent() && entry.isAnon() && entry.has(Pte.EXCLUSIVE)
                    && !entry.has(Pte.UFFD_WP);
        }
        if (request.hold() != Hold.PIN) {
            return true;
        }
        return entry.isPresent() && entry.isAnon() ? entry.has(Pte.EXCLUSIVE) : !vma.info.isCow();
    }

    /** FOLL_TOUCH. Within a step. */
    private static void touch(Vma vma, long page, long until, Pte entry, GetPages request, PageRuns.Builder clean, Turn turn) {
        if (entry.isPmd()) {
            int set = request.write() ? Pte.YOUNG | Pte.DIRTY : Pte.YOUNG;
            if ((entry.flags() & set) != set) {
                turn.emit(new VmaEvents.FlagsChanged(PageOrder.alignDown(page, PageOrder.PMD), PageOrder.alignUp(until, PageOrder.PMD), set, 0));
            }
        } else if (request.write() && !entry.has(Pte.DIRTY)) {
            clean.add(page, until - page, entry);
        }
    }

    /** Tells the node of stores, and of pages that are dirty though their entries are not. Within a step. */
    private static void written(PageRuns pages, PageRuns clean, GetPages request, Turn turn) {
        if (request.content() != null) {
            turn.send(nodeOf(pages), new NumaNodeCommand.StoreContents(pages, request.content().tag(), request.content().same()));
            turn.send(nodeOf(pages), new NumaNodeCommand.MarkDirty(pages));
        } else if (!clean.isEmpty()) {
            turn.send(nodeOf(pages), new NumaNodeCommand.MarkDirty(clean));
        }
    }
}
