package org.foliofleet.node.mm.ksm;

import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Relocate.MoveItems;

/**
 * KSM pages that were not unmerged before mremap moved them: their items get the new address and family, so that the walk from
 * a stable node finds them ({@code relocate_ksm: move_rmap_items}; no kernel does that).
 */
final class ItemMoving {
    private ItemMoving() {}

    static Void move(Ksmd ksmd, MoveItems request, Turn turn) {
        for (long slot : List.copyOf(ksmd.slots.keySet())) {
            if (ksmd.slots.get(slot).process() == request.process()) {
                move(ksmd, slot, request, turn);
            }
        }
        return null;
    }

    private static void move(Ksmd ksmd, long slot, MoveItems request, Turn turn) {
        ItemKey first = new ItemKey(slot, request.from().start());
        TreeMap<ItemKey, RmapItem> moved = new TreeMap<>(ksmd.items.subMap(first, new ItemKey(slot, request.from().end())));
        KsmTrees.forget(ksmd, slot, request.from().start() + request.distance(), request.from().end() + request.distance(), turn);
        for (ItemKey key : moved.keySet()) {
            RmapItem item = moved.get(key);
            KsmTrees.removeFromTree(ksmd, key, turn);
            KsmTrees.forget(ksmd, slot, key.page(), key.page() + 1, turn);
            ItemKey there = new ItemKey(slot, key.page() + request.distance());
            if (item.node() != 0 && ksmd.nodes.containsKey(item.node())) {
                KsmTrees.put(there, item.stable(0, null), turn);
                KsmTrees.append(ksmd, there, item.node(), request.root(), turn);
            } else {
                KsmTrees.put(there, item.stable(0, null), turn);
            }
        }
    }
}
