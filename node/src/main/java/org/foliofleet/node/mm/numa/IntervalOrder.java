package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.RmapWalk.ListMappers;
import org.foliofleet.protocol.message.RmapWalk.Mapper;

/**
 * The order in which {@code rmap_walk_anon()} comes to the VMAs of several processes: that of the interval tree. It shows where
 * entries of a large folio are taken away, as what is left after each decides whether the folio is partially mapped (R6.8).
 */
final class IntervalOrder {
    private IntervalOrder() {}

    /** VMAs of one process that follow one another in the tree. */
    record Visit(ProcessId process, List<VmaId> vmas) {}

    /**
     * @param first visits of VMAs whose process has others later in the tree
     * @param last  the processes as their last VMA comes; the rest of each is visited then, and what came to it meanwhile
     */
    record Visits(List<Visit> first, List<ProcessId> last) {}

    static boolean matters(RmapWalk walk, List<ProcessId> processes) {
        return walk.order() > 0 && processes.size() > 1 && OwnerId.of(walk.mapping()) instanceof AnonVmaRootId
                && (walk.action() instanceof RmapWalk.ToMigration || walk.action() instanceof RmapWalk.ToSwap
                        || walk.action() instanceof RmapWalk.Discard);
    }

    static Visits of(RmapWalk walk, List<ProcessId> processes, Turn turn) {
        ListMappers question = new ListMappers(walk.mapping(), walk.index(), walk.pages());
        List<Mapper> tree = new ArrayList<>();
        turn.askAll(processes, processes.stream().map(process -> question).toList()).forEach(tree::addAll);
        // a parent's are older than its children's where nothing else is known
        tree.sort(Comparator.comparingLong(Mapper::pageOffset).thenComparingLong(Mapper::inserted));
        List<Visit> all = new ArrayList<>();
        for (int i = 0; i < tree.size();) {
            int process = tree.get(i).vma().process();
            List<VmaId> vmas = new ArrayList<>();
            for (; i < tree.size() && tree.get(i).vma().process() == process; i++) {
                vmas.add(tree.get(i).vma());
            }
            all.add(new Visit(new ProcessId(process), List.copyOf(vmas)));
        }
        LinkedHashSet<ProcessId> backwards = new LinkedHashSet<>();
        List<Visit> first = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            if (!backwards.add(all.get(i).process())) {
                first.add(0, all.get(i));
            }
        }
        List<ProcessId> last = new ArrayList<>();
        backwards.forEach(process -> last.add(0, process));
        processes.stream().filter(process -> !backwards.contains(process)).forEach(last::add);
        return new Visits(List.copyOf(first), List.copyOf(last));
    }
}
