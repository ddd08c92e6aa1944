package org.foliofleet.node.actor;

/**
 * What one lane says to another, or a part of it: in one JVM the message itself, between two its bytes.
 *
 * @param from    the sender, so that those of other machines and incarnations are told apart
 * @param number  counts the messages from this sender to this receiver, from 1
 * @param chunk   counts the parts of the message, from 0
 * @param chunks  how many parts the message has
 * @param message null if there are bytes
 * @param bytes   of this part; null if there is a message
 */
record LanePacket(LaneName from, long number, int chunk, int chunks, LaneMessage message, byte[] bytes) implements Internal {
    /** Without its bytes. */
    @Override
    public String toString() {
        return "packet " + number + ", part " + (chunk + 1) + " of " + chunks + ", of " + from;
    }
}
