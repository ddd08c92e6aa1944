package org.foliofleet.node.mm.machine;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.cache.DeviceMemory;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.Pte;

/**
 * Compares the pins and plain references that folios count with those that processes and drivers hold (B1: with the mappings and the
 * caches, which others compare, they are all references), and looks whether pinned pages are still exclusive (B5). Quiet
 * machines only.
 */
final class HoldCensus {
    private final Machine machine;
    /** By first frame of the folio. */
    private final Map<Long, Long> pins = new TreeMap<>();
    private final Map<Long, Long> gets = new TreeMap<>();
    /** Frames that are pinned. */
    private final RunSet pinned = new RunSet();

    private HoldCensus(Machine machine) {
        this.machine = machine;
    }

    static void check(Machine machine) {
        HoldCensus census = new HoldCensus(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof Process process) {
                process.forEachHold((hold, frames) -> census.count(process, hold, frames));
            } else if (owner instanceof AddressSpace space && space.device() != null) {
                census.count(space, space.device());
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                node.folios().forEach((start, count, folio) -> {
                    for (long head = start; head < start + count; head += folio.pages()) {
                        census.compare(node, head, folio);
                    }
                });
            } else if (owner instanceof Vma vma) {
                vma.pages().forEach((start, count, entry) -> census.exclusive(vma, start, count, entry));
            }
        }
    }

    private void count(Process process, Hold hold, FrameRuns frames) {
        for (int i = 0; i < frames.size(); i++) {
            for (long frame = frames.start(i); frame < frames.start(i) + frames.count(i); frame++) {
                Folio folio = machine.node(Frame.node(frame)).folio(frame);
                if (folio == null) {
                    throw Invariants.violation(machine, process, "holds frame " + Frame.number(frame) + " (" + hold + "), which is free");
                }
                if (hold == Hold.PIN) {
                    pinned.add(frame, 1);
                }
                (hold == Hold.PIN ? pins : gets).merge(Frame.head(frame, folio.order()), 1L, Long::sum);
            }
        }
    }

    /** A driver holds one reference of each of its folios. */
    private void count(AddressSpace space, DeviceMemory memory) {
        for (int i = 0; i < memory.frames().size(); i++) {
            long start = memory.frames().start(i);
            for (long head = start; head < start + memory.frames().count(i); head += 1L << memory.order()) {
                Folio folio = machine.node(Frame.node(head)).folio(head);
                if (folio == null || !folio.has(Folio.DRIVER) || folio.order() != memory.order()) {
                    throw Invariants.violation(machine, space, "has frame " + Frame.number(head) + " for its device, but its folio is " + folio);
                }
                gets.merge(head, 1L, Long::sum);
            }
        }
    }

    /** A pin makes sure that the page is the process's own, and fork leaves it so. */
    private void exclusive(Vma vma, long start, long count, Pte entry) {
        if (!entry.isPresent() || !entry.isAnon() || entry.has(Pte.EXCLUSIVE)) {
            return;
        }
        long frame = pinned.next(entry.frame(start));
        if (frame < entry.frame(start) + count) {
            throw Invariants.violation(machine, vma, "page " + (start + frame - entry.frame(start)) + " is pinned, but not exclusive: " + entry);
        }
    }

    private void compare(NumaNode node, long head, Folio folio) {
        long pinning = pins.getOrDefault(head, 0L);
        long got = gets.getOrDefault(head, 0L);
        if (pinning != folio.pins() || got != folio.gets()) {
            throw Invariants.violation(machine, node, "processes and drivers hold " + pinning + " pins and " + got + " references of the folio at frame "
                    + Frame.number(head) + ": " + folio);
        }
    }
}
