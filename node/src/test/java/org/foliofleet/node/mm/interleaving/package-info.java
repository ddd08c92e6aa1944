/** Pairs of operations that begin at all distances in time, in both orders, with tables of what may come out. */
package org.foliofleet.node.mm.interleaving;
