package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.node.conformance.ModelView.EntryState;
import org.foliofleet.node.conformance.ModelView.PageRun;
import org.foliofleet.node.conformance.Observation.FolioState;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: folios get the numbers the recorder gives. Method: small states by hand, one per rule. */
class FolioNumberingTest {
    private static final Set<String> ANON = Set.of("anon", "swapbacked", "lru");
    private final FolioNumbering numbering = new FolioNumbering();
    private State state;

    /** A state under construction. */
    private static final class State implements ModelView {
        private final Map<String, List<PageRun>> runs = new HashMap<>();
        private final List<String> order = new ArrayList<>();
        private final Map<Long, Folio> folios = new HashMap<>();

        State process(String name) {
            order.add(name);
            runs.put(name, new ArrayList<>());
            return this;
        }

        /** Maps {@code count} pages from index {@code at}: of one folio of an order, or of order-0 folios. */
        State map(String process, long at, long count, long key, int folioOrder, long index, long frame) {
            PageRange range = new PageRange(Arena.toPage(at), count);
            long stride = folioOrder == 0 && count > 1 ? 1 : 0;
            runs.get(process).add(new PageRun(range, EntryState.PRESENT, false, false, true, 1, key, stride, folioOrder,
                    index, frame, 0, 1, range.start()));
            for (long k = 0; k < (folioOrder == 0 ? count : 1); k++) {
                folio(key + k, folioOrder);
            }
            return this;
        }

        State folio(long key, int folioOrder) {
            folios.put(key, new Folio(key, folioOrder, 0, ANON));
            return this;
        }

        @Override
        public List<Process> processes() {
            return order.stream().map(name -> new Process(name, List.of(new Vma(new PageRange(Arena.BASE, 4096),
                    Protection.READ_WRITE, false, "anon", 0, null, Set.of(), false, runs.get(name), List.of(), List.of())))).toList();
        }

        @Override
        public Optional<Folio> folio(long key) {
            return Optional.ofNullable(folios.get(key));
        }

        @Override
        public List<Memfd> memfds() {
            return List.of();
        }

        @Override
        public Map<String, Long> ksm() {
            return Map.of();
        }
    }

    private static FolioState run(long id, long count, int order, long splitFrom, long splitAt, boolean unmapped) {
        return new FolioState(id, count, order, Observation.NONE, new TreeSet<>(ANON), splitFrom, splitAt, unmapped);
    }

    private List<FolioState> folios() {
        return numbering.folios(state, false);
    }

    @BeforeEach
    void oneProcess() {
        state = new State().process("p0");
    }

    private void after(State next) {
        state = next;
        numbering.census(next, false);
    }

    @Test
    void numbersFollowProcessNumberAndThenAddress() {
        after(new State().process("p0").process("p10").process("p2")
                .map("p10", 0, 1, 70, 0, 0, 7).map("p2", 0, 2, 50, 0, 0, 5).map("p0", 8, 2, 90, 0, 0, 9)
                .map("p0", 512, 512, 30, 9, 0, 512));
        assertEquals(1, numbering.numberOf(90));
        assertEquals(2, numbering.numberOf(91));
        assertEquals(3, numbering.numberOf(30));
        assertEquals(4, numbering.numberOf(50));
        assertEquals(6, numbering.numberOf(70));
        assertEquals(List.of(run(1, 2, 0, 0, 0, false), run(3, 1, 9, 0, 0, false), run(4, 3, 0, 0, 0, false)), folios());
    }

    @Test
    void aFolioKeepsItsNumberWhileItLivesAndALaterOneGetsTheNext() {
        after(new State().process("p0").map("p0", 0, 2, 10, 0, 0, 1));
        after(new State().process("p0").map("p0", 100, 1, 11, 0, 0, 2).map("p0", 200, 1, 40, 0, 0, 1));
        assertEquals(2, numbering.numberOf(11));
        assertEquals(3, numbering.numberOf(40));
        assertThrows(NoSuchElementException.class, () -> numbering.numberOf(10));
        assertEquals(List.of(run(2, 2, 0, 0, 0, false)), folios());
    }

    @Test
    void aFolioThatNobodyMapsIsKnownWhileTheModelFindsIt() {
        after(new State().process("p0").map("p0", 0, 2, 10, 0, 0, 1));
        after(new State().process("p0").folio(11, 0));
        assertEquals(List.of(run(2, 1, 0, 0, 0, true)), folios());
        after(new State().process("p0"));
        assertEquals(List.of(), folios());
        after(new State().process("p0").map("p0", 0, 1, 11, 0, 0, 2));
        assertEquals(3, numbering.numberOf(11));
    }

    @Test
    void folioNeverSeenMappedIsNotKnown() {
        after(new State().process("p0").folio(11, 0));
        assertEquals(List.of(), folios());
    }

    @Test
    void piecesOfASplitAtTheSameAddressAndFramePointToTheOldFolio() {
        after(new State().process("p0").map("p0", 512, 512, 5, 9, 0, 1024));
        after(new State().process("p0").map("p0", 512, 4, 20, 0, 0, 1024).map("p0", 516, 4, 30, 2, 0, 1028)
                .map("p0", 520, 3, 40, 3, 0, 1032));
        assertEquals(List.of(run(2, 4, 0, 1, 0, false), run(6, 1, 2, 1, 4, false), run(7, 1, 3, 1, 8, false)), folios());
    }

    @Test
    void aPieceFirstMetInItsMiddlePointsToItsOwnFirstPage() {
        after(new State().process("p0").map("p0", 514, 510, 5, 9, 2, 1026));
        after(new State().process("p0").map("p0", 514, 2, 30, 2, 2, 1026));
        assertEquals(List.of(run(2, 1, 2, 1, 0, false)), folios());
    }

    @Test
    void aCopyInAnotherFrameOrAPieceAtAnotherAddressIsNoPiece() {
        after(new State().process("p0").map("p0", 512, 512, 5, 9, 0, 1024));
        after(new State().process("p0").map("p0", 512, 1, 20, 0, 0, 9999).map("p0", 700, 1, 21, 0, 0, 1024));
        assertEquals(List.of(run(2, 2, 0, 0, 0, false)), folios());
    }

    @Test
    void aPieceOfAFolioThatWasNeverSeenPointsNowhere() {
        after(new State().process("p0"));
        after(new State().process("p0").map("p0", 512, 1, 20, 0, 0, 1024));
        assertEquals(List.of(run(1, 1, 0, 0, 0, false)), folios());
    }
}
