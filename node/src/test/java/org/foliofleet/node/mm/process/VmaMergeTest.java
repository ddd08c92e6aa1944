package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.function.UnaryOperator;
import org.foliofleet.node.mm.process.VmaMerge.Sides;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.RelocationPolicies.MergeRule;
import org.junit.jupiter.api.Test;

/**
 * Goal: ranges join their neighbours exactly when {@code vma_merge()} lets them. Method: every case as a picture (P the
 * VMA before, * the range, N the VMA after, . the rest of the VMA that the range is a part of, _ a gap), and every
 * attribute varied alone.
 */
class VmaMergeTest {
    private static final long FLAGS = VmaFlags.READ | VmaFlags.WRITE | VmaFlags.ACCOUNT;
    private static final AnonVma A = AnonVma.newRoot(new AnonVmaRootId(1, 1));
    private static final AnonVma B = AnonVma.newRoot(new AnonVmaRootId(1, 2));
    /** Of a fork child: its own anon_vma and its parent's. */
    private static final AnonVma CHILD = new AnonVma(new AnonVmaRootId(1, 1), 1, List.of(0, 1));
    private static final AnonVma OTHER_CHILD = new AnonVma(new AnonVmaRootId(1, 1), 2, List.of(0, 2));

    private static VmaInfo vma(int serial, long start, long end) {
        return new VmaInfo(new VmaId(1, serial), start, end, start, FLAGS, null, null, null, -1);
    }

    /** What a picture shows, with page 100 at its beginning. */
    private static final class Picture {
        VmaInfo previous;
        VmaInfo range;
        VmaInfo whole;
        VmaInfo next;

        Picture(String picture) {
            previous = part(picture, 'P', 1);
            range = part(picture, '*', 2);
            next = part(picture, 'N', 3);
            int from = Math.min(first(picture, '*'), first(picture, '.'));
            int to = Math.max(picture.lastIndexOf('*'), picture.lastIndexOf('.')) + 1;
            whole = vma(2, 100 + from, 100 + to);
        }

        private static int first(String picture, char letter) {
            int at = picture.indexOf(letter);
            return at < 0 ? Integer.MAX_VALUE : at;
        }

        private static VmaInfo part(String picture, char letter, int serial) {
            int from = picture.indexOf(letter);
            return from < 0 ? null : vma(serial, 100 + from, 100 + picture.lastIndexOf(letter) + 1);
        }

        Sides changed() {
            return VmaMerge.ofChanged(range, whole, previous, next, MergeRule.LINUX_6_18);
        }

        Sides fresh() {
            return VmaMerge.ofNew(range, previous, next, MergeRule.LINUX_6_18);
        }
    }

    @Test
    void aNewRangeJoinsWhatItTouches() {
        assertEquals(Sides.BOTH, new Picture("PPPP****NNNN").fresh());
        assertEquals(Sides.LEFT, new Picture("PPPP****_NNN").fresh());
        assertEquals(Sides.RIGHT, new Picture("PPP_****NNNN").fresh());
        assertEquals(Sides.NONE, new Picture("PPP_****_NNN").fresh());
        assertEquals(Sides.LEFT, new Picture("PPPP****").fresh());
        assertEquals(Sides.RIGHT, new Picture("****NNNN").fresh());
        assertEquals(Sides.NONE, new Picture("****").fresh());
    }

    @Test
    void aChangedPartJoinsOnlyWhatLiesBesideItsVma() {
        assertEquals(Sides.BOTH, new Picture("PPPP****NNNN").changed());
        assertEquals(Sides.LEFT, new Picture("PPPP****....NNNN").changed());
        assertEquals(Sides.RIGHT, new Picture("PPPP....****NNNN").changed());
        assertEquals(Sides.NONE, new Picture("PPPP..**..NNNN").changed());
        assertEquals(Sides.NONE, new Picture("PPP_****....").changed());
        assertEquals(Sides.NONE, new Picture("....****_NNN").changed());
    }

    @Test
    void everyFlagOfItsOwnKeepsVmasApart() {
        for (int bit = 0; bit < 28; bit++) {
            long flag = 1L << bit;
            Picture left = new Picture("PPPP****NNNN");
            left.previous = left.previous.withFlags(FLAGS ^ flag);
            Picture right = new Picture("PPPP****NNNN");
            right.next = right.next.withFlags(FLAGS ^ flag);
            boolean sticky = flag == VmaFlags.MAYBE_GUARD;
            assertEquals(sticky ? Sides.BOTH : Sides.RIGHT, left.changed(), "bit " + bit);
            assertEquals(sticky ? Sides.BOTH : Sides.RIGHT, left.fresh(), "bit " + bit);
            assertEquals(sticky ? Sides.BOTH : Sides.LEFT, right.changed(), "bit " + bit);
            assertEquals(sticky ? Sides.BOTH : Sides.LEFT, right.fresh(), "bit " + bit);
        }
    }

    @Test
    void specialMappingsNeverMerge() {
        for (long flag : new long[] {VmaFlags.IO, VmaFlags.DONTEXPAND, VmaFlags.PFNMAP, VmaFlags.MIXEDMAP}) {
            Picture picture = new Picture("PPPP****NNNN");
            UnaryOperator<VmaInfo> special = info -> info.withFlags(FLAGS | flag);
            picture.previous = special.apply(picture.previous);
            picture.range = special.apply(picture.range);
            picture.next = special.apply(picture.next);
            assertEquals(Sides.NONE, picture.fresh());
            assertEquals(Sides.NONE, picture.changed());
        }
    }

    @Test
    void offsetsMustContinue() {
        for (long shift : new long[] {-1, 1, 512}) {
            Picture left = new Picture("PPPP****NNNN");
            left.previous = left.previous.withPageOffset(left.previous.pageOffset() + shift);
            assertEquals(Sides.RIGHT, left.fresh());
            Picture right = new Picture("PPPP****NNNN");
            right.next = right.next.withPageOffset(right.next.pageOffset() + shift);
            assertEquals(Sides.LEFT, right.fresh());
            Picture middle = new Picture("PPPP****NNNN");
            middle.range = middle.range.withPageOffset(middle.range.pageOffset() + shift);
            assertEquals(Sides.NONE, middle.fresh());
        }
    }

    @Test
    void fileAndPolicyMustBeTheSame() {
        Mempolicy bind = new Mempolicy(Mempolicy.Mode.BIND, false, Mempolicy.Relation.NONE, List.of(0), List.of());
        List<UnaryOperator<VmaInfo>> others = List.of(
                info -> new VmaInfo(info.id(), info.start(), info.end(), info.pageOffset(), FLAGS, new AddressSpaceId(1), null, null, -1),
                info -> info.withPolicy(bind, -1), info -> info.withPolicy(null, 1));
        for (UnaryOperator<VmaInfo> other : others) {
            Picture left = new Picture("PPPP****NNNN");
            left.previous = other.apply(left.previous);
            assertEquals(Sides.RIGHT, left.changed());
            Picture right = new Picture("PPPP****NNNN");
            right.next = other.apply(right.next);
            assertEquals(Sides.LEFT, right.changed());
            Picture all = new Picture("PPPP****NNNN");
            all.previous = other.apply(all.previous);
            all.range = other.apply(all.range);
            all.next = other.apply(all.next);
            assertEquals(Sides.BOTH, all.changed());
        }
    }

    private static Sides withAnonVmas(AnonVma previous, AnonVma range, AnonVma next) {
        Picture picture = new Picture("PPPP****NNNN");
        picture.previous = picture.previous.withAnonVma(previous);
        picture.range = picture.range.withAnonVma(range);
        picture.whole = picture.whole.withAnonVma(range);
        picture.next = picture.next.withAnonVma(next);
        assertEquals(picture.changed(), picture.fresh(), "a copied range and a changed one obey the same rule");
        return picture.changed();
    }

    /** All of R7.15 for the left side; the right neighbour is out of the way. */
    @Test
    void anonVmasMustBeCompatible() {
        AnonVma[] kinds = {null, A, B, CHILD, OTHER_CHILD};
        boolean[][] merges = {
                // the range has: none, A, B, CHILD, OTHER_CHILD
                /* target none  */ {true, true, true, false, false},
                /* target A     */ {true, true, false, false, false},
                /* target B     */ {true, false, true, false, false},
                /* target CHILD */ {false, false, false, true, false},
                /* OTHER_CHILD  */ {false, false, false, false, true}};
        for (int target = 0; target < kinds.length; target++) {
            for (int range = 0; range < kinds.length; range++) {
                Picture picture = new Picture("PPPP****_NNN");
                picture.previous = picture.previous.withAnonVma(kinds[target]);
                picture.range = picture.range.withAnonVma(kinds[range]);
                assertEquals(merges[target][range] ? Sides.LEFT : Sides.NONE, picture.fresh(), "target " + target + ", range " + range);
                Picture mirrored = new Picture("PPP_****NNNN");
                mirrored.next = mirrored.next.withAnonVma(kinds[target]);
                mirrored.range = mirrored.range.withAnonVma(kinds[range]);
                assertEquals(merges[target][range] ? Sides.RIGHT : Sides.NONE, mirrored.fresh(), "target " + target + ", range " + range);
            }
        }
    }

    @Test
    void bothNeighboursMustAgreeWithEachOther() {
        assertEquals(Sides.BOTH, withAnonVmas(A, null, A));
        assertEquals(Sides.BOTH, withAnonVmas(A, null, null));
        assertEquals(Sides.BOTH, withAnonVmas(null, A, null));
        assertEquals(Sides.BOTH, withAnonVmas(null, null, A));
        assertEquals(Sides.BOTH, withAnonVmas(A, A, A));
        assertEquals(Sides.LEFT, withAnonVmas(A, null, B), "the range goes to the left when the neighbours differ");
        assertEquals(Sides.RIGHT, withAnonVmas(A, B, B));
        assertEquals(Sides.LEFT, withAnonVmas(A, A, B));
        assertEquals(Sides.RIGHT, withAnonVmas(CHILD, null, A));
        assertEquals(Sides.NONE, withAnonVmas(CHILD, null, OTHER_CHILD));
        assertEquals(Sides.BOTH, withAnonVmas(CHILD, CHILD, CHILD));
    }

    @Test
    void whatIsJoinedKeepsItsAnonVmaOrInheritsOne() {
        VmaInfo target = vma(1, 0, 4);
        assertEquals(A, VmaMerge.joined(target.withAnonVma(A), 0, 8, vma(2, 4, 8)).anonVma());
        assertEquals(A, VmaMerge.joined(target, 0, 8, vma(2, 4, 8).withAnonVma(A)).anonVma());
        assertEquals(B, VmaMerge.joined(target, 0, 12, vma(2, 4, 8), vma(3, 8, 12).withAnonVma(B)).anonVma());
        assertNull(VmaMerge.joined(target, 0, 8, vma(2, 4, 8)).anonVma());
    }

    @Test
    void growingDownwardsMovesTheOffset() {
        VmaInfo grown = VmaMerge.joined(vma(1, 10, 20).withPageOffset(110), 4, 20);
        assertEquals(104, grown.pageOffset());
        assertEquals(16, grown.pages());
    }

    @Test
    void mayHaveGuardRegionsIsRememberedByTheWhole() {
        VmaInfo guarded = vma(2, 4, 8).withFlags(FLAGS | VmaFlags.MAYBE_GUARD);
        assertEquals(FLAGS | VmaFlags.MAYBE_GUARD, VmaMerge.joined(vma(1, 0, 4), 0, 8, guarded).flags());
    }
}
