package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.message.Envelope;

/** Collects what goes to owners of one other lane in one tick. */
final class LaneBatcher {
    private List<Envelope> sent = new ArrayList<>();
    private long[] ticks;

    /** @param tick 0 for the next */
    void add(Envelope envelope, long tick) {
        if (tick != 0 && ticks == null) {
            ticks = new long[16];
        }
        if (ticks != null) {
            if (ticks.length <= sent.size()) {
                ticks = Arrays.copyOf(ticks, sent.size() * 2 + 1);
            }
            ticks[sent.size()] = tick;
        }
        sent.add(envelope);
    }

    List<Envelope> sent() {
        return sent;
    }

    /** When each is due; null if all are in the next tick. */
    long[] ticks() {
        return ticks == null ? null : Arrays.copyOf(ticks, sent.size());
    }
}
