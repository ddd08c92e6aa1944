package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.BecameUnsure;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.ChainOf;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.ChainSet;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.ItemGone;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.ItemSet;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.NodeSet;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.Numbered;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.StableSet;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.UnstableSet;
import org.foliofleet.node.mm.ksm.KsmTreeEvents.Verified;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;

/**
 * The stable and the unstable tree, and the items that hang on them. All within a step.
 */
final class KsmTrees {
    private KsmTrees() {}

    // -- items ---------------------------------------------------------------------------------------------------

    static RmapItem item(Ksmd ksmd, ItemKey key) {
        return ksmd.items.getOrDefault(key, RmapItem.NEW);
    }

    static void put(ItemKey key, RmapItem item, Turn turn) {
        turn.emit(new ItemSet(key, item));
    }

    /** {@code remove_rmap_item_from_tree()}. */
    static void removeFromTree(Ksmd ksmd, ItemKey key, Turn turn) {
        RmapItem item = ksmd.items.get(key);
        if (item == null) {
            return;
        }
        StableNode node = item.node() == 0 ? null : ksmd.nodes.get(item.node());
        if (node != null) {
            turn.emit(new NodeSet(item.node(), node.without(key)));
        }
        if (item.unstable()) {
            ksmd.unstable.forEach((nid, tree) -> {
                if (key.equals(tree.get(item.checksum()))) {
                    turn.emit(new UnstableSet(nid, item.checksum(), null));
                }
            });
        }
        if (item.node() != 0 || item.unstable()) {
            put(key, item.stable(0, null), turn);
        }
    }

    /** Forgets the items of a slot in a range of pages. */
    static void forget(Ksmd ksmd, long slot, long from, long end, Turn turn) {
        List<ItemKey> gone = new ArrayList<>(ksmd.items.subMap(new ItemKey(slot, from), new ItemKey(slot, end)).keySet());
        for (ItemKey key : gone) {
            removeFromTree(ksmd, key, turn);
            turn.emit(new ItemGone(key));
        }
    }

    // -- the unstable tree ---------------------------------------------------------------------------------------

    /** {@code unstable_tree_search_insert()}: the item with this content, or null: the item is one now. */
    static ItemKey searchUnstable(Ksmd ksmd, ItemKey key, int nid, Content content, Turn turn) {
        ItemKey other = ksmd.unstableTree(nid).get(content);
        if (other == null) {
            turn.emit(new UnstableSet(nid, content, key));
            put(key, item(ksmd, key).inUnstable(true), turn);
        }
        return other;
    }

    // -- the stable tree -----------------------------------------------------------------------------------------

    /** Nodes that a search for this content passes of which it is not known whether they are alive. */
    static List<Long> unknownOnPath(Ksmd ksmd, int nid, Content content) {
        List<Long> unknown = new ArrayList<>();
        for (long head : ksmd.stableTree(nid).path(content)) {
            List<Long> nodes = head < 0 ? ksmd.chains.get(-head) : List.of(head);
            nodes.stream().filter(node -> !ksmd.verified.contains(node)).forEach(unknown::add);
        }
        return unknown;
    }

    /** The answers are known. */
    static void verified(Ksmd ksmd, List<Long> nodes, Turn turn) {
        turn.emit(new Verified(nodes));
    }

    /** A folio was split. */
    static void unsure(Ksmd ksmd, Turn turn) {
        if (!ksmd.unsure) {
            turn.emit(new BecameUnsure());
        }
    }

    /**
     * {@code stable_tree_search()} where all nodes on the way are alive: chains that it passes change their order or end. A node
     * that it finds whose page is on another node of the machine by now leaves the tree.
     *
     * @return the node that can be shared, or 0
     */
    static long search(Ksmd ksmd, int nid, Content content, int limit, Turn turn) {
        long found = pass(ksmd, nid, content, limit, turn);
        if (found == 0 || !ksmd.nodes.get(found).isCandidate(0, limit)) {
            return 0;
        }
        if (nid(ksmd.nodes.get(found).frame(), turn) != nid) {
            MigratedPages.takeOut(ksmd, found, turn);
            return 0;
        }
        return found;
    }

    /** {@code get_kpfn_nid()}: in whose trees a page belongs. */
    static int nid(long frame, Turn turn) {
        return turn.context().settings().ksmMergeAcrossNodes() ? 0 : Frame.node(frame);
    }

    /** Goes down to the content; the node there, which may not be shared any more, or 0. */
    static long pass(Ksmd ksmd, int nid, Content content, int limit, Turn turn) {
        while (true) {
            boolean again = false;
            for (long head : ksmd.stableTree(nid).path(content)) {
                again |= head < 0 && choose(ksmd, nid, head, limit, turn) == 0;
                if (again) {
                    break;
                }
            }
            if (!again) {
                Long head = ksmd.stableTree(nid).get(content);
                return head == null ? 0 : choose(ksmd, nid, head, limit, turn);
            }
        }
    }

    /** {@code remove_node_from_stable_tree()}: its page is no more. */
    static void remove(Ksmd ksmd, long number, Turn turn) {
        StableNode node = ksmd.nodes.get(number);
        for (ItemKey key : node.items()) {
            put(key, ksmd.items.get(key).stable(0, null), turn);
        }
        leaveTree(ksmd, number, turn);
        turn.emit(new NodeSet(number, null));
    }

    /** {@code stable_node_dup_del()}. */
    static void leaveTree(Ksmd ksmd, long number, Turn turn) {
        StableNode node = ksmd.nodes.get(number);
        if (node.chain() != 0) {
            List<Long> left = new ArrayList<>(ksmd.chains.get(node.chain()));
            left.remove(number);
            turn.emit(new ChainSet(node.chain(), left));
        } else if (!node.isMigrated()) {
            turn.emit(new StableSet(node.nid(), node.content(), 0));
        }
    }

    /** A node is as it was, but in another tree or in none. */
    static void set(long number, StableNode node, Turn turn) {
        turn.emit(new NodeSet(number, node));
    }

    /**
     * {@code stable_node_dup()}: the node of a chain that is to be shared, or any. Nodes of freed pages are gone already. A
     * chain of one becomes a node; what can take more comes to the front.
     *
     * @return 0 if there is none
     */
    private static long choose(Ksmd ksmd, int nid, long head, int limit, Turn turn) {
        if (head > 0) {
            return head;
        }
        List<Long> dups = ksmd.chains.get(-head);
        Content content = contentOf(ksmd, head);
        long found = 0;
        for (long dup : dups) {
            found = found == 0 ? dup : found;
            if (ksmd.nodes.get(dup).isCandidate(0, limit)) {
                found = dup;
                break;
            }
        }
        if (found == 0) {
            turn.emit(new ChainSet(-head, null));
            turn.emit(new StableSet(nid, content, 0));
        } else if (dups.size() == 1) {
            turn.emit(new ChainSet(-head, null));
            turn.emit(new StableSet(nid, content, found));
            turn.emit(new NodeSet(found, ksmd.nodes.get(found).inChain(0)));
        } else if (dups.get(0) != found && ksmd.nodes.get(found).isCandidate(1, limit)) {
            List<Long> sorted = new ArrayList<>(dups);
            sorted.remove(found);
            sorted.add(0, found);
            turn.emit(new ChainSet(-head, sorted));
        }
        return found;
    }

    /** The content of a chain. */
    private static Content contentOf(Ksmd ksmd, long head) {
        return ksmd.chainContents.get(-head);
    }

    /** {@code stable_tree_insert()}: beside others with the same content, in a chain. */
    static void insert(Ksmd ksmd, long number, long frame, Content content, int limit, Turn turn) {
        int nid = nid(frame, turn);
        pass(ksmd, nid, content, limit, turn);
        link(ksmd, number, new StableNode(frame, content, 0, nid, List.of()), turn);
    }

    /** The node comes into its tree, beside others with the same content in a chain. */
    static void link(Ksmd ksmd, long number, StableNode node, Turn turn) {
        Content content = node.content();
        turn.emit(new Verified(List.of(number)));
        Long head = ksmd.stableTree(node.nid()).get(content);
        if (head == null) {
            turn.emit(new NodeSet(number, node));
            turn.emit(new StableSet(node.nid(), content, number));
            return;
        }
        long chain = -head;
        List<Long> dups = new ArrayList<>(List.of(number));
        if (head > 0) {
            chain = ksmd.lastNode + 1;
            turn.emit(new Numbered(chain));
            turn.emit(new NodeSet(head, ksmd.nodes.get(head).inChain(chain)));
            turn.emit(new StableSet(node.nid(), content, -chain));
            dups.add(head);
        } else {
            dups.addAll(ksmd.chains.get(chain));
        }
        turn.emit(new NodeSet(number, node.inChain(chain)));
        turn.emit(new ChainSet(chain, dups));
        turn.emit(new ChainOf(chain, content));
    }

    static Void migrated(Ksmd ksmd, Ksm.Migrated migrated, Turn turn) {
        StableNode node = ksmd.nodes.get(migrated.node());
        if (node != null) {
            turn.emit(new NodeSet(migrated.node(), node.atFrame(migrated.frame())));
        }
        return null;
    }

    /** {@code stable_tree_append()}. */
    static void append(Ksmd ksmd, ItemKey key, long node, AnonVmaRootId root, Turn turn) {
        turn.emit(new NodeSet(node, ksmd.nodes.get(node).with(key)));
        put(key, item(ksmd, key).stable(node, root), turn);
    }

    /** A number for a node that is tried to be made. */
    static long number(Ksmd ksmd, Turn turn) {
        turn.emit(new Numbered(ksmd.lastNode + 1));
        return ksmd.lastNode;
    }
}
