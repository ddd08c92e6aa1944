/**
 * What coordinators and nodes tell each other: low in number, by name through Cluster Sharding, as Jackson CBOR. Nothing of
 * this is on the path of ticks. Whoever receives a message twice, or late, does nothing wrong.
 */
package org.foliofleet.protocol.control;
