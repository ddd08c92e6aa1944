package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.AtProcess;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code rmap_walk_anon()} and {@code rmap_walk_file()} within one process: which VMAs may map the pages (R6.4). */
final class RmapWalking {
    private RmapWalking() {}

    static Result walk(Process process, AtProcess request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        RmapWalk walk = request.walk();
        List<VmaId> vmas = turn.step(() -> mappers(process, walk));
        Result sum = Result.NOTHING;
        for (VmaId vma : vmas) {
            sum = sum.and(turn.ask(vma, new RmapWalk.AtVma(walk)));
            if (sum.stopped()) {
                break;
            }
        }
        return sum;
    }

    /** The VMAs whose part of the mapping overlaps the pages, by address. */
    private static List<VmaId> mappers(Process process, RmapWalk walk) {
        List<VmaId> vmas = new ArrayList<>();
        long from = walk.index();
        long to = from + walk.pages();
        process.vmas.forEach(vma -> {
            if (vma.pageOffset() < to && vma.pageOffset() + vma.pages() > from && isOfMapping(vma, walk.mapping())) {
                vmas.add(vma.id());
            }
        });
        return List.copyOf(vmas);
    }

    private static boolean isOfMapping(VmaInfo vma, long mapping) {
        return vma.anonVma() != null && vma.anonVma().root().key() == mapping || vma.file() != null && vma.file().key() == mapping;
    }
}
