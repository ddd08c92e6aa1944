package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * What must hold across all owners of a machine (MM-SEMANTICS, appendix B). {@link #quiet} looks at everything, which
 * takes time and memory in proportion to the mappings, and is for a machine in which nothing is under way; {@link
 * #always} holds between any two ticks.
 */
public final class Invariants {
    private final Machine machine;

    private Invariants(Machine machine) {
        this.machine = machine;
    }

    /**
     * Checks what holds between any two ticks: each owner by itself, and the linear audit.
     *
     * @throws InvariantViolation naming tick, owner and evidence
     */
    public static void always(Machine machine) {
        Audit.check(machine);
        Invariants invariants = new Invariants(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                invariants.framesAreFreeOrInAFolio(node);
                invariants.foliosAgreeWithThemselves(node);
            } else if (owner instanceof Vma vma && vma.info() != null) {
                invariants.entriesAgreeWithThemselves(vma);
            }
        }
    }

    /**
     * Checks everything in a machine in which nothing is under way.
     *
     * @throws InvariantViolation naming tick, owner and evidence
     */
    public static void quiet(Machine machine) {
        Invariants invariants = new Invariants(machine);
        invariants.nothingIsUnderWay();
        always(machine);
        invariants.vmasAreThoseOfTheirProcesses();
        MappingCensus.check(machine);
        HoldCensus.check(machine);
        SwapCensus.check(machine);
        CacheCensus.check(machine);
        CounterCensus.check(machine);
        CgroupCensus.check(machine);
    }

    static InvariantViolation violation(Machine machine, Owner owner, String evidence) {
        return new InvariantViolation("tick " + machine.tick() + ", " + owner.id() + ": " + evidence);
    }

    private void require(boolean holds, Owner owner, Supplier<String> evidence) {
        if (!holds) {
            throw violation(machine, owner, evidence.get());
        }
    }

    private void nothingIsUnderWay() {
        for (Owner owner : machine.owners()) {
            require(owner.flights().isEmpty(), owner, () -> "the machine is quiet, but waits in " + owner.flights());
        }
    }

    // -- one owner -----------------------------------------------------------------------------------------------

    private void framesAreFreeOrInAFolio(NumaNode node) {
        RunSet used = new RunSet();
        node.folios().forEach((start, count, folio) -> used.add(Frame.number(start), count));
        long[] free = {0};
        node.frames().forEachFree((start, count) -> {
            free[0] += count;
            long next = used.next(start);
            require(next >= start + count, node, () -> "frame " + next + " is free, but in the folio "
                    + node.folio(Frame.of(node.number(), next)));
        });
        require(free[0] == node.frames().freePages(), node, () -> "counts " + node.frames().freePages() + " free frames, but " + free[0] + " are");
        require(free[0] + used.size() == node.frames().frames(), node, () -> free[0] + " frames are free and " + used.size()
                + " in folios, of " + node.frames().frames());
        node.contents().forEach((start, count, content) -> require(used.contains(Frame.number(start), count), node,
                () -> "free frames from " + Frame.number(start) + " on keep the content " + content));
    }

    private void foliosAgreeWithThemselves(NumaNode node) {
        long[] queued = {0};
        long[] written = {0};
        node.folios().forEach((start, count, folio) -> {
            Supplier<String> name = () -> "folio at frame " + Frame.number(start) + ": " + folio;
            require(PageOrder.isAligned(Frame.number(start), folio.order()) && count % folio.pages() == 0, node, () -> "not aligned: " + name.get());
            require(folio.references() > 0, node, () -> "nobody refers to the " + name.get());
            require(folio.entire() >= 0 && !folio.counts().hasNegative() && folio.pins() >= 0 && folio.gets() >= 0, node,
                    () -> "a negative count in the " + name.get());
            require(folio.counts().pages() == folio.pages(), node, () -> "counts of another size in the " + name.get());
            if (folio.isLarge()) {
                long mapcount = folio.mapcount();
                require(folio.mm0Count() <= mapcount && folio.mm1Count() <= mapcount, node, () -> "an mm maps it more often than all do, the " + name.get());
                require(mapcount > 0 || folio.mm0() == 0 && folio.mm1() == 0 && !folio.has(Folio.MM_SHARED), node,
                        () -> "unmapped, but tracks an mm, the " + name.get());
            }
            if (folio.has(Folio.WRITEBACK)) {
                require(folio.has(Folio.SWAPCACHE) && node.writtenAt(start) >= 0 && node.writtenAt(start + count - 1) >= 0, node,
                        () -> "under writeback, but in no swap cache or without an end: " + name.get());
                written[0] += count;
            }
            boolean onQueue = node.deferredQueue().contains(start);
            require(!folio.has(Folio.PARTIALLY_MAPPED) || folio.isAnon() && folio.order() >= 2, node,
                    () -> "partially mapped, but small or no anonymous folio: " + name.get());
            // what a scan looks at is not on the queue meanwhile
            require(onQueue == folio.has(Folio.DEFERRED) || !onQueue && folio.gets() > 0, node, () -> (onQueue ? "queued for splitting without knowing it: " : "not queued for splitting: ") + name.get());
            queued[0] += onQueue ? count : 0;
        });
        CgroupCensus.check(node);
        require(written[0] == node.underWriteback(), node, () -> node.underWriteback() + " pages are being written, but " + written[0]
                + " under writeback");
        require(queued[0] == node.deferredQueue().pages(), node, () -> "the deferred split queue has " + node.deferredQueue().pages()
                + " pages, its folios " + queued[0]);
    }

    private void entriesAgreeWithThemselves(Vma vma) {
        VmaInfo info = vma.info();
        vma.pages().forEach((start, count, entry) -> {
            Supplier<String> name = () -> "entry of pages " + start + "+" + count + ": " + entry;
            require(start >= info.start() && start + count <= info.end(), vma, () -> "outside " + info.start() + ".." + info.end() + ", " + name.get());
            require(!entry.isPmd() || PageOrder.isAligned(start, PageOrder.PMD) && count % PageOrder.PMD_PAGES == 0, vma,
                    () -> "a huge entry of a part of a block, " + name.get());
            if (entry.isPresent() && entry.isAnon()) {
                require(!entry.has(Pte.WRITE) || entry.has(Pte.EXCLUSIVE), vma, () -> "writable, but not exclusive, " + name.get());
                require(!entry.has(Pte.KSM) || !entry.has(Pte.EXCLUSIVE), vma, () -> "exclusive in spite of KSM, " + name.get());
            }
            require(!entry.isPmd() || !entry.isPresent() || PageOrder.isAligned(Frame.number(entry.frame(start)), PageOrder.PMD), vma,
                    () -> "a huge entry of an unaligned folio, " + name.get());
        });
    }

    // -- several owners ------------------------------------------------------------------------------------------

    private void vmasAreThoseOfTheirProcesses() {
        List<VmaInfo> known = new ArrayList<>();
        for (Owner owner : machine.owners()) {
            if (owner instanceof Process process) {
                process.vmas().forEach(info -> {
                    known.add(info);
                    Owner its = machine.owner(info.id());
                    require(its instanceof Vma vma && info.equals(vma.info()), process, () -> "knows " + info + ", which knows itself as "
                            + (its == null ? "nothing: it does not exist" : ((Vma) its).info()));
                });
            }
        }
        long vmas = machine.owners().stream().filter(owner -> owner instanceof Vma).count();
        if (vmas != known.size()) {
            for (Owner owner : machine.owners()) {
                if (owner instanceof Vma vma && known.stream().noneMatch(info -> info.id().equals(vma.id()))) {
                    Owner process = machine.owner(new OwnerId.ProcessId(((OwnerId.VmaId) vma.id()).process()));
                    throw violation(machine, vma, "exists with " + vma.info() + ", but " + (process == null ? "its process is gone" : "its process does not know it"));
                }
            }
        }
    }
}
