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
 * @param items   addresses that were merged into it, latest first
 */
record StableNode(long frame, Content content, long chain, List<ItemKey> items) {
    StableNode {
        items = List.copyOf(items);
    }

    StableNode inChain(long of) {
        return new StableNode(frame, content, of, items);
    }

    StableNode with(ItemKey item) {
        List<ItemKey> more = new ArrayList<>(List.of(item));
        more.addAll(items);
        return new StableNode(frame, content, chain, more);
    }

    StableNode without(ItemKey item) {
        List<ItemKey> fewer = new ArrayList<>(items);
        fewer.remove(item);
        return new StableNode(frame, content, chain, fewer);
    }

    /** {@code is_page_sharing_candidate()}: somebody shares it, and so many more may. */
    boolean isCandidate(int more, int limit) {
        return !items.isEmpty() && items.size() + more < limit;
    }
}
