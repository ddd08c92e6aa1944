package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.RmapWalk.ListMappers;
import org.foliofleet.protocol.message.RmapWalk.Mapper;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * A process's part of the interval trees of anon_vmas, mm/interval_tree.c: a walk visits VMAs by their page offset, and of those
 * with the same one first who was put in first. Fork puts the child's VMAs in; a VMA that is cut or grows is taken out and put in
 * again ({@code anon_vma_interval_tree_pre_update_vma()}).
 */
final class IntervalTree {
    /** Tick at which fork put the process's VMAs in; 0 if it is nobody's child, -1 if it has no children either. */
    private long shared = -1;
    /** VMAs that were put in again since. */
    private final TreeMap<VmaId, Long> again = new TreeMap<>();

    /** The process forks, or is a child: it is of interest from now on when its VMAs are put in again. Within a step. */
    static void share(Process process, boolean child, Turn turn) {
        if (process.intervals.shared < 0) {
            turn.emit(new Shared(child ? turn.tick() : 0));
        }
    }

    /** VMAs come, or their ranges change. Within a step. */
    static void note(Process process, VmaEdit edit, Turn turn) {
        if (process.intervals.shared < 0) {
            return;
        }
        List<VmaId> changed = new ArrayList<>();
        for (VmaInfo info : edit.added()) {
            boolean same = edit.removed().stream().anyMatch(before -> before.id().equals(info.id())
                    && before.start() == info.start() && before.end() == info.end());
            if (info.anonVma() != null && !same) {
                changed.add(info.id());
            }
        }
        if (!changed.isEmpty()) {
            turn.emit(new PutInAgain(List.copyOf(changed), turn.tick()));
        }
    }

    /** VMAs that are no more; for events. */
    void forget(List<VmaInfo> removed, List<VmaInfo> added) {
        if (again.isEmpty()) {
            return;
        }
        Set<VmaId> stay = new HashSet<>();
        added.forEach(info -> stay.add(info.id()));
        for (VmaInfo info : removed) {
            if (!stay.contains(info.id())) {
                again.remove(info.id());
            }
        }
    }

    static List<Mapper> list(Process process, ListMappers request, Turn turn) {
        List<Mapper> mappers = new ArrayList<>();
        RmapWalking.forEachMapper(process, request.mapping(), request.index(), request.pages(), vma -> mappers.add(
                new Mapper(vma.id(), vma.pageOffset(), process.intervals.again.getOrDefault(vma.id(), process.intervals.shared))));
        return List.copyOf(mappers);
    }

    private record Shared(long tick) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.intervals.shared = tick;
        }
    }

    private record PutInAgain(List<VmaId> vmas, long tick) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            vmas.forEach(vma -> process.intervals.again.put(vma, tick));
        }
    }
}
