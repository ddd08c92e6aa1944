/**
 * Memory that is short, from the side of those who want some: how an allocation goes from node to node, wakes kswapd, waits for
 * reclaim, and what happens when nothing can be reclaimed.
 */
package org.foliofleet.node.mm.pressure;
