package org.foliofleet.node.mm.collection;

/**
 * Receives the runs of a {@link RunMap} in ascending order. It must not change the map it is walked over.
 *
 * @param <V> the values of the map
 */
@FunctionalInterface
public interface RunVisitor<V> {
    /**
     * One run of keys with equal values, clipped to the range that was asked for.
     *
     * @param start first key
     * @param count number of keys, at least 1
     * @param value the value of all of them; null only where gaps were asked for
     */
    void run(long start, long count, V value);
}
