package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.Userfault.Done;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.message.Userfault.FillCache;
import org.foliofleet.protocol.message.Userfault.FillPages;
import org.foliofleet.protocol.message.Userfault.FilledCache;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.CollapsePolicies.UffdMinorResolve;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Errno;

/**
 * {@code mfill_atomic()}, mm/userfaultfd.c: UFFDIO_COPY, ZEROPAGE, CONTINUE and POISON fill empty entries, one after the
 * other up to the first that is not empty (R13.5).
 */
final class UserfaultFill {
    private UserfaultFill() {}

    static Done fill(Vma vma, FillPages request, Turn turn) {
        VmaInfo info = turn.step(() -> vma.info);
        long from = request.range().start();
        long end = request.range().end();
        if (request.fill() == Fill.CONTINUE && turn.step(() -> mayMapHuge(vma, from, request, turn))) {
            Done huge = continueHuge(vma, info, request, turn);
            if (huge != null) {
                return huge;
            }
        }
        boolean cached = info.has(VmaFlags.SHARED) && request.fill() != Fill.POISON || request.fill() == Fill.CONTINUE;
        long size = info.isAnonymous() || cached ? Long.MAX_VALUE : turn.ask(info.file(), new AddressSpaceCommand.ShmemSize());
        long stop = turn.step(() -> vacant(vma, from, end, request.fill(), turn));
        long sizeEnd = size == Long.MAX_VALUE || size > info.pageOffsetOf(end) ? end : Math.max(from, info.addressOf(size));
        long until = Math.min(stop, sizeEnd);
        Errno refusal = until == end ? null : sizeEnd <= stop ? Errno.EFAULT : Errno.EEXIST;
        if (until == from) {
            return new Done(0, refusal);
        }
        PageRange range = PageRange.between(from, until);
        Done done = cached ? fromCache(vma, info, range, request, turn)
                : request.fill() == Fill.COPY ? copy(vma, info, range, request, turn) : mark(vma, range, request.fill(), turn);
        return done.errno() != null || done.pages() < until - from ? done : new Done(done.pages(), refusal);
    }

    /** Whether a PMD entry could take the first page: {@code uffd_minor_resolve: pmd_if_folio_huge}. Within a step. */
    private static boolean mayMapHuge(Vma vma, long page, FillPages request, Turn turn) {
        return turn.context().settings().policies().collapse().uffdMinorResolve() == UffdMinorResolve.PMD_IF_FOLIO_HUGE
                && !request.writeProtect() && !vma.info.has(VmaFlags.UFFD_WP) && vma.isSuitable(page, PageOrder.PMD)
                && vma.pages.isClear(PageOrder.alignDown(page, PageOrder.PMD), PageOrder.PMD_PAGES);
    }

    /** Maps the whole folio of the first page by a PMD entry, beyond the request if need be; null if it is not a huge one. */
    private static Done continueHuge(Vma vma, VmaInfo info, FillPages request, Turn turn) {
        long from = request.range().start();
        long block = PageOrder.alignDown(from, PageOrder.PMD);
        long frame = turn.ask(info.file(), new Collapse.HugeFolio(info.pageOffsetOf(block)));
        if (frame < 0) {
            return null;
        }
        PageRuns entries = turn.ask(info.file(), new Collapse.MapHuge(info, block, frame, false)).runs();
        boolean mapped = turn.step(() -> {
            if (!entries.isEmpty() && vma.hasTable(block) && vma.pages.isClear(block, PageOrder.PMD_PAGES)) {
                turn.emit(new VmaEvents.TablesChanged(block >> PageOrder.PMD, 1, false));
            }
            Charges.fileFault(1, turn);
            return CollapseMapping.install(vma, block, entries, turn) == Collapse.Result.SUCCEED;
        });
        return mapped ? new Done(Math.min(request.range().end(), block + PageOrder.PMD_PAGES) - from, null) : null;
    }

    /**
     * The first page that is occupied. Page tables come to be up to there, that page's too. Markers of userfaultfd give way
     * to pages. Within a step.
     */
    private static long vacant(Vma vma, long from, long end, Fill fill, Turn turn) {
        boolean overMarkers = fill == Fill.COPY || fill == Fill.CONTINUE;
        long page = from;
        while (page < end) {
            Pte entry = vma.pages.get(page);
            if (entry != null && entry.isPmd()) {
                return page;
            }
            if (vma.isPmdNone(page)) {
                turn.emit(new VmaEvents.TablesChanged(page >> PageOrder.PMD, 1, true));
            }
            long block = Math.min(end, PageOrder.alignDown(page, PageOrder.PMD) + PageOrder.PMD_PAGES);
            if (entry == null) {
                page = Math.min(block, vma.pages.nextKey(page));
            } else if (overMarkers && (entry.state() == Pte.State.WP_MARKER || entry.state() == Pte.State.POISON)) {
                page = Math.min(block, vma.pages.runEnd(page));
            } else {
                return page;
            }
        }
        return end;
    }

    /** {@code mfill_atomic_pte_zeropage()}, {@code mfill_atomic_pte_poison()}. */
    private static Done mark(Vma vma, PageRange range, Fill fill, Turn turn) {
        Pte entry = fill == Fill.POISON ? Pte.POISON_MARKER : Pte.ZERO_PAGE;
        turn.run(() -> turn.emit(new VmaEvents.EntrySet(range.start(), range.count(), entry)));
        return new Done(range.count(), null);
    }

    /** {@code mfill_atomic_pte_copy()}: private memory gets folios of its own. */
    private static Done copy(Vma vma, VmaInfo info, PageRange range, FillPages request, Turn turn) {
        FrameRuns frames = AnonFault.allocate(vma, info, range.start(), 0, range.count(), false, request.task(), Purpose.USERFAULT,
                contents(range, request.content()), turn);
        if (frames.isEmpty()) {
            return new Done(0, Errno.ENOMEM);
        }
        return turn.step(() -> {
            int flags = Pte.ANON | Pte.EXCLUSIVE | Pte.YOUNG | Pte.DIRTY;
            if (request.writeProtect()) {
                flags |= Pte.UFFD_WP;
            } else if (vma.info.has(VmaFlags.WRITE)) {
                flags |= Pte.WRITE;
            }
            PageRuns.Builder entries = PageRuns.builder();
            long at = range.start();
            for (int i = 0; i < frames.size(); i++) {
                entries.add(at, frames.count(i), Pte.present(at, frames.start(i), 0, flags));
                at += frames.count(i);
            }
            long filled = install(vma, entries.build(), Fill.COPY, turn);
            Charges.userfaultCopy(filled, turn);
            return new Done(filled, null);
        });
    }

    /** What the caller's buffer holds for these pages. */
    private static ContentRuns contents(PageRange range, ContentTag content) {
        return new ContentRuns(java.util.List.of(new ContentRuns.Run(range.count(), content.tag(), content.same() ? -1 : range.start())));
    }

    /** Pages of the file's cache, new ones or those that are there. */
    private static Done fromCache(Vma vma, VmaInfo info, PageRange range, FillPages request, Turn turn) {
        FilledCache filled = turn.ask(info.file(), new FillCache(info, range, request.fill(), request.writeProtect(), request.content(),
                request.task()));
        return turn.step(() -> {
            long pages = install(vma, filled.entries(), request.fill(), turn);
            Charges.userfaultMap(pages, turn);
            return new Done(pages, pages < filled.entries().pages() ? null : filled.errno());
        });
    }

    /** Sets the entries up to the first page that somebody else has filled meanwhile; the others' pages go. Within a step. */
    private static long install(Vma vma, PageRuns entries, Fill fill, Turn turn) {
        long stop = entries.isEmpty() ? 0 : vacant(vma, entries.start(0), entries.end(entries.size() - 1), fill, turn);
        PageRuns.Builder set = PageRuns.builder();
        PageRuns.Builder lost = PageRuns.builder();
        for (int i = 0; i < entries.size(); i++) {
            long cut = Math.max(entries.start(i), Math.min(stop, entries.end(i)));
            set.add(entries.start(i), cut - entries.start(i), entries.entry(i));
            lost.add(cut, entries.end(i) - cut, entries.entry(i));
        }
        PageRuns filled = set.build();
        FileFault.install(vma, filled, turn);
        PageRuns given = lost.build();
        if (!given.isEmpty()) {
            Zapping.release(vma, given, turn);
        }
        return filled.pages();
    }
}
