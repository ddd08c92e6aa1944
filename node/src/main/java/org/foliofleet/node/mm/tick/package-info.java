/** Time and messages of one machine, without its owners: the same for owners on one thread and for owners that are actors. */
package org.foliofleet.node.mm.tick;
