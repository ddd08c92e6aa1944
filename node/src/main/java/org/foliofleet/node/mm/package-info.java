/**
 * The model of Linux memory management: owners' state machines without I/O. No Akka, clock, thread, random source,
 * logger or stream; {@link org.foliofleet.node.mm.machine.Machine} and the actors host it.
 */
package org.foliofleet.node.mm;
