package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MlockPolicies.VmaSplitTrigger;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;

/** {@code do_mmap()}, mm/mmap.c, and {@code mmap_region()}, mm/vma.c (R7.16). */
final class Mapping {
    private Mapping() {}

    static CallResult mmap(Process process, MemoryCall.Mmap mmap, Turn turn) {
        PageRange range = mmap.range();
        if (range.isEmpty()) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        turn.lock(Process.MMAP_LOCK, true);
        turn.run(() -> turn.charge(turn.context().costs().mapCall()));
        Errno refusal = turn.step(() -> refusal(process, mmap, turn));
        if (refusal != null) {
            return new CallResult.Failed(refusal);
        }
        AddressSpaceId file = null;
        if (mmap.backing() instanceof Backing.File named) {
            file = turn.ask(new NamespaceId(), new NamespaceCommand.OpenFile(named.name()));
            if (file == null) {
                return new CallResult.Failed(Errno.ENOENT);
            }
        } else if (mmap.backing() instanceof Backing.Device named) {
            SpecialMappings.Opened opened = SpecialMappings.open(mmap, named, turn);
            return opened.error() != null ? new CallResult.Failed(opened.error()) : mapDevice(process, mmap, opened, turn);
        } else if (mmap.shared()) {
            file = turn.ask(new NamespaceId(), new NamespaceCommand.CreateFile("", true, range.count()));
        }
        Errno error = Unmapping.unmap(process, range, VmaSplitTrigger.MUNMAP, turn);
        if (error != null) {
            return new CallResult.Failed(error);
        }
        AddressSpaceId object = file;
        VmaInfo fresh = turn.step(() -> {
            if (object != null && !process.families.contains(object)) {
                FileMappings.attach(process.number(), object, turn);
            }
            return new VmaInfo(process.newVmaId(0), range.start(), range.end(), pageOffset(mmap), flags(mmap), object, null, null, -1);
        });
        VmaEditing.addMerged(process, fresh, turn);
        if (mmap.flags().contains(MapFlag.LOCKED) || mmap.flags().contains(MapFlag.POPULATE)) {
            Populating.populate(process, range, true, turn);
        }
        return CallResult.OK;
    }

    /** {@code mmap_region()} with the {@code mmap} handler of a driver. */
    private static CallResult mapDevice(Process process, MemoryCall.Mmap mmap, SpecialMappings.Opened opened, Turn turn) {
        PageRange range = mmap.range();
        Errno error = Unmapping.unmap(process, range, VmaSplitTrigger.MUNMAP, turn);
        if (error != null) {
            return new CallResult.Failed(error);
        }
        VmaInfo fresh = turn.step(() -> {
            if (!process.families.contains(opened.device())) {
                FileMappings.attach(process.number(), opened.device(), turn);
            }
            long flags = flags(mmap) & ~VmaFlags.LOCKED_MASK | SpecialMappings.flags(opened.kind());
            return new VmaInfo(process.newVmaId(0), range.start(), range.end(), pageOffset(mmap), flags, opened.device(), null, null, -1);
        });
        VmaEditing.addMerged(process, fresh, turn);
        if (!opened.kind().faults() && !turn.ask(fresh.id(), new Device.Fill())) {
            Unmapping.unmap(process, range, null, turn);
            return new CallResult.Failed(Errno.EINVAL);
        }
        if (mmap.flags().contains(MapFlag.LOCKED) || mmap.flags().contains(MapFlag.POPULATE)) {
            Populating.populate(process, range, true, turn);
        }
        return CallResult.OK;
    }

    /** What is found out before anything changes. Within a step. */
    private static Errno refusal(Process process, MemoryCall.Mmap mmap, Turn turn) {
        if (MapCount.refused(process.vmas.size() > turn.context().settings().maxMapCount(), turn)) {
            return Errno.ENOMEM;
        }
        VmaInfo there = process.vmas.findOrNext(mmap.range().start());
        if (mmap.flags().contains(MapFlag.NOREPLACE) && there != null && there.start() < mmap.range().end()) {
            return Errno.EEXIST;
        }
        long limit = turn.context().settings().memlockLimitPages();
        if (mmap.flags().contains(MapFlag.LOCKED) && (limit == 0 || Mlock.locked(process) + mmap.range().count() > limit)) {
            return limit == 0 ? Errno.EPERM : Errno.EAGAIN;
        }
        boolean anonymousPrivate = mmap.backing() instanceof Backing.Anonymous && !mmap.shared();
        return mmap.flags().contains(MapFlag.GROWSDOWN) && !anonymousPrivate ? Errno.EINVAL : null;
    }

    private static long pageOffset(MemoryCall.Mmap mmap) {
        if (mmap.backing() instanceof Backing.File file) {
            return file.pageOffset();
        }
        if (mmap.backing() instanceof Backing.Device device) {
            return device.pageOffset();
        }
        return mmap.shared() ? 0 : mmap.range().start();
    }

    private static long flags(MemoryCall.Mmap mmap) {
        long flags = 0;
        flags |= mmap.protection().read() ? VmaFlags.READ : 0;
        flags |= mmap.protection().write() ? VmaFlags.WRITE : 0;
        flags |= mmap.protection().execute() ? VmaFlags.EXEC : 0;
        flags |= mmap.shared() ? VmaFlags.SHARED | VmaFlags.MAYSHARE : 0;
        flags |= mmap.flags().contains(MapFlag.NORESERVE) ? VmaFlags.NORESERVE : 0;
        flags |= mmap.flags().contains(MapFlag.GROWSDOWN) ? VmaFlags.GROWSDOWN : 0;
        if (mmap.backing() instanceof Backing.Special special) {
            flags |= SpecialMappings.flags(special);
        }
        flags |= mmap.flags().contains(MapFlag.STACK) ? VmaFlags.GROWSDOWN | VmaFlags.STACK : 0;
        flags |= mmap.flags().contains(MapFlag.LOCKED) ? VmaFlags.LOCKED : 0;
        return isAccountable(flags) ? flags | VmaFlags.ACCOUNT : flags;
    }

    /** {@code accountable_mapping()}: private memory that may be written counts against the commit limit. */
    private static boolean isAccountable(long flags) {
        return (flags & (VmaFlags.NORESERVE | VmaFlags.SHARED | VmaFlags.WRITE)) == VmaFlags.WRITE;
    }
}
