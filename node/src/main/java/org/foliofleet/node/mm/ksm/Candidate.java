package org.foliofleet.node.mm.ksm;

import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.message.Ksm.PageRun;

/**
 * A page that may be merged: its content did not change from one scan to the next.
 *
 * @param page    one page
 * @param process that maps it
 * @param root    of the VMA
 * @param zero    it may give way to the zero page
 */
record Candidate(ItemKey key, PageRun page, int process, AnonVmaRootId root, boolean zero) {}
