package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;

/** What a collapsing file asks of the processes that map it: walks of {@code i_mmap} in {@code collapse_file()} (R9.9). */
final class FileBlocks {
    private FileBlocks() {}

    /** {@code retract_page_tables()}. */
    static Void retract(Process process, Collapse.Retract request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        List<VmaInfo> vmas = turn.step(() -> mappingWhole(process, request.file(), request.index()));
        List<OwnerId> to = new ArrayList<>();
        List<Command<Void>> requests = new ArrayList<>();
        for (VmaInfo vma : vmas) {
            to.add(vma.id());
            requests.add(new Collapse.RetractTable(vma.addressOf(request.index())));
        }
        turn.askAll(to, requests);
        return null;
    }

    /** PMD entries in all VMAs at once, which the kernel leaves to their faults. */
    static Void installEverywhere(Process process, Collapse.InstallEverywhere request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        List<VmaInfo> vmas = turn.step(() -> mappingWhole(process, request.file(), request.index()));
        List<OwnerId> to = new ArrayList<>();
        List<Command<Result>> requests = new ArrayList<>();
        for (VmaInfo vma : vmas) {
            to.add(vma.id());
            requests.add(new Collapse.MapPmd(vma.addressOf(request.index()), true));
        }
        turn.askAll(to, requests);
        return null;
    }

    private static List<VmaInfo> mappingWhole(Process process, AddressSpaceId file, long index) {
        return mapping(process, file, index).stream().filter(vma -> {
            long block = vma.addressOf(index);
            return PageOrder.isAligned(block, PageOrder.PMD) && block >= vma.start() && block + PageOrder.PMD_PAGES <= vma.end();
        }).toList();
    }

    static Boolean watchesHoles(Process process, Collapse.WatchesHoles request, Turn turn) {
        return mapping(process, request.file(), request.index()).stream().anyMatch(vma -> vma.has(VmaFlags.UFFD_MISSING));
    }

    private static List<VmaInfo> mapping(Process process, AddressSpaceId file, long index) {
        List<VmaInfo> all = new ArrayList<>();
        process.vmas.forEach(0, Long.MAX_VALUE, vma -> {
            boolean overlaps = vma.pageOffset() < index + PageOrder.PMD_PAGES && vma.pageOffset() + vma.pages() > index;
            if (file.equals(vma.file()) && overlaps) {
                all.add(vma);
            }
        });
        return all;
    }
}
