package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.FolioCommand.SplitFolio;
import org.foliofleet.protocol.message.FolioCommand.Unless;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.message.Ksm.Kind;
import org.foliofleet.protocol.message.Ksm.Merged;
import org.foliofleet.protocol.message.Ksm.PageRun;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** The second part of {@code cmp_and_merge_page()}: the page meets the stable tree, then the unstable one (R12.2, R12.3). */
final class KsmMerging {
    private KsmMerging() {}

    static void merge(Ksmd ksmd, Candidate candidate, Turn turn) {
        PageRun page = candidate.page();
        turn.run(() -> {
            if (page.order() > 0) {
                KsmTrees.unsure(ksmd, turn);   // it will be split
            }
        });
        Content content = page.content();
        ProcessId process = new ProcessId(candidate.process());
        if (candidate.zero()) {
            Merged merged = turn.ask(process, new Ksm.Merge(page.page(), page.frame(), Kind.ZERO, 0, 0, content));
            if (merged.done() || !merged.found()) {
                return;
            }
        }
        int nid = turn.step(() -> KsmTrees.nid(page.frame(), turn));
        long own = page.node();
        long shared = own == 0 ? searchStable(ksmd, nid, content, turn) : MigratedPages.search(ksmd, own, page, nid, turn);
        if (own != 0) {
            turn.run(() -> MigratedPages.settle(ksmd, candidate, shared, turn));
            if (shared == own) {
                return;
            }
        }
        if (shared != 0) {
            long frame = turn.step(() -> ksmd.nodes.get(shared).frame());
            Merged merged = turn.ask(process, new Ksm.Merge(page.page(), page.frame(), Kind.INTO, frame, shared, content));
            turn.run(() -> {
                if (merged.done()) {
                    KsmTrees.removeFromTree(ksmd, candidate.key(), turn);
                    KsmTrees.append(ksmd, candidate.key(), shared, merged.root(), turn);
                }
            });
            return;
        }
        searchUnstable(ksmd, candidate, nid, turn);
    }

    /** {@code stable_tree_search()}: the node that can be shared, or 0. Nodes of pages that are no more go as it passes them. */
    private static long searchStable(Ksmd ksmd, int nid, Content content, Turn turn) {
        verifyPath(ksmd, nid, content, turn);
        return turn.step(() -> KsmTrees.search(ksmd, nid, content, turn.context().settings().ksmMaxPageSharing(), turn));
    }

    /** Nodes of pages that are no more go from the way to a content. */
    static void verifyPath(Ksmd ksmd, int nid, Content content, Turn turn) {
        while (true) {
            List<Long> unknown = turn.step(() -> KsmTrees.unknownOnPath(ksmd, nid, content));
            if (unknown.isEmpty()) {
                return;
            }
            verify(ksmd, unknown, turn);
        }
    }

    /** {@code ksm_get_folio()} of nodes: those of pages that are no more go. Of one whose page has moved meanwhile, nothing is known. */
    static void verify(Ksmd ksmd, List<Long> nodes, Turn turn) {
        List<NumaNodeId> to = new ArrayList<>();
        List<Ksm.IsAlive> questions = new ArrayList<>();
        for (long node : nodes) {
            long frame = turn.step(() -> ksmd.nodes.get(node).frame());
            to.add(new NumaNodeId(Frame.node(frame)));
            questions.add(new Ksm.IsAlive(frame, node));
        }
        List<Boolean> alive = turn.askAll(to, questions);
        turn.run(() -> {
            List<Long> verified = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                StableNode node = ksmd.nodes.get(nodes.get(i));
                if (alive.get(i)) {
                    verified.add(nodes.get(i));
                } else if (node != null && node.frame() == questions.get(i).frame()) {
                    KsmTrees.remove(ksmd, nodes.get(i), turn);
                }
            }
            KsmTrees.verified(ksmd, verified, turn);
        });
    }

    /** A node whose last item is taken away goes with it if nobody maps its page. */
    static void dropDead(Ksmd ksmd, Turn turn) {
        List<Long> empty = turn.step(() -> ksmd.nodes.entrySet().stream().filter(node -> node.getValue().items().isEmpty())
                .map(Map.Entry::getKey).toList());
        verify(ksmd, empty, turn);
    }

    /** {@code unstable_tree_search_insert()}: the search ends at a page that is not there any more. */
    private static void searchUnstable(Ksmd ksmd, Candidate candidate, int nid, Turn turn) {
        Content content = candidate.page().content();
        if (turn.step(() -> ksmd.unsure)) {
            List<ItemKey> path = turn.step(() -> ksmd.unstableTree(nid).path(content));
            List<ProcessId> to = new ArrayList<>();
            List<Ksm.Peek> questions = new ArrayList<>();
            for (ItemKey key : path) {
                to.add(turn.step(() -> new ProcessId(ksmd.slots.get(key.slot()).process())));
                questions.add(new Ksm.Peek(key.page()));
            }
            if (turn.askAll(to, questions).stream().anyMatch(Objects::isNull)) {
                return;
            }
        }
        ItemKey other = turn.step(() -> KsmTrees.searchUnstable(ksmd, candidate.key(), nid, content, turn));
        if (other != null) {
            two(ksmd, candidate, other, nid, turn);
        }
    }

    /** {@code try_to_merge_two_pages()} and what follows. */
    private static void two(Ksmd ksmd, Candidate candidate, ItemKey other, int nid, Turn turn) {
        PageRun page = candidate.page();
        Content content = page.content();
        ProcessId process = new ProcessId(candidate.process());
        ProcessId others = turn.step(() -> new ProcessId(ksmd.slots.get(other.slot()).process()));
        PageRun tree = turn.ask(others, new Ksm.Peek(other.page()));
        if (tree == null || tree.frame() == page.frame() || !tree.content().equals(content)
                || turn.step(() -> KsmTrees.nid(tree.frame(), turn)) != nid) {
            return;
        }
        if (tree.order() > 0 && Frame.head(tree.frame(), tree.order()) == Frame.head(page.frame(), tree.order())) {
            split(candidate, tree, turn);
            return;
        }
        turn.run(() -> {
            if (tree.order() > 0) {
                KsmTrees.unsure(ksmd, turn);
            }
        });
        long node = turn.step(() -> KsmTrees.number(ksmd, turn));
        Merged first = turn.ask(process, new Ksm.Merge(page.page(), page.frame(), Kind.MAKE, 0, node, content));
        if (!first.done()) {
            return;
        }
        turn.run(() -> KsmTrees.removeFromTree(ksmd, candidate.key(), turn));
        Merged second = turn.ask(others, new Ksm.Merge(other.page(), tree.frame(), Kind.INTO, page.frame(), node, content));
        if (!second.done()) {
            turn.ask(process, new Ksm.Break(page.page()));
            return;
        }
        turn.run(() -> {
            KsmTrees.removeFromTree(ksmd, other, turn);
            KsmTrees.insert(ksmd, node, page.frame(), content, turn.context().settings().ksmMaxPageSharing(), turn);
            KsmTrees.append(ksmd, other, node, second.root(), turn);
            KsmTrees.append(ksmd, candidate.key(), node, first.root(), turn);
        });
    }

    /** Both are pages of one folio, of which ksmd has two references: it can be split when one of them is given up. */
    private static void split(Candidate candidate, PageRun tree, Turn turn) {
        PageRun page = candidate.page();
        NumaNodeId node = new NumaNodeId(Frame.node(tree.frame()));
        PageRuns held = PageRuns.of(tree.page(), 1, Pte.present(tree.page(), tree.frame(), tree.order(), Pte.ANON));
        long taken = turn.ask(node, new NumaNodeCommand.TakeHolds(Hold.GET, held)).pages();
        turn.ask(new ProcessId(candidate.process()), new Ksm.Merge(page.page(), page.frame(), Kind.INTO, 0, 0, page.content()));
        turn.run(() -> {
            if (taken > 0) {
                turn.send(node, new NumaNodeCommand.DropHolds(Hold.GET, FrameRuns.of(tree.frame(), 1)));
            }
        });
        turn.ask(node, new SplitFolio(Frame.head(page.frame(), page.order()), page.order(), 0, -1, false, Unless.NEVER));
    }
}
