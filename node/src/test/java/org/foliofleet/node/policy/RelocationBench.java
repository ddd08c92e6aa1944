package org.foliofleet.node.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.RmapCensus;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.RelocateFlag;

/** A machine under switches of thread C, and what can be seen of its moves. */
final class RelocationBench {
    private final StatementBench bench = new StatementBench();

    /** @param switches names and values by turns */
    RelocationBench(String... switches) {
        for (int i = 0; i < switches.length; i += 2) {
            bench.set(switches[i], switches[i + 1]);
        }
    }

    String run(String... statements) {
        return bench.run(statements);
    }

    StatementBench bench() {
        return bench;
    }

    /** Moves pages of the arena with MREMAP_RELOCATE_ANON. */
    String relocate(String process, long from, long count, long to) {
        return move(process, from, count, to, RelocateFlag.RELOCATE);
    }

    String move(String process, long from, long count, long to, RelocateFlag flag) {
        return bench.call(process, new MemoryCall.Mremap(new PageRange(Arena.toPage(from), count), count, Arena.toPage(to), true, false, flag));
    }

    /** The VMAs of the process as start+length, from the beginning of the arena. */
    String vmas(String process) {
        List<String> vmas = new ArrayList<>();
        ((Process) bench.machine().owner(bench.machine().namespace().process(process))).vmas()
            .forEach((VmaInfo info) -> vmas.add(info.start() - Arena.toPage(0) + "+" + info.pages()));
        return String.join(" ", vmas);
    }

    /** What relocations did since the last time: counters by name, without those of 0. */
    String counted() {
        TreeMap<String, Long> changes = new TreeMap<>(bench.changes("reloc", "rmap_stale"));
        changes.remove("relocate_visits");
        return changes.toString();
    }

    /** Pages that the walks from their folios do not come to. */
    int outOfReach() {
        int pages = RmapCensus.outOfReach(bench.machine()).size();
        if (pages == 0) {
            Invariants.quiet(bench.machine());
        }
        return pages;
    }
}
