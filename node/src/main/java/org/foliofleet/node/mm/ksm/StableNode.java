package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.message.Ksm.Content;

/**
 * {@code struct ksm_stable_node}: a KSM page.
 *
 * @param frame   that holds it
 * @param content that it had when it was made; nobody can write it
 * @param chain   of pages with the same content, or 0
 * @param nid     node of the machine in whose tree it is, or {@link #MIGRATED}
 * @param items   addresses that were merged into it, latest first
 */
record StableNode(long frame, Content content, long chain, int nid, List<ItemKey> items) {
    /** {@code migrate_nodes}: its page was found on another node of the machine, and it is in no tree. */
    static final int MIGRATED = -1;

    StableNode {
        items = List.copyOf(items);
    }

    StableNode inChain(long of) {
        return new StableNode(frame, content, of, nid, items);
    }

    StableNode inTree(int of) {
        return new StableNode(frame, content, 0, of, items);
    }

    /** {@code folio_migrate_ksm()}. */
    StableNode atFrame(long to) {
        return new StableNode(to, content, chain, nid, items);
    }

    boolean isMigrated() {
        return nid == MIGRATED;
    }

    StableNode with(ItemKey item) {
        List<ItemKey> more = new ArrayList<>(List.of(item));
        more.addAll(items);
        return new StableNode(frame, content, chain, nid, more);
    }

    StableNode without(ItemKey item) {
        List<ItemKey> fewer = new ArrayList<>(items);
        fewer.remove(item);
        return new StableNode(frame, content, chain, nid, fewer);
    }

    /** {@code is_page_sharing_candidate()}: somebody shares it, and so many more may. */
    boolean isCandidate(int more, int limit) {
        return !items.isEmpty() && items.size() + more < limit;
    }
}
