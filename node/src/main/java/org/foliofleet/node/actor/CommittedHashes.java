package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongPredicate;
import org.agrona.collections.Long2LongHashMap;

/** What every owner was like at the last commit, by its hash. */
final class CommittedHashes {
    private final Long2LongHashMap hashes = new Long2LongHashMap(0);
    private int commits;

    /** Notes the owner's hash; says whether it is another than at the last commit. */
    boolean changes(long owner, long hash) {
        return hashes.put(owner, hash) != hash;
    }

    /** Forgets owners that are no more, ends the commit, and names them by key. */
    List<Long> retain(LongPredicate exists) {
        List<Long> gone = new ArrayList<>();
        for (Long2LongHashMap.KeyIterator keys = hashes.keySet().iterator(); keys.hasNext();) {
            long key = keys.nextValue();
            if (!exists.test(key)) {
                gone.add(key);
            }
        }
        Collections.sort(gone);
        gone.forEach(key -> hashes.remove(key.longValue()));
        commits++;
        return gone;
    }

    /** Whether the commit that {@link #retain} ended was the first: it tells all there is. */
    boolean isFirst() {
        return commits == 1;
    }
}
