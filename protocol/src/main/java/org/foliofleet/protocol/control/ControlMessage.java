package org.foliofleet.protocol.control;

/** Marks what may be sent between JVMs as Jackson CBOR; nothing else may. */
public interface ControlMessage {}
