package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaInfo;

/** What {@code fstat()}, {@code cachestat()} and {@code lseek()} say of a memfd, and smaps of its swapped pages. */
final class MemfdView {
    private MemfdView() {}

    static ModelView.Memfd of(String name, AddressSpace space) {
        long[] counts = new long[2];
        List<PageRange> data = new ArrayList<>();
        space.pages().forEach((start, count, page) -> {
            counts[page.swapped() ? 1 : 0] += count;
            // SEEK_HOLE ends at the size in bytes, and pages are counted as far as they are whole
            long end = Math.min(start + count, space.wholePages());
            if ((page.uptodate() || page.swapped()) && start < space.size()) {
                addData(data, start, end);
            }
        });
        return new ModelView.Memfd(name, space.wholePages(), counts[0] + counts[1], counts[0], counts[1], data);
    }

    private static void addData(List<PageRange> data, long start, long end) {
        int last = data.size() - 1;
        if (last >= 0 && data.get(last).end() == start) {
            data.set(last, PageRange.between(data.get(last).start(), end));
        } else {
            data.add(PageRange.between(start, end));
        }
    }

    /** The swap entries of the file that reach into the VMA, each by the virtual pages it would be mapped at. */
    static List<PageRange> evicted(VmaInfo vma, AddressSpace space) {
        List<PageRange> evicted = new ArrayList<>();
        space.pages().forEach(vma.pageOffset(), vma.pageOffset() + vma.pages(), (start, count, page) -> {
            if (page.swapped()) {
                long size = PageOrder.pages(page.order());
                for (long at = PageOrder.alignDown(start, page.order()); at < start + count; at += size) {
                    addOnce(evicted, new PageRange(vma.addressOf(at), size));
                }
            }
        });
        return evicted;
    }

    /** The pages of one entry may be in several runs. */
    private static void addOnce(List<PageRange> entries, PageRange entry) {
        if (entries.isEmpty() || !entries.get(entries.size() - 1).equals(entry)) {
            entries.add(entry);
        }
    }
}
