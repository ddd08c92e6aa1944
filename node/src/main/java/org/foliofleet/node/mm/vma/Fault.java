package org.foliofleet.node.mm.vma;

import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;

/**
 * {@code struct vm_fault}: an access that the page tables do not permit.
 *
 * @param page    the first faulting page
 * @param until   the run of pages with an equal entry ends here
 * @param end     the access ends here
 * @param task    who takes the fault
 * @param entry   the entry found, or null
 */
record Fault(Vma vma, long page, long until, long end, boolean write, TaskContext task, Pte entry) {}
