package org.foliofleet.coordinator.experiment;

import java.util.ArrayDeque;

/** How fast an experiment goes: what it did in the last seconds of wall time. */
final class Pace {
    private static final long WINDOW_MILLIS = 15_000;
    private static final long LEAST_MILLIS = 500;

    private record Sample(long atMillis, long nanos, long messages, long ended) {}

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();

    /**
     * Notes how far it is.
     *
     * @param nanos simulated by the slowest machine, -1 if not known
     * @param ended machines that have
     */
    void note(long atMillis, long nanos, long messages, long ended) {
        if (nanos < 0) {
            return;
        }
        Sample last = samples.peekLast();
        if (last != null && (nanos < last.nanos || messages < last.messages)) {
            samples.clear();   // somebody stepped back, or the slowest machine has ended
        }
        samples.add(new Sample(atMillis, nanos, messages, ended));
        while (samples.size() > 2 && atMillis - samples.peekFirst().atMillis > WINDOW_MILLIS) {
            samples.remove();
        }
    }

    void forget() {
        samples.clear();
    }

    long nanosPerSecond() {
        return perSecond(span() < LEAST_MILLIS ? 0 : samples.getLast().nanos - samples.getFirst().nanos);
    }

    long messagesPerSecond() {
        return perSecond(span() < LEAST_MILLIS ? 0 : samples.getLast().messages - samples.getFirst().messages);
    }

    /**
     * Wall time that remains, in seconds; -1 if nobody can say.
     *
     * @param goalNanos simulated time at which machines end; -1 if they end otherwise
     * @param machines  all of them
     */
    long remainingSeconds(long goalNanos, long machines) {
        if (span() < LEAST_MILLIS) {
            return -1;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        if (goalNanos >= 0 && last.nanos > first.nanos) {
            return (long) ((double) Math.max(0, goalNanos - last.nanos) / (last.nanos - first.nanos) * span() / 1000);
        }
        if (last.ended > first.ended) {
            return (long) ((double) (machines - last.ended) / (last.ended - first.ended) * span() / 1000);
        }
        return -1;
    }

    private long span() {
        return samples.size() < 2 ? 0 : samples.getLast().atMillis - samples.getFirst().atMillis;
    }

    private long perSecond(long amount) {
        long millis = span();
        return millis == 0 ? 0 : (long) ((double) amount * 1000 / millis);
    }
}
