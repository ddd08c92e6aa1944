package org.foliofleet.protocol.message;

/**
 * What one owner asks of another. A command is answered with exactly one reply of type {@code R}, when it was sent as a
 * request; sent as a notice, its reply is dropped.
 *
 * @param <R> the reply
 */
public interface Command<R> {}
