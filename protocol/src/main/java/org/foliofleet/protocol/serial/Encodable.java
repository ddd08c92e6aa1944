package org.foliofleet.protocol.serial;

/**
 * A class that knows its canonical form better than its fields do: collections whose inner shape depends on their
 * history, immutable classes that are not records.
 *
 * <p>The counterpart is a method {@code decodeFrom(Decoder)}: static and returning the value in an immutable class; in a
 * mutable one an instance method, called on an empty instance.
 */
public interface Encodable {
    /** Writes the content; what is equal must write equal bytes. */
    void encodeTo(Encoder out);
}
