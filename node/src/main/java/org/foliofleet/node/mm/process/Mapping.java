package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code do_mmap()}, mm/mmap.c, and {@code mmap_region()}, mm/vma.c. */
final class Mapping {
    private Mapping() {}

    static CallResult mmap(Process process, MemoryCall.Mmap mmap, Turn turn) {
        turn.lock(Process.MMAP_LOCK, true);
        if (!(mmap.backing() instanceof Backing.Anonymous) || mmap.shared()) {
            return new CallResult.Unsupported("mmap of " + mmap.backing());
        }
        Unmapping.unmap(process, mmap.range(), turn);
        long flags = flags(mmap);
        VmaInfo info = turn.step(() -> new VmaInfo(process.newVmaId(0), mmap.range().start(), mmap.range().end(), mmap.range().start(),
                flags, null, null, null, null, -1));
        VmaEditing.addMerged(process, info, turn);
        return CallResult.OK;
    }

    private static long flags(MemoryCall.Mmap mmap) {
        long flags = 0;
        flags |= mmap.protection().read() ? VmaFlags.READ : 0;
        flags |= mmap.protection().write() ? VmaFlags.WRITE : 0;
        flags |= mmap.protection().execute() ? VmaFlags.EXEC : 0;
        flags |= mmap.flags().contains(MapFlag.NORESERVE) ? VmaFlags.NORESERVE : 0;
        flags |= mmap.flags().contains(MapFlag.GROWSDOWN) ? VmaFlags.GROWSDOWN : 0;
        if (!mmap.flags().contains(MapFlag.NORESERVE) && mmap.protection().write() && !mmap.shared()) {
            flags |= VmaFlags.ACCOUNT;
        }
        return flags;
    }
}
