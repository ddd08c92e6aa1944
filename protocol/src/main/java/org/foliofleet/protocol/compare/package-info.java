/**
 * Experiments that are run several times, under other switches and seeds, and what their results tell about the
 * difference. Nothing here runs anything.
 */
package org.foliofleet.protocol.compare;
