package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.conformance.Arena;
import org.foliofleet.node.conformance.StatementBench;
import org.foliofleet.node.mm.machine.Invariants;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.SplitOutcome;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand.TakeHolds;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.RmapWalk.Piece;
import org.junit.jupiter.api.Test;

/** Goal: splits end as R8.1 to R8.8 say, failed ones without a trace. Method: appendix A, and references that come at the wrong time. */
class FolioSplitTest {
    private static final NumaNodeId NODE = new NumaNodeId(0);
    private final StatementBench bench = new StatementBench();

    private Machine machine() {
        return bench.machine();
    }

    private Pte entry(long index) {
        return bench.entry("p0", index);
    }

    private long frame(long index) {
        return entry(index).frame(Arena.toPage(index));
    }

    private Folio folio(long frame) {
        return machine().node(0).folio(frame);
    }

    private SplitOutcome split(long frame, int newOrder, int page) {
        return machine().request(NODE, new SplitFolio(frame, 9, newOrder, page, false, Unless.NEVER));
    }

    private long thp() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 512");
        bench.changes("");
        return frame(0);
    }

    /** A.1. */
    @Test
    void aPartlyMappedFolioGivesItsUnmappedPagesBack() {
        long head = thp();
        assertEquals(1, folio(head).references());
        bench.run("p0 mprotect 0 1 r");
        assertEquals(512, folio(head).references());
        assertEquals(512, folio(head).mm0Count());
        bench.run("p0 munmap 256 256");
        assertEquals(256, folio(head).references());
        assertTrue(folio(head).has(Folio.PARTIALLY_MAPPED));
        bench.changes("");

        bench.run("shrink-slab");

        assertEquals(Map.of("thp_split_page", 1L, "2048k.split", 1L, "2048k.nr_anon", -1L, "2048k.nr_anon_partially_mapped", -1L),
                bench.changes("thp_", "2048k."));
        assertEquals(1, folio(head).references());
        assertEquals(0, folio(head + 255).order());
        assertNull(folio(head + 256), "nobody maps it");
        assertTrue(machine().node(0).deferredQueue().isEmpty());
        assertTrue(entry(100).has(Pte.EXCLUSIVE));
        Invariants.quiet(machine());
    }

    /** C8.d, and invariant 11 of appendix B. */
    @Test
    void aReferenceThatComesAfterTheEarlyCheckUndoesTheSplit() {
        long head = thp();
        Pte before = entry(0);
        long split = machine().submit(NODE, new SplitFolio(head, 9, 0, -1, false, Unless.NEVER));
        machine().step();
        machine().submit(NODE, new TakeHolds(Hold.GET, PageRuns.of(Arena.toPage(7), 1, before)));
        machine().runUntilQuiet();

        assertEquals(SplitOutcome.REFERENCED, machine().takeAnswer(split));
        assertEquals(Map.of("thp_split_page_failed", 1L, "thp_split_pmd", 1L, "2048k.split_failed", 1L), bench.changes("thp_", "2048k."));
        Folio folio = folio(head);
        assertEquals(9, folio.order());
        assertEquals(512, folio.mapcount());
        assertEquals(513, folio.references());
        assertFalse(folio.has(Folio.PARTIALLY_MAPPED));
        assertEquals(before.without(Pte.PMD), entry(0), "mapped as before, but by a page table");
        assertEquals(entry(0), entry(511));
    }

    @Test
    void aReferenceThatIsThereBeforeCostsNothingButACount() {
        long head = thp();
        Pte before = entry(0);
        bench.run("p0 getref r 200 1");
        String folio = folio(head).toString();

        assertEquals(SplitOutcome.REFERENCED, split(head, 0, -1));

        assertEquals(Map.of("thp_split_page_failed", 1L, "2048k.split_failed", 1L), bench.changes("thp_", "2048k."));
        assertEquals(before, entry(0));
        assertEquals(folio, folio(head).toString());
    }

    @Test
    void nobodyWaitsForALockThatIsTakenMeanwhile() {
        long head = thp();
        long first = machine().submit(NODE, new SplitFolio(head, 9, 0, -1, false, Unless.NEVER));
        long second = machine().submit(NODE, new SplitFolio(head, 9, 0, -1, false, Unless.NEVER));
        long third = machine().submit(NODE, new SplitFolio(head, 9, 0, -1, true, Unless.NEVER));
        machine().runUntilQuiet();

        assertEquals(SplitOutcome.SPLIT, machine().takeAnswer(first));
        assertEquals(SplitOutcome.LOCKED, machine().takeAnswer(second));
        assertEquals(SplitOutcome.GONE, machine().takeAnswer(third), "it waited, and then found pieces");
    }

    @Test
    void ordersThatAnonymousFoliosCannotHaveAreRefusedWithoutACount() {
        long head = thp();

        assertEquals(SplitOutcome.INVALID, split(head, 1, -1));
        assertEquals(SplitOutcome.INVALID, split(head, 9, -1));
        assertEquals(Map.of(), bench.changes("thp_", "2048k."));
    }

    @Test
    void aSplitToASmallerOrderKeepsLargePiecesAndTheirZeroPages() {
        bench.run("p0 mmap 0 512 rw private anon", "p0 madvise 0 512 hugepage", "p0 write 0 1");
        bench.changes("");

        assertEquals(SplitOutcome.SPLIT, split(frame(0), 4, -1));

        assertEquals(Map.of("2048k.nr_anon", -1L, "2048k.split", 1L, "64k.nr_anon", 32L), bench.changes("2048k.", "64k."));
        assertEquals(4, entry(300).order());
        assertEquals(16, folio(frame(300)).mapcount());
        Invariants.quiet(machine());
    }

    @Test
    void zeroFilledPagesOfAnOrder0SplitBecomeTheZeroPageUnlessLocked() {
        bench.run("p0 mmap 0 1024 rw private anon", "p0 madvise 0 1024 hugepage", "p0 write 0 1", "p0 write 512 1", "p0 mlock 512 512");

        split(frame(0), 0, -1);
        split(frame(512), 0, -1);

        assertEquals(Pte.State.ZERO, entry(1).state());
        assertTrue(entry(0).isPresent());
        assertEquals(Pte.State.PRESENT, entry(513).state());
        assertTrue(bench.flags("p0", 513).contains("mlocked"));
        Invariants.quiet(machine());
    }

    /** C8.f; anonymous folios leave out order 1 (R8.8). */
    @Test
    void nonUniformSplitsHalveAroundOnePage() {
        assertEquals(List.of(0, 0, 1, 2, 3, 4, 5, 6, 7, 8), orders(FolioSplitting.pieces(0, 9, 0, 0, false)));
        assertEquals(List.of(8, 7, 6, 5, 4, 3, 2, 1, 0, 0), orders(FolioSplitting.pieces(0, 9, 0, 511, false)));
        assertEquals(List.of(0, 0, 0, 0, 2, 3), orders(FolioSplitting.pieces(0, 4, 0, 2, true)));
        assertEquals(List.of(3, 2, 2), orders(FolioSplitting.pieces(0, 4, 2, 13, true)));
    }

    @Test
    void piecesCoverTheFolioExactlyWhateverThePage() {
        for (int order = 2; order <= 9; order++) {
            for (int target = 0; target < order; target++) {
                for (int page = 0; page < 1 << order && target != 1; page++) {
                    long at = 1 << 12;
                    for (Piece piece : FolioSplitting.pieces(at, order, target, page, true)) {
                        assertEquals(at, piece.frame());
                        assertEquals(0, at % (1L << piece.order()), "aligned");
                        assertTrue(piece.order() == 0 || piece.order() > 1);
                        at += piece.pages();
                    }
                    assertEquals((1 << 12) + (1L << order), at, "order " + order + " to " + target + " around " + page);
                }
            }
        }
    }

    private static List<Integer> orders(List<Piece> pieces) {
        List<Integer> orders = new ArrayList<>();
        for (Piece piece : pieces) {
            for (long i = 0; i < piece.pages(); i += 1L << piece.order()) {
                orders.add(piece.order());
            }
        }
        return orders;
    }

    @Test
    void foliosThatSeveralProcessesMapAreSplitInAllOfThem() {
        long head = thp();
        bench.run("p0 fork p1", "p1 fork p2", "p1 write 3 1", "p2 munmap 0 100");
        bench.changes("");

        assertEquals(SplitOutcome.SPLIT, split(head, 0, -1));

        assertEquals(3, bench.page("p0", 200).mapcount());
        assertEquals(2, bench.page("p0", 3).mapcount() + bench.page("p1", 3).mapcount());
        Invariants.quiet(machine());
    }
}
