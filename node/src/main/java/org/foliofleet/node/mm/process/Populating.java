package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.VmaCommand.GetError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;

/** {@code __mm_populate()}, {@code populate_vma_page_range()} and {@code madvise_populate()}, mm/gup.c (R7.8, R7.21). */
final class Populating {
    private Populating() {}

    /**
     * Faults in what is mapped of a range; holes and VMAs that cannot be populated are left out.
     *
     * @param tolerant go on with the next VMA after an error: {@code mm_populate()} as {@code mmap()} uses it
     * @return the first error, or null
     */
    static GetError populate(Process process, PageRange range, boolean tolerant, Turn turn) {
        long page = range.start();
        while (page < range.end()) {
            long from = page;
            VmaInfo vma = turn.step(() -> process.vmas.findOrNext(from));
            if (vma == null || vma.start() >= range.end()) {
                return null;
            }
            PageRange part = PageRange.between(Math.max(page, vma.start()), Math.min(range.end(), vma.end()));
            page = part.end();
            if (vma.has(VmaFlags.IO | VmaFlags.PFNMAP | VmaFlags.LOCKONFAULT)) {
                continue;
            }
            boolean dirties = !vma.has(VmaFlags.LOCKED) || turn.context().settings().policies().unmap().mlockPopulateDirties();
            boolean write = dirties && vma.has(VmaFlags.WRITE) && !vma.has(VmaFlags.SHARED);
            boolean force = vma.has(VmaFlags.ACCESS);
            GetError error = UserAccess.get(process, part, new UserAccess.Mode(write, force, Hold.NONE, null), turn).error();
            if (error != null && !tolerant) {
                return error;
            }
        }
        return null;
    }

    /** MADV_POPULATE_READ and MADV_POPULATE_WRITE: what was faulted in before an error stays. */
    static CallResult advise(Process process, PageRange range, boolean write, Turn turn) {
        turn.lock(Process.MMAP_LOCK, false);
        UserAccess.Got got = UserAccess.get(process, range, new UserAccess.Mode(write, false, Hold.NONE, null), turn);
        if (got.error() == null) {
            return CallResult.OK;
        }
        if (got.hole()) {
            return new CallResult.Failed(Errno.ENOMEM);
        }
        return new CallResult.Failed(switch (got.error()) {
            case REFUSED -> Errno.EINVAL;
            case POISON -> Errno.EHWPOISON;
            case OOM, LIMIT -> Errno.ENOMEM;
            case FAULT -> Errno.EFAULT;
        });
    }
}
