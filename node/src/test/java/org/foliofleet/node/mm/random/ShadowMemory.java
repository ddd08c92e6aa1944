package org.foliofleet.node.mm.random;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Content;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * What every page of a random program must hold (appendix B, 13), from the calls and their results alone: it knows of
 * mappings, but nothing of frames, folios and slots. Where a call failed midway, a page may hold what it held or what the
 * call would have made of it.
 */
final class ShadowMemory {
    private static final int SPAN = (int) RandomProgram.SPAN;
    /** Nothing was written by the process: zeros, or what the file holds. */
    private static final long NONE = -1;
    /** Anything: too many calls failed midway. */
    private static final long ANY = -2;
    private static final long ZERO = 0;

    /** A page holds one of two values, mostly equal ones. */
    private static final class Pages {
        final long[] one = new long[SPAN];
        final long[] other = new long[SPAN];
        /** Pages that were mapped before the call. */
        final BitSet mapped = new BitSet();

        Pages() {
            fill(0, SPAN, NONE);
        }

        void fill(int from, int to, long value) {
            Arrays.fill(one, from, to, value);
            Arrays.fill(other, from, to, value);
        }

        void set(int page, long value) {
            one[page] = value;
            other[page] = value;
        }

        /** The page holds this or what it held. */
        void maybe(int page, long value) {
            if (one[page] != other[page] && value != one[page] && value != other[page]) {
                set(page, ANY);
            } else if (value != one[page]) {
                other[page] = value;
            }
        }

        void copy(Pages from, int source, int target, int count) {
            System.arraycopy(from.one, source, one, target, count);
            System.arraycopy(from.other, source, other, target, count);
        }
    }

    private final Machine machine;
    private String step;
    /** What processes wrote into private mappings, by name. */
    private final Map<String, Pages> processes = new TreeMap<>();
    /** What was written into file pages: by key of the file and index; an absent page is zero. */
    private final Map<Long, Map<Long, Long>> files = new HashMap<>();

    ShadowMemory(Machine machine) {
        this.machine = machine;
    }

    private static long value(long tag, long source) {
        return tag == 0 ? ZERO : tag << 32 | source + 1;
    }

    private Process process(String name) {
        return (Process) machine.owner(machine.namespace().process(name));
    }

    private Pages pages(String name) {
        return processes.computeIfAbsent(name, n -> new Pages());
    }

    private Map<Long, Long> file(long key) {
        return files.computeIfAbsent(key, k -> new HashMap<>());
    }

    private Map<Long, Long> file(String name) {
        return file(machine.request(new NamespaceId(), new NamespaceCommand.OpenFile(name)).key());
    }

    private static int page(long page) {
        return (int) (page - RandomProgram.BASE);
    }

    private static VmaInfo find(Process process, long page) {
        return process.vmas().find(page);
    }

    /** The call has ended with that result. */
    void called(String name, MemoryCall call, Object result) {
        boolean ok = result instanceof CallResult.Ok;
        if (result instanceof CallResult.Killed) {
            // how far it came nobody knows, and what it had mapped is gone
            files.values().forEach(pages -> LongStream.range(0, SPAN).forEach(index -> pages.put(index, ANY)));
            return;
        }
        if (call instanceof MemoryCall.Write write) {
            long end = ok ? write.range().end() : result instanceof CallResult.Signal signal ? signal.page() : write.range().start();
            write(name, new PageRange(write.range().start(), end - write.range().start()), write.content(), true);
            write(name, new PageRange(end, write.range().end() - end), write.content(), false);
        } else if (call instanceof MemoryCall.MemWrite write) {
            write(name, write.range(), write.content(), ok);
        } else if (call instanceof MemoryCall.Pwrite write) {
            Map<Long, Long> file = file(write.file());
            for (long index = write.range().start(); index < write.range().end(); index++) {
                file.put(index, ok ? value(write.content().tag(), index) : ANY);
            }
        } else if (call instanceof MemoryCall.Mmap map) {
            clear(name, map.range(), ok);
        } else if (call instanceof MemoryCall.Mremap move) {
            moved(name, move, ok);
        } else if (call instanceof MemoryCall.Fork fork) {
            if (ok) {
                pages(fork.child()).copy(pages(name), 0, 0, SPAN);
                process(fork.child()).vmas().forEach(vma -> {
                    if (vma.has(VmaFlags.WIPEONFORK)) {
                        pages(fork.child()).fill(page(vma.start()), page(vma.end()), NONE);
                    }
                });
            }
        } else if (call instanceof MemoryCall.Exec || call instanceof MemoryCall.Exit) {
            processes.remove(name);
        } else if (call instanceof MemoryCall.Madvise advise) {
            advised(name, advise, ok);
        } else if (call instanceof MemoryCall.UffdCopy copy) {
            write(name, copy.range(), copy.content(), ok);
        } else if (call instanceof MemoryCall.UffdMove move) {
            moved(name, move, ok);
        } else if (call instanceof MemoryCall.PunchHole punch) {
            erase(file(punch.file()), punch.range().start(), punch.range().end(), ok);
        } else if (call instanceof MemoryCall.Ftruncate truncate) {
            erase(file(truncate.file()), truncate.pages(), Long.MAX_VALUE, ok);
        }
    }

    private void write(String name, PageRange range, ContentTag content, boolean surely) {
        Process process = process(name);
        for (long page = range.start(); page < range.end(); page++) {
            VmaInfo vma = find(process, page);
            if (vma == null) {
                continue;
            }
            long value = value(content.tag(), content.same() ? -1 : page);
            if (vma.has(VmaFlags.SHARED)) {
                Map<Long, Long> file = file(vma.file().key());
                long index = vma.pageOffsetOf(page);
                if (surely) {
                    file.put(index, vma.has(VmaFlags.PFNMAP | VmaFlags.MIXEDMAP) ? ANY : value);   // bare frames hold nothing here
                } else if (file.getOrDefault(index, ZERO) != value) {
                    file.put(index, ANY);
                }
            } else if (surely) {
                pages(name).set(page(page), value);
            } else {
                pages(name).maybe(page(page), value);
            }
        }
    }

    private void clear(String name, PageRange range, boolean surely) {
        for (long page = range.start(); page < range.end(); page++) {
            if (surely) {
                pages(name).set(page(page), NONE);
            } else {
                pages(name).maybe(page(page), NONE);
            }
        }
    }

    private void moved(String name, MemoryCall.Mremap move, boolean ok) {
        Pages pages = pages(name);
        long target = move.newStart() < 0 ? move.from().start() : move.newStart();
        if (!ok) {
            pages.fill(page(move.from().start()), page(move.from().end()), ANY);
            pages.fill(page(target), (int) Math.min(SPAN, page(target) + move.newCount()), ANY);
            return;
        }
        int count = (int) Math.min(move.newCount(), move.from().count());
        Pages before = new Pages();
        before.copy(pages, 0, 0, SPAN);
        pages.fill(page(move.from().start()), page(move.from().end()), NONE);
        pages.fill(page(target) + count, (int) (page(target) + move.newCount()), NONE);
        for (int i = 0; i < count; i++) {
            int source = page(move.from().start()) + i;
            // of several VMAs with holes between them, each makes room for itself only
            if (pages.mapped.get(source)) {
                pages.copy(before, source, page(target) + i, 1);
            }
        }
    }

    private void moved(String name, MemoryCall.UffdMove move, boolean ok) {
        Pages pages = pages(name);
        int source = page(move.source());
        int target = page(move.destination());
        int count = (int) move.count();
        if (ok) {
            pages.copy(pages, source, target, count);
            pages.fill(source, source + count, NONE);
        } else {
            pages.fill(source, source + count, ANY);
            pages.fill(target, target + count, ANY);
        }
    }

    private void advised(String name, MemoryCall.Madvise advise, boolean ok) {
        switch (advise.advice()) {
            case DONTNEED, DONTNEED_LOCKED, GUARD_INSTALL -> clear(name, advise.range(), ok);
            case FREE -> {
                for (long page = advise.range().start(); page < advise.range().end(); page++) {
                    if (pages(name).one[page(page)] != NONE) {
                        pages(name).maybe(page(page), NONE);
                    }
                }
                freed(name, advise.range());
            }
            case REMOVE -> {
                for (long page = advise.range().start(); page < advise.range().end(); page++) {
                    VmaInfo vma = find(process(name), page);
                    if (vma != null && vma.has(VmaFlags.SHARED)) {
                        long index = vma.pageOffsetOf(page);
                        erase(file(vma.file().key()), index, index + 1, ok);
                    }
                }
            }
            default -> { }
        }
    }

    /**
     * What is lazyfree is so for all who map it, and whoever has not written to it since it came from swap loses it with the others, as
     * the recording madv-free-clean-fork shows.
     */
    private void freed(String name, PageRange range) {
        Set<Long> frames = new HashSet<>();
        forEachMapped(name, (page, frame) -> {
            if (range.contains(page)) {
                frames.add(frame);
            }
        });
        for (String other : List.copyOf(processes.keySet())) {
            if (!other.equals(name)) {
                forEachMapped(other, (page, frame) -> {
                    if (frames.contains(frame) || range.contains(page)) {
                        pages(other).maybe(page(page), NONE);
                    }
                });
            }
        }
    }

    private interface MappedPage {
        void at(long page, long frame);
    }

    private void forEachMapped(String name, MappedPage visitor) {
        Process process = process(name);
        if (process == null || !process.isAlive()) {
            return;
        }
        process.vmas().forEach(info -> ((Vma) machine.owner(info.id())).pages().forEach((start, count, entry) -> {
            for (long page = start; entry.isPresent() && entry.isAnon() && page < start + count; page++) {
                visitor.at(page, entry.frame(page));
            }
        }));
    }

    private static void erase(Map<Long, Long> file, long from, long to, boolean surely) {
        file.replaceAll((index, value) -> index < from || index >= to ? value : surely ? Long.valueOf(ZERO) : Long.valueOf(ANY));
    }

    // -- the comparison ------------------------------------------------------------------------------------------

    /** @throws AssertionError naming the page whose content is wrong, after what */
    void compare(String after) {
        step = after;
        for (Owner owner : machine.owners()) {
            if (owner instanceof AddressSpace space) {
                compare(space);
            }
        }
        for (Map.Entry<String, Pages> entry : processes.entrySet()) {
            Process process = process(entry.getKey());
            if (process == null || !process.isAlive()) {
                continue;
            }
            entry.getValue().mapped.clear();
            long[] at = {RandomProgram.BASE};
            process.vmas().forEach(vma -> {
                entry.getValue().fill(page(at[0]), page(vma.start()), NONE);
                at[0] = vma.end();
                entry.getValue().mapped.set(page(vma.start()), page(vma.end()));
                compare(entry.getValue(), (Vma) machine.owner(vma.id()));
            });
            entry.getValue().fill(page(at[0]), SPAN, NONE);
        }
    }

    private void compare(AddressSpace space) {
        Map<Long, Long> file = file(space.key());
        space.pages().forEachWithGaps(0, RandomProgram.FILE_PAGES * 8, (start, count, page) -> {
            for (long index = start; index < start + count; index++) {
                long wanted = file.getOrDefault(index, ZERO);
                if (wanted == ANY) {
                    continue;
                }
                long found = page == null ? ZERO : page.swapped() ? slot(index + page.delta()) : frame(index + page.delta());
                if (page == null && wanted == ZERO) {
                    return;
                }
                if (found != wanted && !isOfDevice(found)) {
                    throw new AssertionError("after " + step + ": " + space.id() + " page " + index + " (" + page + ") holds " + text(found) + ", not " + text(wanted));
                }
            }
        });
    }

    private void compare(Pages pages, Vma vma) {
        VmaInfo info = vma.info();
        vma.pages().forEachWithGaps(info.start(), info.end(), (start, count, entry) -> {
            for (long page = start; page < start + count; page++) {
                compare(pages, info, page, entry);
            }
        });
    }

    private void compare(Pages pages, VmaInfo info, long page, Pte entry) {
        int at = page(page);
        if (entry != null && entry.has(Pte.SPECIAL)) {
            pages.set(at, NONE);
            return;
        }
        long behind = info.file() == null ? ZERO : file(info.file().key()).getOrDefault(info.pageOffsetOf(page), ZERO);
        boolean own = !info.has(VmaFlags.SHARED) && entry != null && (entry.isAnon() || entry.state() == Pte.State.SWAP);
        if (!own) {
            boolean beyond = info.file() != null && info.pageOffsetOf(page) >= ((AddressSpace) machine.owner(info.file())).size();
            boolean zeros = pages.one[at] == ZERO && entry != null && entry.state() == Pte.State.ZERO;
            if (beyond || zeros || pages.one[at] == ANY || entry != null && entry.state() == Pte.State.GUARD) {
                pages.set(at, NONE);
            }
            require(pages.one[at] == NONE || pages.other[at] == NONE, info, page, entry, ZERO, pages);
            pages.set(at, NONE);
            if (entry != null && entry.state() == Pte.State.ZERO && info.file() != null) {
                pages.other[at] = ZERO;   // of a private mapping, by userfaultfd
            }
            if (entry != null && entry.isPresent() && behind != ANY) {
                require(frame(entry.frame(page)) == behind || isOfDevice(frame(entry.frame(page))), info, page, entry, frame(entry.frame(page)), pages);
            }
            return;
        }
        long found = entry.state() == Pte.State.SWAP ? slot(entry.frame(page)) : frame(entry.frame(page));
        boolean fits = pages.one[at] == ANY || isOfDevice(found) || found == pages.one[at] || found == pages.other[at]
                || (pages.one[at] == NONE || pages.other[at] == NONE) && (found == behind || behind == ANY);
        require(fits, info, page, entry, found, pages);
        if (info.file() != null && (pages.one[at] == ANY || pages.one[at] == NONE && pages.other[at] == NONE)) {
            // a private copy: what the file comes to hold later does not matter any more
            pages.set(at, found);
        }
    }

    private void require(boolean holds, VmaInfo info, long page, Pte entry, long found, Pages pages) {
        if (!holds) {
            throw new AssertionError("after " + step + ": " + "page " + page + " of " + info + " (" + entry + ") holds " + text(found) + ", not "
                    + text(pages.one[page(page)]) + " or " + text(pages.other[page(page)]));
        }
    }

    /** A device wrote it through a pin: the process may have unmapped the page meanwhile, so that it is found wherever it went. */
    private static boolean isOfDevice(long value) {
        return value >> 32 == RandomProgram.DEVICE_TAG;
    }

    private long frame(long frame) {
        Content content = machine.node(Frame.node(frame)).contents().get(frame);
        return content == null ? ZERO : value(content.tag(), content.sourceOf(frame));
    }

    private long slot(long slot) {
        long cached = machine.swap().cachedIn(slot);
        return cached >= 0 ? frame(cached) : value(machine.swap().tag(slot), machine.swap().source(slot));
    }

    private static String text(long value) {
        return value == NONE ? "nothing of its own" : value == ANY ? "anything" : value == ZERO ? "zeros"
                : "tag " + (value >> 32) + " of page " + ((value & 0xffffffffL) - 1);
    }
}
