package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.AtProcess;
import org.foliofleet.protocol.message.RmapWalk.AtVmas;
import org.foliofleet.protocol.message.RmapWalk.Result;
import org.foliofleet.protocol.message.VmaInfo;

/** {@code rmap_walk_anon()} and {@code rmap_walk_file()} within one process: which VMAs may map the pages (R6.4). */
final class RmapWalking {
    private RmapWalking() {}

    static Result walk(Process process, AtProcess request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        return walk(turn.step(() -> mappers(process, request.walk())), request.walk(), turn);
    }

    static Result walk(Process process, AtVmas request, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        List<VmaId> vmas = turn.step(() -> {
            List<VmaId> there = mappers(process, request.walk());
            return request.vmas().stream().filter(there::contains).toList();
        });
        return walk(vmas, request.walk(), turn);
    }

    private static Result walk(List<VmaId> vmas, RmapWalk walk, Turn turn) {
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
        forEachMapper(process, walk.mapping(), walk.index(), walk.pages(), vma -> vmas.add(vma.id()));
        return List.copyOf(vmas);
    }

    static void forEachMapper(Process process, long mapping, long from, long pages, Consumer<VmaInfo> consumer) {
        process.vmas.forEach(vma -> {
            if (vma.pageOffset() < from + pages && vma.pageOffset() + vma.pages() > from && isOfMapping(vma, mapping)) {
                consumer.accept(vma);
            }
        });
    }

    private static boolean isOfMapping(VmaInfo vma, long mapping) {
        return vma.anonVma() != null && vma.anonVma().root().key() == mapping || vma.file() != null && vma.file().key() == mapping;
    }
}
