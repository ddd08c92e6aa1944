/** khugepaged: the list of processes that it scans, and what came of every attempt to collapse a block, mm/khugepaged.c (R9.1). */
package org.foliofleet.node.mm.khugepaged;
