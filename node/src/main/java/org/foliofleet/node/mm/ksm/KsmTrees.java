package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
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
        if (item.unstable() && key.equals(ksmd.unstable.get(item.checksum()))) {
            turn.emit(new UnstableSet(item.checksum(), null));
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
    static ItemKey searchUnstable(Ksmd ksmd, ItemKey key, Content content, Turn turn) {
        ItemKey other = ksmd.unstable.get(content);
        if (other == null) {
            turn.emit(new UnstableSet(content, key));
            put(key, item(ksmd, key).inUnstable(true), turn);
        }
        return other;
    }

    // -- the stable tree -----------------------------------------------------------------------------------------

    /** Nodes that a search for this content passes of which it is not known whether they are alive. */
    static List<Long> unknownOnPath(Ksmd ksmd, Content content) {
        List<Long> unknown = new ArrayList<>();
        for (long head : ksmd.stable.path(content)) {
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
     * {@code stable_tree_search()} where all nodes on the way are alive: chains that it passes change their order or end.
     *
     * @return the node that can be shared, or 0
     */
    static long search(Ksmd ksmd, Content content, int limit, Turn turn) {
        long found = pass(ksmd, content, limit, turn);
        return found != 0 && ksmd.nodes.get(found).isCandidate(0, limit) ? found : 0;
    }

    /** Goes down to the content; the node there, which may not be shared any more, or 0. */
    private static long pass(Ksmd ksmd, Content content, int limit, Turn turn) {
        while (true) {
            boolean again = false;
            for (long head : ksmd.stable.path(content)) {
                again |= head < 0 && choose(ksmd, head, limit, turn) == 0;
                if (again) {
                    break;
                }
            }
            if (!again) {
                Long head = ksmd.stable.get(content);
                return head == null ? 0 : choose(ksmd, head, limit, turn);
            }
        }
    }

    /** {@code remove_node_from_stable_tree()}: its page is no more. */
    static void remove(Ksmd ksmd, long number, Turn turn) {
        StableNode node = ksmd.nodes.get(number);
        for (ItemKey key : node.items()) {
            put(key, ksmd.items.get(key).stable(0, null), turn);
        }
        if (node.chain() == 0) {
            turn.emit(new StableSet(node.content(), 0));
        } else {
            List<Long> left = new ArrayList<>(ksmd.chains.get(node.chain()));
            left.remove(number);
            turn.emit(new ChainSet(node.chain(), left));
        }
        turn.emit(new NodeSet(number, null));
    }

    /**
     * {@code stable_node_dup()}: the node of a chain that is to be shared, or any. Nodes of freed pages are gone already. A
     * chain of one becomes a node; what can take more comes to the front.
     *
     * @return 0 if there is none
     */
    private static long choose(Ksmd ksmd, long head, int limit, Turn turn) {
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
            turn.emit(new StableSet(content, 0));
        } else if (dups.size() == 1) {
            turn.emit(new ChainSet(-head, null));
            turn.emit(new StableSet(content, found));
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
        pass(ksmd, content, limit, turn);
        turn.emit(new Verified(List.of(number)));
        Long head = ksmd.stable.get(content);
        if (head == null) {
            turn.emit(new NodeSet(number, new StableNode(frame, content, 0, List.of())));
            turn.emit(new StableSet(content, number));
            return;
        }
        long chain = -head;
        List<Long> dups = new ArrayList<>(List.of(number));
        if (head > 0) {
            chain = ksmd.lastNode + 1;
            turn.emit(new Numbered(chain));
            turn.emit(new NodeSet(head, ksmd.nodes.get(head).inChain(chain)));
            turn.emit(new StableSet(content, -chain));
            dups.add(head);
        } else {
            dups.addAll(ksmd.chains.get(chain));
        }
        turn.emit(new NodeSet(number, new StableNode(frame, content, chain, List.of())));
        turn.emit(new ChainSet(chain, dups));
        turn.emit(new ChainOf(chain, content));
    }

    static Void migrated(Ksmd ksmd, Ksm.Migrated migrated, Turn turn) {
        StableNode node = ksmd.nodes.get(migrated.node());
        if (node != null) {
            turn.emit(new NodeSet(migrated.node(), new StableNode(migrated.frame(), node.content(), node.chain(), node.items())));
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

    private record ItemSet(ItemKey key, RmapItem item) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.items.put(key, item);
        }
    }

    private record ItemGone(ItemKey key) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.items.remove(key);
        }
    }

    /** The node is like this now; {@code node} null: it is no more. */
    private record NodeSet(long number, StableNode node) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            if (node == null) {
                ksmd.nodes.remove(number);
            } else {
                ksmd.nodes.put(number, node);
            }
        }
    }

    /** What the stable tree has for this content; {@code head} 0: nothing. */
    private record StableSet(Content content, long head) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            if (head == 0) {
                ksmd.stable.remove(content);
            } else {
                ksmd.stable.put(content, head);
            }
        }
    }

    /** What is in a chain; {@code nodes} null: it is none any more. */
    private record ChainSet(long chain, List<Long> nodes) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            if (nodes == null) {
                ksmd.chains.remove(chain);
                ksmd.chainContents.remove(chain);
            } else {
                ksmd.chains.put(chain, List.copyOf(nodes));
            }
        }
    }

    /** What the nodes of a chain have in common. */
    private record ChainOf(long chain, Content content) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.chainContents.put(chain, content);
        }
    }

    /** What the unstable tree has for this content; {@code key} null: nothing. */
    private record UnstableSet(Content content, ItemKey key) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            if (key == null) {
                ksmd.unstable.remove(content);
            } else {
                ksmd.unstable.put(content, key);
            }
        }
    }

    /** These nodes are alive. */
    private record Verified(List<Long> nodes) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.verified.addAll(nodes);
        }
    }

    private record BecameUnsure() implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.unsure = true;
        }
    }

    /** A number was given out. */
    private record Numbered(long number) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.lastNode = number;
        }
    }
}
