package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand.UnmapFile;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;

/** System calls on files, and what files ask of the processes that map them. */
final class FileCalls {
    /** Makes the request to the opened file. */
    @FunctionalInterface
    private interface Request {
        AddressSpaceCommand<CallResult> by(TaskContext task);
    }

    private FileCalls() {}

    static CallResult pwrite(Process process, MemoryCall.Pwrite call, Turn turn) {
        return ask(process, call.file(), task -> new AddressSpaceCommand.Pwrite(call.range(), call.content(), task), turn);
    }

    static CallResult fallocate(Process process, MemoryCall.Fallocate call, Turn turn) {
        return ask(process, call.file(), task -> new AddressSpaceCommand.Fallocate(call.range(), task), turn);
    }

    static CallResult punchHole(Process process, MemoryCall.PunchHole call, Turn turn) {
        return ask(process, call.file(), task -> new AddressSpaceCommand.PunchHole(call.range()), turn);
    }

    static CallResult ftruncate(Process process, MemoryCall.Ftruncate call, Turn turn) {
        return ask(process, call.file(), task -> new AddressSpaceCommand.Truncate(call.pages()), turn);
    }

    private static CallResult ask(Process process, String name, Request request, Turn turn) {
        AddressSpaceId file = turn.ask(new NamespaceId(), new NamespaceCommand.OpenFile(name));
        if (file == null) {
            return new CallResult.Failed(Errno.ENOENT);
        }
        TaskContext task = turn.step(() -> process.task);
        return turn.ask(file, request.by(task));
    }

    /** {@code madvise_remove()} (R7.11). */
    static CallResult remove(VmaInfo vma, PageRange part, Turn turn) {
        if (vma.has(VmaFlags.LOCKED) || vma.file() == null) {
            return new CallResult.Failed(Errno.EINVAL);
        }
        if (!vma.has(VmaFlags.SHARED)) {
            return new CallResult.Failed(Errno.EACCES);
        }
        if (vma.has(VmaFlags.PFNMAP | VmaFlags.MIXEDMAP)) {
            return new CallResult.Failed(Errno.ENODEV); // vfs_fallocate() of a device
        }
        return turn.ask(vma.file(), new AddressSpaceCommand.PunchHole(new PageRange(vma.pageOffsetOf(part.start()), part.count())));
    }

    /** {@code unmap_mapping_range()} within a process: every VMA that maps pages of the range. */
    static Void unmap(Process process, UnmapFile unmap, Turn turn) {
        turn.lock(Process.STRUCTURE_LOCK, false);
        List<VmaInfo> vmas = turn.step(() -> {
            List<VmaInfo> all = new ArrayList<>();
            process.vmas.forEach(0, Long.MAX_VALUE, vma -> {
                if (unmap.file().equals(vma.file()) && mapped(vma, unmap.range()).count() > 0) {
                    all.add(vma);
                }
            });
            return all;
        });
        List<OwnerId> to = new ArrayList<>();
        List<Command<Void>> requests = new ArrayList<>();
        for (VmaInfo vma : vmas) {
            to.add(vma.id());
            requests.add(new VmaCommand.ZapFile(mapped(vma, unmap.range()), unmap.evenCows()));
        }
        turn.askAll(to, requests);
        return null;
    }

    /** Virtual pages of the VMA that map file pages of the range. */
    private static PageRange mapped(VmaInfo vma, PageRange range) {
        long from = Math.max(range.start(), vma.pageOffset());
        long to = Math.min(range.end(), vma.pageOffset() + vma.pages());
        return from < to ? PageRange.between(vma.addressOf(from), vma.addressOf(to)) : new PageRange(vma.start(), 0);
    }
}
