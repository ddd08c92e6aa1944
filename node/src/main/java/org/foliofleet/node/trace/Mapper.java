package org.foliofleet.node.trace;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.foliofleet.node.trace.TraceEvent.Call;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** Maps and unmaps memory in the model as a recording says, and assumes what must have been mapped before it began. */
final class Mapper {
    private static final long MAP_SHARED = 1;
    private static final long MAP_ANONYMOUS = 0x20;
    private static final long MAP_GROWSDOWN = 0x100;
    private static final long MAP_LOCKED = 0x2000;
    private static final long MAP_NORESERVE = 0x4000;
    private static final long MAP_POPULATE = 0x8000;
    private static final long MAP_NONBLOCK = 0x10000;
    private static final long MAP_STACK = 0x20000;
    private static final long MAP_HUGETLB = 0x40000;
    private static final long MREMAP_DONTUNMAP = 4;
    private static final long ADDRESS_LIMIT = 1L << 56;
    /** What {@code execve} leaves below the arguments of a program, in pages. */
    private static final long STACK_ROOM = 32;
    private static final long ARGUMENT_LIMIT = 1536;

    private final TraceTarget target;
    private final TraceFiles files;
    private final NotReplayed notReplayed;
    private final Collection<TraceProcess> processes;
    private long assumed;

    Mapper(TraceTarget target, TraceFiles files, NotReplayed notReplayed, Collection<TraceProcess> processes) {
        this.target = target;
        this.files = files;
        this.notReplayed = notReplayed;
        this.processes = processes;
    }

    /** Areas that were mapped before the recording began and are taken for anonymous memory. */
    long assumedAreas() {
        return assumed;
    }

    /** Pages of a byte range, the length rounded up; empty if the numbers make no range. */
    static PageRange pages(long address, long length) {
        if (address < 0 || length < 0 || address > ADDRESS_LIMIT || length > ADDRESS_LIMIT) {
            return new PageRange(0, 0);
        }
        return new PageRange(address >>> 12, (length + 0xfff) >>> 12);
    }

    static Protection protection(long bits) {
        return new Protection((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
    }

    // -- calls -----------------------------------------------------------------------------------------------------

    void mmap(TraceProcess process, Call call) {
        long[] args = call.args();
        long flags = args[3];
        PageRange range = pages(call.result(), args[1]);
        MappedImage image = imageOf(call, range);
        boolean shared = (flags & MAP_SHARED) != 0;
        Set<MapFlag> mapFlags = EnumSet.noneOf(MapFlag.class);
        flag(mapFlags, MapFlag.NORESERVE, flags & MAP_NORESERVE);
        flag(mapFlags, MapFlag.GROWSDOWN, flags & MAP_GROWSDOWN);
        flag(mapFlags, MapFlag.LOCKED, flags & MAP_LOCKED);
        if ((flags & MAP_NONBLOCK) == 0) {
            flag(mapFlags, MapFlag.POPULATE, flags & MAP_POPULATE);
        }
        if ((flags & MAP_HUGETLB) != 0) {
            notReplayed.count("mmap(MAP_HUGETLB): mapped with ordinary pages");
        }
        Backing backing = (flags & MAP_ANONYMOUS) != 0
                ? new Backing.Anonymous() : fileOf(process, call, range, image, shared);
        map(process.space, call, new MemoryCall.Mmap(range, protection(args[2]), shared, backing, mapFlags));
        if ((flags & MAP_STACK) != 0 && backing instanceof Backing.Anonymous) {
            // Since 6.7 the kernel takes MAP_STACK for a wish to have no huge pages.
            target.call(process.space.id, new MemoryCall.Madvise(range, Advice.NOHUGEPAGE));
        }
    }

    private static void flag(Set<MapFlag> flags, MapFlag flag, long bit) {
        if (bit != 0) {
            flags.add(flag);
        }
    }

    private static MappedImage imageOf(Call call, PageRange range) {
        for (MappedImage image : call.images()) {
            if (pages(image.start(), image.length()).contains(range.start())) {
                return image;
            }
        }
        return null;
    }

    private Backing fileOf(TraceProcess process, Call call, PageRange range, MappedImage image, boolean shared) {
        int fd = (int) call.args()[4];
        long offset = call.args()[5] >>> 12;
        TraceFiles.Descriptor file = process.descriptors.get(fd);
        if (image == null) {
            boolean newFile = file == null || file.key == null || call.args()[0] == 0 && !file.memfd;
            if (newFile) {
                long pages = file == null || file.key != null ? 0 : file.pages;
                file = new TraceFiles.Descriptor();
                file.key = files.unnamed();
                file.pages = pages;
                process.descriptors.put(fd, file);
            }
            return new Backing.File(files.need(file.key, Math.max(file.pages, offset + range.count()), file.memfd),
                    offset);
        }
        String name = image.name();
        boolean shmem = TraceFiles.isShmem(name);
        if (name.startsWith("/dev/zero") || image.anonymous()) {
            return new Backing.Anonymous();
        }
        if (image.special() || name.startsWith("anon_inode:") || name.startsWith("/dev/") && !shmem) {
            return new Backing.Special(name);
        }
        if (file != null && file.memfd && name.startsWith("/memfd:")) {
            files.alias(image.fileKey(), file.key);
        }
        long pages = file != null && file.key == null ? file.pages : 0;
        String key = files.need(image.fileKey(), shmem && pages > 0 ? pages : Math.max(pages, offset + range.count()),
                shmem);
        if (file != null && file.key == null || shared && (call.args()[2] & 2) != 0) {
            TraceFiles.Descriptor known = file == null ? new TraceFiles.Descriptor() : file;
            known.key = key;
            process.descriptors.put(fd, known);
            if (shmem && known.allocated != null) {
                target.call(process.space.id, new MemoryCall.Fallocate(key, known.allocated));
                known.allocated = null;
            }
        } else if (file != null && !file.key.equals(key)) {
            process.descriptors.remove(fd); // closed and opened again
        }
        return new Backing.File(key, offset);
    }

    void brk(TraceProcess process, Call call) {
        TraceSpace space = process.space;
        long requested = call.args()[0];
        long now = call.result();
        if (space.programBreak >= 0 && now == requested && now != space.programBreak) {
            long before = (space.programBreak + 0xfff) >>> 12;
            long after = (now + 0xfff) >>> 12;
            if (after > before) {
                map(space, call, new MemoryCall.Mmap(PageRange.between(before, after), Protection.READ_WRITE, false,
                        new Backing.Anonymous(), EnumSet.noneOf(MapFlag.class)));
            } else if (after < before) {
                munmap(process, PageRange.between(after, before));
            }
        }
        space.programBreak = now;
    }

    void shmat(TraceProcess process, Call call) {
        for (MappedImage image : call.images()) {
            PageRange range = pages(image.start(), image.length());
            String key = files.need(image.fileKey(), range.count(), true);
            map(process.space, call, new MemoryCall.Mmap(range, protection(image.protection()), true,
                    new Backing.File(key, 0), EnumSet.noneOf(MapFlag.class)));
            process.space.known.add(range, false, false, true);
            return;
        }
        notReplayed.count("shmat: no size recorded");
    }

    void shmdt(TraceProcess process, Call call) {
        long start = call.args()[0] >>> 12;
        long end = process.space.known.segmentEnd(start);
        if (end < 0) {
            notReplayed.count("shmdt of an unknown segment");
        } else {
            munmap(process, PageRange.between(start, end));
        }
    }

    void munmap(TraceProcess process, PageRange range) {
        if (range.isEmpty()) {
            return;
        }
        process.space.faulted.remove(range);
        process.space.known.remove(range);
        CallResult result = target.call(process.space.id, new MemoryCall.Munmap(range));
        if (!(result instanceof CallResult.Ok)) {
            notReplayed.count("munmap: the model says " + result);
        }
    }

    void mremap(TraceProcess process, Call call) {
        long[] args = call.args();
        TraceSpace space = process.space;
        PageRange from = pages(args[0], args[1]);
        PageRange to = pages(call.result(), args[2]);
        boolean moved = to.start() != from.start();
        boolean kept = (args[3] & MREMAP_DONTUNMAP) != 0;
        assume(space, from);
        space.faulted.remove(from);
        space.faulted.remove(to);
        CallReplay.judge(call, target.call(space.id,
                new MemoryCall.Mremap(from, to.count(), moved ? to.start() : -1, moved, kept)), notReplayed);
        if (!kept) {
            space.known.remove(from);
        }
        space.known.add(to, false, false, false);
    }

    // -- areas the kernel reported -----------------------------------------------------------------------------------

    /**
     * An area that no call explains: a part of a program being loaded, or a stack that grew. One reported while a
     * program is loaded replaces what was there; any other only adds what is missing.
     */
    void image(TraceProcess process, TraceEvent.Image event) {
        MappedImage image = event.image();
        TraceSpace space = process.space;
        PageRange range = pages(image.start(), image.length());
        space.complete |= event.exec();
        boolean fresh = event.exec() && !(image.stack() && space.known.contains(range.end() - 1));
        for (PageRange part : fresh ? List.of(range) : space.known.gaps(range)) {
            Set<MapFlag> flags = image.stack()
                    ? EnumSet.of(MapFlag.STACK, MapFlag.GROWSDOWN) : EnumSet.noneOf(MapFlag.class);
            Backing backing;
            if (image.special()) {
                backing = new Backing.Special(image.name());
            } else if (image.anonymous() || image.shared() && image.inode().isEmpty()) {
                backing = new Backing.Anonymous();
            } else {
                long offset = (image.fileOffset() >>> 12) + part.start() - range.start();
                boolean shmem = TraceFiles.isShmem(image.name());
                backing = new Backing.File(files.need(image.fileKey(), offset + part.count(), shmem), offset);
            }
            map(space, null, new MemoryCall.Mmap(part, protection(image.protection()), image.shared(), backing, flags));
        }
        if (image.stack()) {
            space.stackProtection = protection(image.protection());
            if (fresh) {
                copyArguments(space, range);
            }
        }
    }

    /** {@code execve} wrote arguments and environment to the top of the stack, and left room below them. */
    private void copyArguments(TraceSpace space, PageRange stack) {
        long written = Math.min(ARGUMENT_LIMIT, stack.count() - STACK_ROOM);
        for (long page = stack.end() - written; page < stack.end(); page++) {
            target.access(space.id, page, true, false);
        }
    }

    /** The stack above the page grows down to it, if there is one in reach and room for it. */
    boolean grow(TraceSpace space, long page, long limit) {
        PageRange stack = space.known.growingAbove(page);
        if (stack == null || stack.end() - page > limit || page < space.known.endBelow(page)) {
            return false;
        }
        map(space, null, new MemoryCall.Mmap(PageRange.between(page, stack.start()), space.stackProtection, false,
                new Backing.Anonymous(), EnumSet.of(MapFlag.STACK, MapFlag.GROWSDOWN)));
        return true;
    }

    /** If the recording began after the program: memory in use that was never mapped is taken for anonymous memory. */
    void assume(TraceSpace space, PageRange range) {
        assume(space, range, Protection.READ_WRITE);
    }

    void assume(TraceSpace space, PageRange range, Protection protection) {
        if (space.complete || range.isEmpty()) {
            return;
        }
        for (PageRange gap : space.known.gaps(range)) {
            assumed++;
            map(space, null, new MemoryCall.Mmap(gap, protection, false, new Backing.Anonymous(),
                    EnumSet.noneOf(MapFlag.class)));
        }
    }

    /** A file changed under all processes that may map it. */
    void forgetFaults() {
        for (TraceProcess process : processes) {
            process.space.faulted.clear();
        }
    }

    private void map(TraceSpace space, Call call, MemoryCall.Mmap mmap) {
        PageRange range = mmap.range();
        if (range.isEmpty()) {
            return;
        }
        space.faulted.remove(range);
        boolean growsDown = mmap.flags().contains(MapFlag.GROWSDOWN);
        boolean special = mmap.backing() instanceof Backing.Special;
        CallResult result = target.call(space.id, mmap);
        if (!(result instanceof CallResult.Ok)) {
            notReplayed.count((call == null ? "mapping" : call.name()) + ": the model says " + result);
            return;
        }
        space.known.add(range, growsDown, special, false);
        if (space.lockFuture && !special) {
            target.call(space.id, new MemoryCall.Mlock(range, space.lockOnFault));
        }
    }
}
