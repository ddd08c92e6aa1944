/** What a NUMA node owns: frames, folios with all their counters and contents, LRU membership, the deferred split queue. */
package org.foliofleet.node.mm.numa;
