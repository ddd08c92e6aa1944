/**
 * The canonical binary form of values and state: equal values have equal bytes, in every JVM. Digests are made of it, and
 * so are messages, flights and snapshots that leave a machine's heap. Needs no registration: records, enums and state
 * classes of this project are known by their names, their fields by reflection, once for each class.
 */
package org.foliofleet.protocol.serial;
