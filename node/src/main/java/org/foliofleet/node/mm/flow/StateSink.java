package org.foliofleet.node.mm.flow;

/** Takes state items for the digest; their order does not matter, every field does. */
public interface StateSink {
    /**
     * One item.
     *
     * @param kind   what it is, unique within the owner's kind
     * @param fields all that tells it from others
     */
    void item(int kind, long... fields);

    /** The same with an object whose canonical encoding counts. */
    void object(int kind, Object value, long... fields);
}
