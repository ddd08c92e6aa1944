package org.foliofleet.node.mm.ksm;

import java.util.List;
import org.foliofleet.protocol.message.Ksm.Content;

/** What happens to the trees of {@link KsmTrees} and to what hangs on them. */
final class KsmTreeEvents {
    private KsmTreeEvents() {}

    record ItemSet(ItemKey key, RmapItem item) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.items.put(key, item);
        }
    }

    record ItemGone(ItemKey key) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.items.remove(key);
        }
    }

    /** The node is like this now; {@code node} null: it is no more. */
    record NodeSet(long number, StableNode node) implements KsmEvent {
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
    record StableSet(int nid, Content content, long head) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ContentTree<Long> tree = ksmd.stable.computeIfAbsent(nid, key -> new ContentTree<>());
            if (head == 0) {
                tree.remove(content);
            } else {
                tree.put(content, head);
            }
        }
    }

    /** What is in a chain; {@code nodes} null: it is none any more. */
    record ChainSet(long chain, List<Long> nodes) implements KsmEvent {
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
    record ChainOf(long chain, Content content) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.chainContents.put(chain, content);
        }
    }

    /** What the unstable tree has for this content; {@code key} null: nothing. */
    record UnstableSet(int nid, Content content, ItemKey key) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ContentTree<ItemKey> tree = ksmd.unstable.computeIfAbsent(nid, of -> new ContentTree<>());
            if (key == null) {
                tree.remove(content);
            } else {
                tree.put(content, key);
            }
        }
    }

    /** These nodes are alive. */
    record Verified(List<Long> nodes) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.verified.addAll(nodes);
        }
    }

    record BecameUnsure() implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.unsure = true;
        }
    }

    /** A number was given out. */
    record Numbered(long number) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.lastNode = number;
        }
    }
}
