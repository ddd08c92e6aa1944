/** Random programs on random small machines: the same seed gives the same program, everywhere. */
package org.foliofleet.node.mm.random;
