package org.foliofleet.node.mm.measure;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;

/** What page tables say, page by page, with the folio of each looked up: slow and simple. */
final class PageByPage {
    private final Machine machine;
    final Map<Metric, Long> values = new HashMap<>();
    long vmasOfTrees;
    private final Set<Long> lockedFrames = new HashSet<>();
    /** By process and first frame of a large folio mapped by PTEs: the VMAs that map it. */
    private final Map<String, Set<Integer>> holders = new HashMap<>();
    private final Set<String> tables = new HashSet<>();
    private final Set<String> anonVmas = new HashSet<>();

    PageByPage(Machine machine) {
        this.machine = machine;
        for (Metric metric : new Metric[] {Metric.MAPPED, Metric.HUGE_COVERAGE, Metric.LOCKED_SHORTFALL, Metric.LOCKED_EXCESS, Metric.VMAS,
            Metric.KERNEL_META, Metric.ANON_VMAS, Metric.ANON_VMA_CHAINS}) {
            add(metric, 0);
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma && !vma.isGone() && vma.info() != null) {
                add(Metric.VMAS, 1);
                AnonVma anonVma = vma.info().anonVma();
                add(Metric.KERNEL_META, 192);
                if (anonVma != null) {
                    boolean seen = !anonVmas.add(vma.info().id().process() + " " + anonVma.root() + " " + anonVma.id());
                    add(Metric.ANON_VMAS, seen ? 0 : 1);
                    add(Metric.ANON_VMA_CHAINS, anonVma.chain().size());
                    add(Metric.KERNEL_META, (seen ? 0 : 104) + anonVma.chain().size() * 64L);
                }
                vma.pages().forEach((start, count, entry) -> {
                    for (long page = start; page < start + count; page++) {
                        page(vma, page, entry);
                    }
                });
            } else if (owner instanceof Process process && process.isAlive()) {
                vmasOfTrees += process.vmas().size();
                add(Metric.KERNEL_META, 1600 + 4096 + 256L * ((process.vmas().size() + 9) / 10));
            }
        }
        for (int i = 0; i < machine.topology().nodes().size(); i++) {
            machine.node(i).folios().forEach((start, count, folio) -> {
                for (long frame = start; folio.has(Folio.MLOCKED) && frame < start + count; frame++) {
                    add(Metric.LOCKED_EXCESS, lockedFrames.contains(frame) ? 0 : 1);
                }
            });
        }
        add(Metric.KERNEL_META, tables.size() * (4096L + 64));
        add(Metric.CROSSING_FOLIOS, holders.values().stream().filter(vmas -> vmas.size() > 1).count());
    }

    private void add(Metric metric, long value) {
        values.merge(metric, value, Long::sum);
    }

    private void page(Vma vma, long page, Pte entry) {
        int process = vma.info().id().process();
        tables.add(process + " " + (page >> PageOrder.PMD));
        if (!entry.isPresent()) {
            return;
        }
        add(Metric.MAPPED, 1);
        add(Metric.HUGE_COVERAGE, entry.isPmd() ? 1 : 0);
        long frame = entry.frame(page);
        Folio folio = machine.node(Frame.node(frame)).folio(frame);
        if (vma.info().has(VmaFlags.LOCKED) && folio != null) {
            lockedFrames.add(frame);
            add(Metric.LOCKED_SHORTFALL, folio.has(Folio.MLOCKED) ? 0 : 1);
        }
        if (entry.order() > 0 && !entry.isPmd()) {
            holders.computeIfAbsent(process + " " + entry.head(page), head -> new HashSet<>()).add(vma.info().id().serial());
        }
    }
}
