package org.foliofleet.node.mm.machine;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;

/** Compares the pins and plain references that folios count with those that processes hold. Quiet machines only. */
final class HoldCensus {
    private final Machine machine;
    /** By first frame of the folio. */
    private final Map<Long, Long> pins = new TreeMap<>();
    private final Map<Long, Long> gets = new TreeMap<>();

    private HoldCensus(Machine machine) {
        this.machine = machine;
    }

    static void check(Machine machine) {
        HoldCensus census = new HoldCensus(machine);
        for (Owner owner : machine.owners()) {
            if (owner instanceof Process process) {
                process.forEachHold((hold, frames) -> census.count(process, hold, frames));
            }
        }
        for (Owner owner : machine.owners()) {
            if (owner instanceof NumaNode node) {
                node.folios().forEach((start, count, folio) -> {
                    for (long head = start; head < start + count; head += folio.pages()) {
                        census.compare(node, head, folio);
                    }
                });
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
                (hold == Hold.PIN ? pins : gets).merge(Frame.head(frame, folio.order()), 1L, Long::sum);
            }
        }
    }

    private void compare(NumaNode node, long head, Folio folio) {
        long pinned = pins.getOrDefault(head, 0L);
        long got = gets.getOrDefault(head, 0L);
        if (pinned != folio.pins() || got > folio.gets()) {
            throw Invariants.violation(machine, node, "processes hold " + pinned + " pins and " + got + " references of the folio at frame "
                    + Frame.number(head) + ": " + folio);
        }
    }
}
