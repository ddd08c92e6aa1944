package org.foliofleet.node.mm.tick;

import java.util.Arrays;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.protocol.message.Envelope;

/** Messages of one owner for one tick. Whoever has the turn has the mailbox. */
public final class Mailbox {
    private static final int KEPT = 64;
    private Envelope[] envelopes = new Envelope[2];
    private int size;

    void add(Envelope envelope) {
        if (size == envelopes.length) {
            envelopes = Arrays.copyOf(envelopes, size * 2);
        }
        envelopes[size++] = envelope;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public Envelope get(int index) {
        return envelopes[index];
    }

    /**
     * Puts the messages in their total order; they mostly are.
     *
     * @return how many there are
     * @throws InvariantViolation if two tie
     */
    public int sort() {
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
