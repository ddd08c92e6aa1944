package org.foliofleet.node.mm.flow;

import java.util.ArrayList;

/** What is under way in an owner: flights that wait, and the locks that flights hold or await. */
final class Operations {
    /** By ascending number; null while there are none. */
    ArrayList<Flight> flights;
    /** Null while none is held. */
    Locks locks;

    boolean isEmpty() {
        return flights == null && locks == null;
    }

    /** The flight of that number, or null if none such waits. */
    Flight flight(long number) {
        if (flights == null) {
            return null;
        }
        int low = 0;
        int high = flights.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long at = flights.get(middle).number;
            if (at == number) {
                return flights.get(middle);
            }
            if (at < number) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }
}
