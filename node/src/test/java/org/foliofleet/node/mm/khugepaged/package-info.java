/** khugepaged as a daemon. */
package org.foliofleet.node.mm.khugepaged;
