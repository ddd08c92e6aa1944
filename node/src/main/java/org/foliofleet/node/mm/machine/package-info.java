/** A whole machine on one thread: the owners, the ticks, the order of messages, the digest and the audit. */
package org.foliofleet.node.mm.machine;
