package org.foliofleet.node.mm.machine;

import java.util.Arrays;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.protocol.message.Envelope;

/** Messages of one owner for one tick, in the total order. */
final class Mailbox {
    private static final int KEPT = 64;
    private Envelope[] envelopes = new Envelope[2];
    private int size;

    void add(Envelope envelope) {
        if (size == envelopes.length) {
            envelopes = Arrays.copyOf(envelopes, size * 2);
        }
        envelopes[size++] = envelope;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    Envelope get(int index) {
        return envelopes[index];
    }

    /** Puts the messages in order; they mostly are. A tie is a violation. */
    int sort() {
        boolean sorted = true;
        for (int i = 1; i < size && sorted; i++) {
            sorted = envelopes[i - 1].compareTo(envelopes[i]) < 0;
        }
        if (!sorted) {
            Arrays.sort(envelopes, 0, size);
            for (int i = 1; i < size; i++) {
                if (envelopes[i - 1].compareTo(envelopes[i]) == 0) {
                    throw new InvariantViolation("two messages tie: " + envelopes[i - 1] + " and " + envelopes[i]);
                }
            }
        }
        return size;
    }

    void recycle() {
        Arrays.fill(envelopes, 0, size, null);
        size = 0;
    }

    boolean isSmall() {
        return envelopes.length < KEPT;
    }
}
