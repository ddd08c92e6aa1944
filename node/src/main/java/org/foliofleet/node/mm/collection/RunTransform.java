package org.foliofleet.node.mm.collection;

/**
 * Gives the runs of a {@link RunMap} new values, in ascending order. It must neither read nor change the map.
 *
 * @param <V> the values of the map
 */
@FunctionalInterface
public interface RunTransform<V> {
    /**
     * The new value of a run of keys with equal values.
     *
     * @param start first key
     * @param count number of keys, at least 1
     * @param value the value of all of them now
     * @return the value of all of them from now on, or null to clear them
     */
    V apply(long start, long count, V value);
}
