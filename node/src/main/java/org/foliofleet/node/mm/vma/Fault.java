package org.foliofleet.node.mm.vma;

import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;

/**
 * {@code struct vm_fault}: an access that the page tables do not permit.
 *
 * @param page    the first faulting page
 * @param until   the run of pages with an equal entry ends here
 * @param end     the access ends here
 * @param unshare FAULT_FLAG_UNSHARE: the page is to become exclusive, but not writable (R4.4)
 * @param task    who takes the fault
 * @param entry   the entry found, or null
 */
record Fault(Vma vma, long page, long until, long end, boolean write, boolean unshare, TaskContext task, Pte entry) {
    /** What the entry of a page that was made exclusive gets: {@code maybe_mkwrite(pte_mkdirty(entry))}. */
    int exclusiveFlags() {
        int flags = Pte.YOUNG | Pte.EXCLUSIVE;
        if (unshare) {
            return flags;
        }
        return flags | Pte.DIRTY | (vma.info.has(VmaFlags.WRITE) ? Pte.WRITE : 0);
    }
}
