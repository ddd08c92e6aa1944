package org.foliofleet.node.trace;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Puts events into the order in which they took effect.
 *
 * <p>A call takes effect between the two lines that record it, while other threads go on. A place can be held where it
 * begins and be filled when its answer is known; the events behind it wait.
 */
final class EventOrder {
    /** Events that wait at most; a call unanswered for longer is given up, so that memory stays bounded. */
    private static final int LIMIT = 200_000;

    /** A place in the order: open until filled or dropped. */
    static final class Place {
        private TraceEvent event;
        private boolean open = true;

        boolean isOpen() {
            return open;
        }
    }

    private final ArrayDeque<Place> places = new ArrayDeque<>();
    private final Consumer<TraceEvent> out;
    private final Runnable givenUp;

    EventOrder(Consumer<TraceEvent> out, Runnable givenUp) {
        this.out = out;
        this.givenUp = givenUp;
    }

    void add(TraceEvent event) {
        if (places.isEmpty()) {
            out.accept(event);
        } else {
            fill(hold(), event);
        }
    }

    Place hold() {
        if (places.size() >= LIMIT) {
            givenUp.run();
            drop(places.getFirst());
        }
        Place place = new Place();
        places.addLast(place);
        return place;
    }

    /** Fills a held place; a place given up meanwhile is filled at the end. */
    void fill(Place place, TraceEvent event) {
        if (!place.open) {
            add(event);
            return;
        }
        place.event = event;
        drop(place);
    }

    /** Releases a held place. */
    void drop(Place place) {
        place.open = false;
        while (!places.isEmpty() && !places.getFirst().open) {
            TraceEvent event = places.removeFirst().event;
            if (event != null) {
                out.accept(event);
            }
        }
    }

    /** Gives up whatever is still open. */
    void end() {
        while (!places.isEmpty()) {
            drop(places.getFirst());
        }
    }
}
