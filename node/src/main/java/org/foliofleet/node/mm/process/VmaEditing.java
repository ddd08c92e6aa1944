package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.RelocationPolicies.MergeRule;

/**
 * Splitting, merging, adding and changing VMAs, in the process's tree and at the VMAs themselves. Under {@code
 * mmap_lock}, exclusive. What is decided is in {@link VmaMerge}; {@code vma_modify()}, {@code __split_vma()}, {@code
 * vma_expand()} and {@code commit_merge()}, mm/vma.c.
 */
final class VmaEditing {
    private VmaEditing() {}

    /**
     * Gives a part of a VMA other attributes ({@code vma_modify()}): it joins its neighbours, or is cut out (R7.17).
     *
     * @param whole  the VMA as it is
     * @param wanted the VMA with the attributes that the part gets
     * @return the VMA that the part belongs to now; null if there would be too many VMAs (what was cut off before that
     *         was known stays cut off)
     */
    static VmaInfo modify(Process process, VmaInfo whole, PageRange part, VmaInfo wanted, Turn turn) {
        int limit = turn.context().settings().maxMapCount();
        VmaEdit edit = turn.step(() -> {
            VmaInfo range = wanted.withRange(whole.id(), part.start(), part.end());
            VmaMerge.Sides sides = VmaMerge.ofChanged(range, whole, process.vmas.previous(whole.start()), process.vmas.next(whole), rule(turn));
            return sides == VmaMerge.Sides.NONE ? cutOut(process, whole, range, limit, turn) : merged(process, whole, range, sides);
        });
        carryOut(process, edit, turn);
        return edit.result();
    }

    private static VmaEdit cutOut(Process process, VmaInfo whole, VmaInfo range, int limit, Turn turn) {
        VmaEdit.Builder edit = new VmaEdit.Builder();
        boolean left = whole.start() < range.start();
        boolean right = whole.end() > range.end();
        int count = process.vmas.size();
        if (!left && !right) {
            return edit.change(whole, range).build(range);
        }
        if (MapCount.refused(count >= limit, turn)) {
            return edit.build(null);
        }
        List<PageRange> parts = new ArrayList<>();
        List<VmaInfo> receivers = new ArrayList<>();
        VmaInfo result;
        VmaInfo rest;
        if (left) {
            rest = whole.withRange(whole.id(), whole.start(), range.start());
            if (right && count + 1 >= limit) {
                VmaInfo tail = whole.withRange(process.newVmaId(0), range.start(), whole.end());
                return edit.give(whole, rest, List.of(PageRange.between(tail.start(), tail.end())), List.of(tail)).receive(tail).build(null);
            }
            result = range.withRange(process.newVmaId(0), range.start(), range.end());
            parts.add(PageRange.between(range.start(), range.end()));
            receivers.add(result);
            edit.receive(result);
        } else {
            rest = range;
            result = range;
        }
        if (right) {
            VmaInfo tail = whole.withRange(process.newVmaId(left ? 1 : 0), range.end(), whole.end());
            parts.add(PageRange.between(tail.start(), tail.end()));
            receivers.add(tail);
            edit.receive(tail);
        }
        return edit.give(whole, rest, parts, receivers).build(result);
    }

    private static VmaEdit merged(Process process, VmaInfo whole, VmaInfo range, VmaMerge.Sides sides) {
        VmaEdit.Builder edit = new VmaEdit.Builder();
        VmaInfo previous = process.vmas.previous(whole.start());
        VmaInfo next = process.vmas.next(whole);
        if (sides == VmaMerge.Sides.BOTH) {
            VmaInfo all = VmaMerge.joined(previous, previous.start(), next.end(), next, whole);
            return edit.replace(previous, all).giveAll(whole, all).giveAll(next, all).build(all);
        }
        VmaInfo neighbour = sides == VmaMerge.Sides.LEFT ? previous : next;
        VmaInfo grown = VmaMerge.joined(neighbour, Math.min(neighbour.start(), range.start()), Math.max(neighbour.end(), range.end()), whole);
        edit.replace(neighbour, grown);
        if (range.pages() == whole.pages()) {
            return edit.giveAll(whole, grown).build(grown);
        }
        VmaInfo rest = sides == VmaMerge.Sides.LEFT ? whole.withRange(whole.id(), range.end(), whole.end())
                : whole.withRange(whole.id(), whole.start(), range.start());
        return edit.give(whole, rest, List.of(PageRange.between(range.start(), range.end())), List.of(grown)).build(grown);
    }

    /**
     * Adds a mapping in free space, joined with its neighbours where they fit ({@code vma_merge_new_range()}, R7.16).
     *
     * @param range what to map; its id is used if it stays on its own
     * @return the VMA that the range belongs to now
     */
    static VmaInfo addMerged(Process process, VmaInfo range, Turn turn) {
        return addMerged(process, range, false, turn);
    }

    /** @param walksStayOut the caller has the structure lock, and keeps it */
    static VmaInfo addMerged(Process process, VmaInfo range, boolean walksStayOut, Turn turn) {
        VmaEdit edit = turn.step(() -> {
            VmaInfo previous = process.vmas.previous(range.start());
            VmaInfo next = process.vmas.findOrNext(range.end());
            VmaEdit.Builder builder = new VmaEdit.Builder();
            switch (VmaMerge.ofNew(range, previous, next, rule(turn))) {
                case BOTH -> {
                    VmaInfo all = VmaMerge.joined(previous, previous.start(), next.end(), next, range);
                    return builder.replace(previous, all).giveAll(next, all).build(all);
                }
                case LEFT -> {
                    VmaInfo grown = VmaMerge.joined(previous, previous.start(), range.end(), range);
                    return builder.change(previous, grown).build(grown);
                }
                case RIGHT -> {
                    VmaInfo grown = VmaMerge.joined(next, range.start(), next.end(), range);
                    return builder.change(next, grown).build(grown);
                }
                default -> {
                    return builder.add(range).build(range);
                }
            }
        });
        carryOut(process, edit, walksStayOut, turn);
        turn.run(() -> KhugepagedMm.enter(process, edit.result(), turn));
        return edit.result();
    }

    /**
     * Cuts the VMA that reaches across the page: {@code __split_vma()} (R7.13), without the limit that only {@code
     * split_vma()} tests.
     */
    static void splitAt(Process process, long page, Turn turn) {
        VmaEdit edit = turn.step(() -> {
            VmaEdit.Builder builder = new VmaEdit.Builder();
            VmaInfo whole = process.vmas.find(page);
            if (whole == null || whole.start() == page) {
                return builder.build(null);
            }
            VmaInfo left = whole.withRange(whole.id(), whole.start(), page);
            VmaInfo right = whole.withRange(process.newVmaId(0), page, whole.end());
            return builder.give(whole, left, List.of(PageRange.between(page, whole.end())), List.of(right)).receive(right).build(right);
        });
        carryOut(process, edit, turn);
    }

    /** Changes the tree, then the VMAs. */
    static void carryOut(Process process, VmaEdit edit, Turn turn) {
        carryOut(process, edit, false, turn);
    }

    private static void carryOut(Process process, VmaEdit edit, boolean keepLock, Turn turn) {
        if (edit.removed().isEmpty() && edit.added().isEmpty()) {
            return;
        }
        turn.lock(Process.STRUCTURE_LOCK, true);
        turn.run(() -> {
            turn.emit(new ProcessEvents.TreeChanged(edit.removed(), edit.added()));
            IntervalTree.note(process, edit, turn);
            if (!edit.removed().isEmpty()) {   // else it is a new VMA
                turn.charge(Math.max(0, edit.added().size() - edit.removed().size()) * turn.context().costs().vmaSplit());
            }
        });
        turn.askAll(edit.to(), edit.requests());
        if (!keepLock) {
            turn.unlock(Process.STRUCTURE_LOCK);
        }
    }

    /** The VMAs that lie wholly inside the range. */
    static List<VmaInfo> inside(Process process, PageRange range) {
        List<VmaInfo> inside = new ArrayList<>();
        process.vmas.forEach(range.start(), range.end(), vma -> {
            if (vma.start() >= range.start() && vma.end() <= range.end()) {
                inside.add(vma);
            }
        });
        return inside;
    }

    static MergeRule rule(Turn turn) {
        return turn.context().settings().policies().relocation().mergeRule();
    }

    /** An id for a VMA that may come to be. */
    static VmaId newId(Process process, Turn turn) {
        return turn.step(() -> process.newVmaId(0));
    }
}
