package org.foliofleet.node.mm.ksm;

import java.util.List;
import java.util.Map;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.message.Ksm.PageRun;

/**
 * With {@code merge_across_nodes} 0 a KSM page that was migrated to another node of the machine changes to that node's tree:
 * when ksmd comes upon it, it takes it out of the tree that it is in ({@code migrate_nodes}), and looks in the other for a page
 * of the same content ({@code stable_tree_search()}, R12.2).
 */
final class MigratedPages {
    private MigratedPages() {}

    /** The page of a node may be where the node's tree is not: then it is in none from now on. Within a step. */
    static void noteNode(Ksmd ksmd, long number, Turn turn) {
        StableNode node = ksmd.nodes.get(number);
        if (!node.isMigrated() && KsmTrees.nid(node.frame(), turn) != node.nid()) {
            takeOut(ksmd, number, turn);
        }
    }

    /** Within a step. */
    static void takeOut(Ksmd ksmd, long number, Turn turn) {
        KsmTrees.leaveTree(ksmd, number, turn);
        KsmTrees.set(number, ksmd.nodes.get(number).inTree(StableNode.MIGRATED), turn);
    }

    /** Before a full scan: those in no tree whose pages are no more go. */
    static void dropDead(Ksmd ksmd, Turn turn) {
        List<Long> migrated = turn.step(() -> ksmd.nodes.entrySet().stream().filter(node -> node.getValue().isMigrated())
                .map(Map.Entry::getKey).toList());
        if (!migrated.isEmpty()) {
            KsmMerging.verify(ksmd, migrated, turn);
        }
    }

    /**
     * {@code stable_tree_search()} for a KSM page whose node is in no tree. If the tree has a page of the same content that can
     * take more, and only one entry maps this one, it may be merged with that; otherwise its node comes into the tree. (Where
     * all are full the kernel forgets the item, and rmap walks do not find the page.)
     *
     * @param own  its node
     * @param page the KSM page
     * @return the node that can be shared, its own or another; 0 if its own is no more
     */
    static long search(Ksmd ksmd, long own, PageRun page, int nid, Turn turn) {
        KsmMerging.verifyPath(ksmd, nid, page.content(), turn);
        boolean shared = turn.ask(new NumaNodeId(Frame.node(page.frame())), new Ksm.IsShared(page.frame()));
        return turn.step(() -> {
            StableNode node = ksmd.nodes.get(own);
            return node == null ? 0 : node.isMigrated() ? search(ksmd, own, node, nid, shared, turn) : own;
        });
    }

    private static long search(Ksmd ksmd, long own, StableNode node, int nid, boolean shared, Turn turn) {
        Content content = node.content();
        int limit = turn.context().settings().ksmMaxPageSharing();
        long found = KsmTrees.pass(ksmd, nid, content, limit, turn);
        if (found != 0 && !shared && ksmd.nodes.get(found).isCandidate(0, limit)) {
            if (KsmTrees.nid(ksmd.nodes.get(found).frame(), turn) == nid) {
                return found;
            }
            takeOut(ksmd, found, turn);
        }
        KsmTrees.link(ksmd, own, node.inTree(nid), turn);
        return own;
    }

    /** The item belongs to the node that can be shared if that is the page's own, otherwise to none until it is merged. */
    static void settle(Ksmd ksmd, Candidate candidate, long shared, Turn turn) {
        long own = candidate.page().node();
        if (shared == own && KsmTrees.item(ksmd, candidate.key()).node() == own) {
            return;
        }
        KsmTrees.removeFromTree(ksmd, candidate.key(), turn);
        if (shared == own) {
            KsmTrees.append(ksmd, candidate.key(), own, candidate.root(), turn);
        }
    }

    /** {@code merge_across_nodes_store()}: nodes whose pages nobody shares any more go; with others the trees stay as they are. */
    static Boolean rearrange(Ksmd ksmd, Ksm.Rearrange request, Turn turn) {
        if (ksmd.nodes.values().stream().anyMatch(node -> !node.items().isEmpty())) {
            return false;
        }
        for (long number : List.copyOf(ksmd.nodes.keySet())) {
            KsmTrees.remove(ksmd, number, turn);
        }
        return true;
    }
}
