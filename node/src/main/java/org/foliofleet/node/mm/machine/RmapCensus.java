package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.anon.AnonVmaRoot;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.ksm.Ksmd;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * Whether reclaim, migration and splitting would find what is mapped: the walk from a folio comes to every entry that maps
 * it (R1.16, R6.4, R12.6). Quiet machines only.
 */
public final class RmapCensus {
    private RmapCensus() {}

    /** Every mapped page that the walk from its folio does not come to, and why. */
    public static List<String> outOfReach(Machine machine) {
        List<String> missed = new ArrayList<>();
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> {
                    if (entry.isPresent() && !entry.has(Pte.SPECIAL)) {
                        for (long page = start; page < start + count; page++) {
                            long frame = entry.frame(page);
                            String why = missed(machine, vma, page, frame, machine.node(Frame.node(frame)).folio(frame));
                            if (why != null) {
                                missed.add(vma.id() + ": " + why);
                            }
                        }
                    }
                });
            }
        }
        return missed;
    }

    /** Why the walk does not come to this entry, or null. */
    static String missed(Machine machine, Vma vma, long page, long frame, Folio folio) {
        VmaInfo info = vma.info();
        int process = ((OwnerId.VmaId) vma.id()).process();
        if (folio.has(Folio.KSM)) {
            return merged(machine, info, process, page, frame, folio);
        }
        String unfound = "page " + page + " of " + info + " is not found by the rmap of its folio " + folio + ", index " + (frame + folio.indexDelta());
        if (folio.has(Folio.DRIVER)) {
            return null; // no rmap finds it, and none looks for it
        }
        if (!folio.isAnon()) {
            if (!folio.has(Folio.CACHED)) {
                return "page " + page + " of " + info + " maps a folio that left the page cache: " + folio;
            }
            return info.file() == null || info.file().key() != folio.mapping() || frame + folio.indexDelta() != info.pageOffsetOf(page) ? unfound : null;
        }
        if (info.anonVma() == null || info.anonVma().root().key() != folio.mapping() || frame + folio.indexDelta() != info.pageOffsetOf(page)) {
            return unfound;
        }
        boolean known = machine.owner(info.anonVma().root()) instanceof AnonVmaRoot root && root.hasMember(process);
        return known ? null : info.anonVma().root() + " does not know its process";
    }

    /** A KSM page is found where it was merged; in children of fork by the address at which their parent has it. */
    private static String merged(Machine machine, VmaInfo info, int process, long page, long frame, Folio folio) {
        Ksmd ksmd = (Ksmd) machine.owner(new KsmdId());
        boolean forked = info.anonVma() != null && info.anonVma().isForkChild();
        boolean found = forked || info.anonVma() != null && ksmd.finds(frame + folio.indexDelta(), process, page, info.anonVma().root());
        return found ? null : "page " + page + " of " + info + " is not among the items of its stable node: " + folio;
    }
}
