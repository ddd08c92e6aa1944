package org.foliofleet.coordinator.embedded;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.foliofleet.coordinator.experiment.DeferredView;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.FoliosView;
import org.foliofleet.coordinator.experiment.FoliosView.FolioView;
import org.foliofleet.coordinator.experiment.MachineJournals;
import org.foliofleet.node.journal.BranchPoints;
import org.foliofleet.node.journal.CommittedNodes;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.mm.numa.DeferredQueue;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.protocol.id.Frame;

/** Machines as their journals have them; looked at one at a time, so that no more than one is in memory. */
final class JournaledMachines implements MachineJournals {
    private static final Comparator<FolioView> LEAST_FIRST = Comparator.comparingLong(FolioView::references)
            .thenComparing(Comparator.comparingInt(FolioView::node).thenComparingLong(FolioView::frame).reversed());

    private final JournalDatabase database;

    JournaledMachines(JournalDatabase database) {
        this.database = database;
    }

    @Override
    public List<Long> branchPoints(String machine) {
        return BranchPoints.list(database, machine).stream().map(BranchPoints.Point::number).toList();
    }

    @Override
    public synchronized FoliosView folios(String id, String machine, int most) {
        CommittedNodes committed = read(id, machine);
        if (committed == null) {
            return MachineJournals.super.folios(id, machine, most);
        }
        PriorityQueue<FolioView> top = new PriorityQueue<>(LEAST_FIRST);
        for (int node = 0; node < committed.nodes().size(); node++) {
            int number = node;
            committed.nodes().get(node).folios().forEach((start, pages, folio) -> {
                if (top.size() < most || folio.references() > top.peek().references()) {
                    top.add(view(number, start, pages >> folio.order(), folio));
                    if (top.size() > most) {
                        top.remove();
                    }
                }
            });
        }
        List<FolioView> folios = new ArrayList<>(top);
        folios.sort(LEAST_FIRST.reversed());
        return new FoliosView(id, machine, committed.epoch(), committed.tick(), folios);
    }

    @Override
    public synchronized DeferredView deferred(String id, String machine, int most) {
        CommittedNodes committed = read(id, machine);
        if (committed == null) {
            return MachineJournals.super.deferred(id, machine, most);
        }
        List<DeferredView.Queue> queues = new ArrayList<>();
        for (int number = 0; number < committed.nodes().size(); number++) {
            NumaNode node = committed.nodes().get(number);
            DeferredQueue queue = node.deferredQueue();
            List<FolioView> folios = new ArrayList<>();
            for (int cgroup : queue.cgroups()) {
                for (long at = queue.first(cgroup); at >= 0 && folios.size() < most;) {
                    Folio folio = node.folio(queue.headAt(at));
                    folios.add(view(number, queue.headAt(at), 1, folio));
                    at = queue.next(at + folio.pages());
                }
            }
            queues.add(new DeferredView.Queue(number, queue.length(), queue.pages(), queue.peak(), queue.ever(), folios));
        }
        return new DeferredView(id, machine, committed.epoch(), committed.tick(), queues);
    }

    private CommittedNodes read(String id, String machine) {
        try {
            return CommittedNodes.read(database, id + "/" + machine);
        } catch (JournalDamage e) {
            throw new ExperimentProblem(Kind.CONFLICT, "machine " + id + "/" + machine + " cannot be looked at now; try again");
        } catch (IllegalStateException e) {
            throw new ExperimentProblem(Kind.UNAVAILABLE, e.getMessage());
        }
    }

    private static FolioView view(int node, long start, long alike, Folio folio) {
        String kind = folio.has(Folio.KSM) ? "ksm" : folio.isAnon() ? "anon" : folio.has(Folio.DRIVER) ? "driver" : "cache";
        List<String> marks = new ArrayList<>();
        mark(marks, folio, Folio.MLOCKED, "mlocked");
        mark(marks, folio, Folio.PARTIALLY_MAPPED, "partially_mapped");
        mark(marks, folio, Folio.DEFERRED, "deferred");
        mark(marks, folio, Folio.SWAPCACHE, "swapcache");
        mark(marks, folio, Folio.DIRTY, "dirty");
        mark(marks, folio, Folio.SATURATED, "saturated");
        return new FolioView(node, Frame.number(start), alike, folio.order(), kind, folio.references(), folio.mapcount(), folio.pins(),
                folio.mappedPages(), marks);
    }

    private static void mark(List<String> marks, Folio folio, int flag, String word) {
        if (folio.has(flag)) {
            marks.add(word);
        }
    }
}
