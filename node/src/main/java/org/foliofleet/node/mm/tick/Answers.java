package org.foliofleet.node.mm.tick;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.message.Envelope;

/** Replies to whoever stands outside the machine, until they are taken. */
public final class Answers {
    /**
     * One reply.
     *
     * @param number under which the request was submitted
     * @param value  null if the reply is
     * @param cost   simulated nanoseconds
     */
    public record Answer(long number, Object value, long cost) {}

    /** Takes answers to submitted requests. */
    @FunctionalInterface
    public interface Sink {
        /**
         * One answer.
         *
         * @param number under which the request was submitted
         * @param answer null if the reply is
         * @param cost   simulated nanoseconds
         */
        void answered(long number, Object answer, long cost);
    }

    private final TreeMap<Long, Answer> byNumber = new TreeMap<>();

    void add(Envelope reply) {
        byNumber.put(reply.flight(), new Answer(reply.flight(), reply.payload(), reply.cost()));
    }

    void add(Answer answer) {
        byNumber.put(answer.number(), answer);
    }

    /** Hands out all answers, by number, and forgets them. */
    public void drain(Sink sink) {
        while (!byNumber.isEmpty()) {
            Map.Entry<Long, Answer> first = byNumber.pollFirstEntry();
            sink.answered(first.getKey(), first.getValue().value(), first.getValue().cost());
        }
    }

    /** The answer, or null if it has not come. */
    public Answer get(long number) {
        return byNumber.get(number);
    }

    /** The answer, which is then forgotten, or null if it has not come. */
    public Answer take(long number) {
        return byNumber.remove(number);
    }

    /** All that were not taken, by number. */
    public List<Answer> list() {
        return new ArrayList<>(byNumber.values());
    }
}
