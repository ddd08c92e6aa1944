package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/**
 * A target that knows pages and, roughly, huge pages, but no folios: enough to tell whether a trace was understood.
 * Written apart from the model, so that the two can be compared.
 */
class PageSetTarget implements TraceTarget {
    private static final long BLOCK = 512;

    private enum Kind { ZERO, FILE, ANON, KERNEL }

    /** A page of anonymous memory and how many page tables map it. */
    private static final class AnonPage {
        int maps = 1;
    }

    private static final class Pte {
        Kind kind;
        AnonPage page;
        boolean writable;
        boolean exclusive;

        Pte(Kind kind, boolean writable) {
            this.kind = kind;
            this.writable = writable;
        }
    }

    private static final class SharedFile {
        long pages;
        boolean shmem;
        final java.util.Set<Long> present = new java.util.HashSet<>();
    }

    private static final class Vma implements Cloneable {
        long start;
        long end;
        Protection protection;
        boolean shared;
        String special;
        SharedFile file;
        long offset;
        boolean anonVma;
        boolean huge;
        boolean noHuge;
        boolean dontFork;
        boolean wipe;
        /** VM_ACCOUNT: set once writable and private, never cleared by mprotect. */
        boolean accounted;
        boolean noReserve;

        Vma copy() {
            try {
                return (Vma) clone();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException(e);
            }
        }

        boolean mergeable(Vma next) {
            return end == next.start && special == null && next.special == null && protection.equals(next.protection)
                    && shared == next.shared && file == next.file && huge == next.huge && noHuge == next.noHuge
                    && accounted == next.accounted && noReserve == next.noReserve && dontFork == next.dontFork
                    && wipe == next.wipe && (file == null || offset + end - start == next.offset);
        }
    }

    private static final class Space {
        final TreeMap<Long, Vma> vmas = new TreeMap<>();
        final Map<Long, Pte> pages = new HashMap<>();
        final Map<Long, Boolean> hugeBlocks = new HashMap<>();
        long anon;
        long file;
        boolean thpDisabled;
    }

    private final Map<Integer, Space> spaces = new TreeMap<>();
    private final Map<String, SharedFile> files = new HashMap<>();
    private String thp = "madvise";
    private int nextSpace;
    private long digest;

    @Override
    public int spawn(String comm) {
        spaces.put(nextSpace, new Space());
        return nextSpace++;
    }

    @Override
    public int fork(int space) {
        Space parent = spaces.get(space);
        int id = spawn("");
        Space child = spaces.get(id);
        child.thpDisabled = parent.thpDisabled;
        for (Vma vma : parent.vmas.values()) {
            if (vma.dontFork) {
                continue;
            }
            Vma copy = vma.copy();
            child.vmas.put(copy.start, copy);
            if (vma.wipe) {
                copy.anonVma = false;
            } else if (vma.anonVma) {
                for (long page : mapped(parent, PageRange.between(vma.start, vma.end))) {
                    copyPte(child, page, parent.pages.get(page), vma.shared);
                }
                parent.hugeBlocks.keySet().stream().filter(b -> b * BLOCK >= vma.start && b * BLOCK < vma.end)
                        .forEach(b -> child.hugeBlocks.put(b, true));
            }
        }
        return id;
    }

    private static void copyPte(Space child, long page, Pte pte, boolean shared) {
        if (!shared) {
            pte.writable = false;
        }
        pte.exclusive = false;
        Pte copy = new Pte(pte.kind, pte.writable);
        if (pte.page != null) {
            pte.page.maps++;
            copy.page = pte.page;
        }
        put(child, page, copy);
    }

    private static void put(Space space, long page, Pte pte) {
        remove(space, page);
        space.pages.put(page, pte);
        count(space, pte, 1);
    }

    private static void count(Space space, Pte pte, int by) {
        space.anon += pte.kind == Kind.ANON ? by : 0;
        space.file += pte.kind == Kind.FILE ? by : 0;
    }

    private static void remove(Space space, long page) {
        Pte old = space.pages.remove(page);
        if (old != null) {
            count(space, old, -1);
            if (old.page != null) {
                old.page.maps--;
            }
        }
    }

    @Override
    public void exec(int space) {
        Space old = spaces.get(space);
        zap(old, new PageRange(0, 1L << 40));
        old.vmas.clear();
    }

    @Override
    public void exit(int space) {
        exec(space);
        spaces.remove(space);
    }

    private void zap(Space space, PageRange range) {
        splitHuge(space, range.start());
        splitHuge(space, range.end());
        space.hugeBlocks.keySet().removeIf(b -> range.contains(b * BLOCK));
        mapped(space, range).forEach(page -> remove(space, page));
    }

    /** The mapped pages of a range, at the cost of the smaller of the two. */
    private static List<Long> mapped(Space space, PageRange range) {
        if (range.count() > space.pages.size()) {
            return space.pages.keySet().stream().filter(range::contains).toList();
        }
        return LongStream.range(range.start(), range.end()).boxed().filter(space.pages::containsKey).toList();
    }

    private static void splitHuge(Space space, long page) {
        if (page % BLOCK != 0) {
            space.hugeBlocks.remove(page / BLOCK);
        }
    }

    private static void splitVma(Space space, long page) {
        Map.Entry<Long, Vma> before = space.vmas.lowerEntry(page);
        if (before != null && before.getValue().end > page) {
            Vma low = before.getValue();
            Vma high = low.copy();
            high.start = page;
            high.offset += page - low.start;
            low.end = page;
            space.vmas.put(page, high);
            splitHuge(space, page);
        }
    }

    private static List<Vma> cut(Space space, PageRange range) {
        splitVma(space, range.start());
        splitVma(space, range.end());
        return new ArrayList<>(space.vmas.subMap(range.start(), range.end()).values());
    }

    private static void merge(Space space, PageRange range) {
        Long key = space.vmas.lowerKey(range.start());
        Map.Entry<Long, Vma> at = key == null ? space.vmas.firstEntry() : space.vmas.floorEntry(key);
        while (at != null && at.getKey() <= range.end()) {
            Map.Entry<Long, Vma> next = space.vmas.higherEntry(at.getKey());
            if (next != null && at.getValue().mergeable(next.getValue())) {
                at.getValue().end = next.getValue().end;
                at.getValue().anonVma |= next.getValue().anonVma;
                space.vmas.remove(next.getKey());
            } else {
                at = next;
            }
        }
    }

    @Override
    public CallResult call(int id, MemoryCall call) {
        Space space = spaces.get(id);
        digest = digest * 31 + call.toString().hashCode();
        if (call instanceof MemoryCall.Mmap mmap) {
            unmap(space, mmap.range());
            map(space, mmap);
            if (mmap.flags().contains(MapFlag.POPULATE) || mmap.flags().contains(MapFlag.LOCKED)) {
                populate(id, mmap.range());
            }
        } else if (call instanceof MemoryCall.Munmap munmap) {
            unmap(space, munmap.range());
        } else if (call instanceof MemoryCall.Mprotect protect) {
            protect(space, protect);
        } else if (call instanceof MemoryCall.Madvise madvise) {
            advise(id, space, madvise);
        } else if (call instanceof MemoryCall.Mremap mremap) {
            mremap(space, mremap);
        } else if (call instanceof MemoryCall.Mlock lock) {
            populate(id, lock.onFault() ? new PageRange(0, 0) : lock.range());
        } else if (call instanceof MemoryCall.Ftruncate truncate) {
            files.get(truncate.file()).pages = truncate.pages();
        } else if (call instanceof MemoryCall.Fallocate allocate) {
            SharedFile file = files.get(allocate.file());
            file.pages = Math.max(file.pages, allocate.range().end());
            for (long page = allocate.range().start(); page < allocate.range().end(); page++) {
                file.present.add(page);
            }
        } else if (!(call instanceof MemoryCall.Munlock)) {
            return new CallResult.Unsupported(call.getClass().getSimpleName());
        }
        return CallResult.OK;
    }

    private void populate(int id, PageRange range) {
        for (long page = range.start(); page < range.end(); page++) {
            Vma vma = find(spaces.get(id), page);
            if (vma != null) {
                access(id, page, vma.protection.write() && !vma.shared, false);
            }
        }
    }

    private void map(Space space, MemoryCall.Mmap mmap) {
        Vma vma = new Vma();
        vma.start = mmap.range().start();
        vma.end = mmap.range().end();
        vma.protection = mmap.protection();
        vma.shared = mmap.shared();
        if (mmap.backing() instanceof Backing.Special special) {
            vma.special = special.name();
        } else if (mmap.backing() instanceof Backing.File file) {
            vma.file = files.get(file.name());
            vma.offset = file.pageOffset();
        } else if (mmap.shared()) {
            vma.file = new SharedFile();
            vma.file.shmem = true;
            vma.file.pages = mmap.range().count();
        }
        vma.accounted = !mmap.shared() && mmap.protection().write() && !mmap.flags().contains(MapFlag.NORESERVE);
        vma.noReserve = mmap.flags().contains(MapFlag.NORESERVE);
        space.vmas.put(vma.start, vma);
        merge(space, mmap.range());
    }

    private void unmap(Space space, PageRange range) {
        for (Vma vma : cut(space, range)) {
            space.vmas.remove(vma.start);
            zap(space, PageRange.between(vma.start, vma.end));
        }
    }

    private void protect(Space space, MemoryCall.Mprotect call) {
        for (Vma vma : cut(space, call.range())) {
            vma.protection = call.protection();
            vma.accounted |= call.protection().write() && !vma.shared && !vma.noReserve;
            for (long page : mapped(space, PageRange.between(vma.start, vma.end))) {
                Pte pte = space.pages.get(page);
                pte.writable = call.protection().write()
                        && (pte.kind == Kind.ANON && pte.exclusive || vma.shared && pte.writable);
            }
        }
        merge(space, call.range());
    }

    private void advise(int id, Space space, MemoryCall.Madvise call) {
        Advice advice = call.advice();
        if (advice == Advice.DONTNEED || advice == Advice.DONTNEED_LOCKED) {
            for (Vma vma : cut(space, call.range())) {
                zap(space, PageRange.between(vma.start, vma.end));
            }
        } else if (advice == Advice.POPULATE_READ || advice == Advice.POPULATE_WRITE) {
            for (long page = call.range().start(); page < call.range().end(); page++) {
                access(id, page, advice == Advice.POPULATE_WRITE, false);
            }
        } else {
            for (Vma vma : cut(space, call.range())) {
                vma.huge = advice == Advice.HUGEPAGE || vma.huge && advice != Advice.NOHUGEPAGE;
                vma.noHuge = advice == Advice.NOHUGEPAGE || vma.noHuge && advice != Advice.HUGEPAGE;
                vma.dontFork = advice == Advice.DONTFORK || vma.dontFork && advice != Advice.DOFORK;
                vma.wipe = advice == Advice.WIPEONFORK || vma.wipe && advice != Advice.KEEPONFORK;
            }
        }
        merge(space, call.range());
    }

    private void mremap(Space space, MemoryCall.Mremap call) {
        PageRange from = call.from();
        PageRange to = new PageRange(call.newStart() < 0 ? from.start() : call.newStart(), call.newCount());
        if (to.start() == from.start()) {
            if (to.count() < from.count()) {
                unmap(space, PageRange.between(to.end(), from.end()));
            } else {
                cut(space, from).forEach(vma -> {
                    if (vma.end == from.end()) {
                        vma.end = to.end();
                    }
                });
            }
            merge(space, to);
            return;
        }
        unmap(space, to);
        Vma moved = cut(space, from).get(0).copy();
        long size = Math.min(from.count(), to.count());
        for (long i = 0; i < size; i++) {
            Pte pte = space.pages.remove(from.start() + i);
            if (pte != null) {
                space.pages.put(to.start() + i, pte);
            }
            if (space.hugeBlocks.remove((from.start() + i) / BLOCK) != null && (from.start() + i) % BLOCK == 0
                    && (to.start() + i) % BLOCK == 0) {
                space.hugeBlocks.put((to.start() + i) / BLOCK, true);
            }
        }
        if (!call.dontUnmap()) {
            unmap(space, from);
        }
        moved.start = to.start();
        moved.end = to.end();
        space.vmas.put(moved.start, moved);
        merge(space, to);
    }

    private static Vma find(Space space, long page) {
        Map.Entry<Long, Vma> floor = space.vmas.floorEntry(page);
        return floor != null && floor.getValue().end > page ? floor.getValue() : null;
    }

    @Override
    public Access access(int id, long page, boolean write, boolean instruction) {
        Space space = spaces.get(id);
        Vma vma = find(space, page);
        if (vma == null) {
            return Access.SIGNAL;
        }
        Protection p = vma.protection;
        if (write && !p.write() || instruction && !p.execute() || !p.read() && !p.write() && !p.execute()) {
            return Access.SIGNAL;
        }
        Pte pte = space.pages.get(page);
        if (pte == null) {
            digest = digest * 31 + page;
            return absent(space, vma, page, write);
        }
        if (write && !pte.writable) {
            digest = digest * 31 + page + 1;
            writeProtected(space, vma, page, pte);
            return Access.FAULT;
        }
        return Access.NONE;
    }

    private Access absent(Space space, Vma vma, long page, boolean write) {
        if (vma.special != null) {
            put(space, page, new Pte(vma.special.equals("[vdso]") ? Kind.FILE : Kind.KERNEL, false));
        } else if (vma.file == null) {
            anonymous(space, vma, page, write);
        } else if (vma.offset + page - vma.start >= vma.file.pages) {
            return Access.SIGNAL;
        } else if (write && !vma.shared) {
            vma.anonVma = true;
            put(space, page, anon(true));
            vma.file.present.add(vma.offset + page - vma.start);
        } else {
            fileRead(space, vma, page, write);
        }
        return Access.FAULT;
    }

    private static Pte anon(boolean writable) {
        Pte pte = new Pte(Kind.ANON, writable);
        pte.page = new AnonPage();
        pte.exclusive = true;
        return pte;
    }

    private void anonymous(Space space, Vma vma, long page, boolean write) {
        vma.anonVma |= write;
        long block = page / BLOCK;
        boolean huge = !space.thpDisabled && !vma.noHuge && (thp.equals("always") || thp.equals("madvise") && vma.huge)
                && block * BLOCK >= vma.start && (block + 1) * BLOCK <= vma.end;
        for (long p = block * BLOCK; huge && p < (block + 1) * BLOCK; p++) {
            huge = !space.pages.containsKey(p);
        }
        if (!huge) {
            put(space, page, write ? anon(true) : new Pte(Kind.ZERO, false));
            return;
        }
        for (long p = block * BLOCK; p < (block + 1) * BLOCK; p++) {
            put(space, p, write ? anon(true) : new Pte(Kind.ZERO, false));
        }
        if (write) {
            space.hugeBlocks.put(block, true);
        }
    }

    private void fileRead(Space space, Vma vma, long page, boolean write) {
        vma.file.present.add(vma.offset + page - vma.start);
        put(space, page, new Pte(Kind.FILE, vma.shared && (write || vma.file.shmem && vma.protection.write())));
        if (!write) {
            long from = Math.max(vma.start, page & ~15L);
            // Where the area begins inside the window, do_fault_around() lets the window end later instead.
            long to = Math.min(Math.min(vma.end, from + 16), (page / BLOCK + 1) * BLOCK);
            for (long p = from; p < to; p++) {
                long index = vma.offset + p - vma.start;
                if (index < vma.file.pages && (!vma.file.shmem || vma.file.present.contains(index))
                        && !space.pages.containsKey(p)) {
                    put(space, p, new Pte(Kind.FILE, vma.shared && vma.file.shmem && vma.protection.write()));
                }
            }
        }
    }

    private static void writeProtected(Space space, Vma vma, long page, Pte pte) {
        if (vma.shared) {
            pte.writable = true;
        } else if (pte.kind == Kind.ANON && (pte.exclusive || pte.page.maps == 1)) {
            pte.exclusive = true;
            pte.writable = true;
        } else {
            boolean hugeBlock = space.hugeBlocks.remove(page / BLOCK) != null;
            vma.anonVma = true;
            put(space, page, anon(true));
            assert !hugeBlock || pte.kind == Kind.ANON;
        }
    }

    @Override
    public Memory memory(int id) {
        Space space = spaces.get(id);
        return new Memory(4 * (space.anon + space.file), 4 * space.anon, 2048L * space.hugeBlocks.size(),
                space.vmas.size());
    }

    @Override
    public void createFile(String name, long pages, boolean shmem) {
        SharedFile file = new SharedFile();
        file.pages = pages;
        file.shmem = shmem;
        files.put(name, file);
    }

    @Override
    public void growFile(String name, long pages) {
        files.get(name).pages = pages;
    }

    @Override
    public void setThpDisabled(int id, boolean disabled, boolean exceptAdvised) {
        spaces.get(id).thpDisabled = disabled;
    }

    @Override
    public void setThp(String mode) {
        thp = mode;
    }

    @Override
    public String digest() {
        return Long.toHexString(digest);
    }
}
