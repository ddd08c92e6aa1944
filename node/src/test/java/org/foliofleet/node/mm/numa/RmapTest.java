package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Goal: mapcounts, references and the two tracked mms are those of the kernel. Method: the state traces A.1 to A.5 of MM-SEMANTICS, row by row. */
class RmapTest {
    private static final int A = 1;
    private static final int B = 2;
    private static final int C = 3;
    private static final int D = 4;

    private static Folio thpOf(int mm) {
        return Rmap.addPmd(Folio.anon(9, 1, 0), mm);
    }

    private static void assertRow(Folio folio, long references, long mapcount, long entire, int mapped, boolean shared) {
        assertEquals(references, folio.references(), "references");
        assertEquals(mapcount, folio.mapcount(), "mapcount");
        assertEquals(entire, folio.entire(), "entire mapcount");
        assertEquals(mapped, folio.counts().mapped(), "pages mapped by PTEs");
        assertEquals(shared, folio.has(Folio.MM_SHARED), "mapped shared");
    }

    private static void assertSlots(Folio folio, int mm0, long count0, int mm1, long count1) {
        assertEquals(mm0 + ":" + count0 + " " + mm1 + ":" + count1, folio.mm0() + ":" + folio.mm0Count() + " " + folio.mm1() + ":" + folio.mm1Count());
    }

    /** A.1 up to the shrinker. */
    @Test
    void aPmdSplitAndAPartialUnmapLeaveTheFolioPartiallyMapped() {
        Folio thp = thpOf(A);
        assertRow(thp, 1, 1, 1, 0, false);
        assertSlots(thp, A, 1, 0, 0);

        Folio split = Rmap.splitPmd(thp, A);
        assertRow(split, 512, 512, 0, 512, false);
        assertSlots(split, A, 512, 0, 0);

        Folio half = Rmap.removePtes(split, 256, 512, A);
        assertRow(half, 256, 256, 0, 256, false);
        assertSlots(half, A, 256, 0, 0);
        assertTrue(MappingRules.KERNEL.becamePartiallyMapped(split, half, 256, 512, false));
    }

    /** A.2. */
    @Test
    void forkCopyOnWriteAndExitGiveTheFolioBackToTheParent() {
        Folio forked = Rmap.addPmd(thpOf(A), B);
        assertRow(forked, 2, 2, 2, 0, true);
        assertSlots(forked, A, 1, B, 1);

        Folio split = Rmap.splitPmd(forked, A);
        assertRow(split, 513, 513, 1, 512, true);
        assertSlots(split, A, 512, B, 1);

        Folio copied = Rmap.removePtes(split, 0, 1, A);
        assertRow(copied, 512, 512, 1, 511, true);
        assertFalse(MappingRules.KERNEL.becamePartiallyMapped(split, copied, 0, 1, false), "the child's PMD still maps page 0");

        Folio alone = Rmap.removePmd(copied, B);
        assertRow(alone, 511, 511, 0, 511, false);
        assertSlots(alone, A, 511, 0, 0);
        assertTrue(MappingRules.KERNEL.becamePartiallyMapped(copied, alone, 0, 512, true));
        assertFalse(alone.isMaybeMappedShared());
    }

    /** A.3. */
    @Test
    void aPinCountsApartAndAsReferencesOfALargeFolio() {
        Folio pinned = thpOf(A).withPins(512);
        assertRow(pinned, 513, 1, 1, 0, false);
        assertTrue(pinned.isMaybePinned());

        Folio split = Rmap.splitPmd(pinned, A);
        assertRow(split, 1024, 512, 0, 512, false);
        assertRow(split.withPins(0), 512, 512, 0, 512, false);
        assertFalse(split.withPins(0).isMaybePinned());
    }

    /** A.4. */
    @Test
    void overlappingPinsAreCountedOneByOne() {
        Folio both = thpOf(A).withPins(512 + 256);
        assertEquals(1 + 768, both.references());

        Folio half = both.withPins(256);
        assertEquals(1 + 256, half.references());

        Folio unmapped = Rmap.removePtes(Rmap.splitPmd(half, A), 256, 512, A);
        assertRow(unmapped, 256 + 256, 256, 0, 256, false);
        assertTrue(unmapped.hasUnexpectedReferences(), "a split would fail");
        assertFalse(unmapped.withPins(0).hasUnexpectedReferences());
    }

    /** A.5, C1.c. */
    @Test
    void aThirdMmIsNotTrackedAndLooksSharedWhenItIsAlone() {
        Folio two = Rmap.addPtes(Rmap.splitPmd(thpOf(A), A), 0, 512, B);
        assertSlots(two, A, 512, B, 512);
        assertTrue(two.has(Folio.MM_SHARED));

        Folio three = Rmap.addPtes(two, 0, 512, C);
        assertRow(three, 1536, 1536, 0, 512, true);
        assertSlots(three, A, 512, B, 512);

        Folio withoutA = Rmap.removePtes(three, 0, 512, A);
        assertRow(withoutA, 1024, 1024, 0, 512, true);
        assertSlots(withoutA, 0, 0, B, 512);

        Folio onlyC = Rmap.removePtes(withoutA, 0, 512, B);
        assertRow(onlyC, 512, 512, 0, 512, true);
        assertSlots(onlyC, 0, 0, 0, 0);
        assertTrue(onlyC.isMaybeMappedShared(), "the bit is stale");

        Folio withD = Rmap.addPtes(onlyC, 0, 512, D);
        assertSlots(withD, D, 512, 0, 0);

        Folio unmapped = Rmap.removePtes(onlyC, 0, 512, C);
        assertFalse(unmapped.has(Folio.MM_SHARED), "nobody maps it");
    }

    /** C1.c2. */
    @Test
    void ofTwoMmsTheOneThatStaysOwnsTheFolio() {
        Folio two = Rmap.addPtes(Rmap.splitPmd(thpOf(A), A), 0, 512, B);

        Folio onlyB = Rmap.removePtes(two, 0, 512, A);

        assertFalse(onlyB.isMaybeMappedShared());
    }

    /** C1.c3: a single mapping is never shared, whatever the bit says. */
    @Test
    void aFolioMappedOnceIsNotSharedThoughTheBitIsStale() {
        Folio three = Rmap.addPmd(Rmap.addPmd(thpOf(A), B), C);

        Folio onlyC = Rmap.removePmd(Rmap.removePmd(three, A), B);

        assertEquals(1, onlyC.mapcount());
        assertFalse(onlyC.isMaybeMappedShared());
    }

    /** A slot may run under zero when mappings were made while no slot was free (R1.7). */
    @Test
    void removingMoreThanASlotCountedFreesIt() {
        Folio three = Rmap.addPtes(Rmap.addPtes(Rmap.addPtes(Folio.anon(4, 1, 0), 0, 16, A), 0, 16, B), 0, 8, C);
        Folio withoutA = Rmap.removePtes(three, 0, 16, A);
        Folio again = Rmap.addPtes(withoutA, 8, 16, C);
        assertSlots(again, C, 8, B, 16);

        Folio withoutC = Rmap.removePtes(again, 0, 16, C);

        assertSlots(withoutC, 0, 0, B, 16);
        assertFalse(withoutC.has(Folio.MM_SHARED), "B's slot counts all that is left");
    }

    @Test
    void aSmallFolioIsSharedWhenMappedTwice() {
        Folio once = Rmap.addPtes(Folio.anon(0, 1, 0), 0, 1, A);

        assertFalse(once.isMaybeMappedShared());
        assertTrue(Rmap.addPtes(once, 0, 1, A).isMaybeMappedShared());
        assertTrue(once.withGets(1023).isMaybePinned(), "a small folio with many references looks pinned");
        assertEquals(1 + 1024, once.withPins(1).references());
    }
}
