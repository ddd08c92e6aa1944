package org.foliofleet.node.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.foliofleet.protocol.program.RandomStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: which blocks of 2 MiB have a page table is known exactly, however VMAs that share a block come and go: faults of
 * huge pages depend on it. Method: random calls on a machine without huge pages and on a set of block numbers. {@code
 * -Dprograms=N} for more, {@code -Dseed=N} for one.
 */
class PageTableModelTest {
    private static final long BASE = 1 << 20;
    private static final long BLOCKS = 5;
    private static final long SPAN = BLOCKS << 9;

    private static final class Run {
        final RandomStream draw;
        final Machine machine = new Machine(Topology.nodes(1, 1 << 14), new KernelSettings().with("thp", "never"));
        final ProcessId process = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p0"));
        final TreeSet<Long> mapped = new TreeSet<>();
        final TreeSet<Long> tables = new TreeSet<>();
        final List<String> calls = new ArrayList<>();

        Run(long seed) {
            draw = RandomStream.of(seed, "page tables", 0);
            machine.request(process, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        }

        void call(MemoryCall call) {
            calls.add(call + " -> " + machine.request(process, new ProcessCommand.Execute(call)));
        }

        PageRange range() {
            long align = List.of(1L, 64L, 512L).get((int) draw.below(3));
            long start = draw.below(SPAN) / align * align;
            long count = Math.max(align, draw.below(draw.below(2) == 0 ? 100 : 1200) / align * align);
            return new PageRange(BASE + start, Math.min(count, SPAN - start));
        }

        void step() {
            PageRange range = range();
            switch ((int) draw.below(7)) {
                case 0, 1 -> {
                    Protection protection = draw.below(3) == 0 ? Protection.READ : Protection.READ_WRITE;
                    unmapped(range.start(), range.end());
                    call(new MemoryCall.Mmap(range, protection, false, new Backing.Anonymous(), EnumSet.noneOf(MapFlag.class)));
                    for (long page = range.start(); page < range.end(); page++) {
                        mapped.add(page);
                    }
                }
                case 2 -> {
                    call(new MemoryCall.Munmap(range));
                    unmapped(range.start(), range.end());
                }
                case 3 -> {
                    PageRange touched = new PageRange(range.start(), Math.min(range.count(), 1 + draw.below(5)));
                    call(draw.below(2) == 0 ? new MemoryCall.Read(touched) : new MemoryCall.Write(touched, ContentTag.of(1)));
                    findPopulated();
                }
                case 4 -> {
                    List<VmaInfo> vmas = vmas();
                    call(new MemoryCall.Madvise(range, Advice.DONTNEED));
                    for (VmaInfo vma : vmas) {
                        long from = Math.max(vma.start(), range.start());
                        long to = Math.min(vma.end(), range.end());
                        for (long block = (from + 511) >> 9; block < to >> 9; block++) {
                            tables.remove(block);
                        }
                    }
                }
                case 5 -> call(new MemoryCall.Mprotect(range, draw.below(2) == 0 ? Protection.READ : Protection.READ_WRITE));
                default -> mremap(range);
            }
        }

        private void mremap(PageRange range) {
            long target = BASE + draw.below(SPAN);
            if (draw.below(2) == 0) {
                target = BASE + (draw.below(BLOCKS) << 9) + (range.start() & 511);
            }
            boolean keep = draw.below(3) == 0;
            if (target + range.count() > BASE + SPAN || new PageRange(target, range.count()).overlaps(range) || !mapped.contains(range.start())) {
                return;
            }
            List<VmaInfo> vmas = vmas();
            call(new MemoryCall.Mremap(range, range.count(), target, true, keep));
            long distance = target - range.start();
            for (VmaInfo vma : vmas) {
                long from = Math.max(vma.start(), range.start());
                long to = Math.min(vma.end(), range.end());
                if (from < to) {
                    moved(from, to, distance, keep);
                }
            }
        }

        private void moved(long from, long to, long distance, boolean keep) {
            unmapped(from + distance, to + distance);
            for (long page = from; page < to;) {
                long end = Math.min(to, ((page >> 9) + 1) << 9);
                if (tables.contains(page >> 9)) {
                    tables.add((page + distance) >> 9);
                    tables.add((end - 1 + distance) >> 9);
                    if (end - page == 512 && (distance & 511) == 0) {
                        tables.remove(page >> 9);
                    }
                }
                page = end;
            }
            for (long page = from; page < to; page++) {
                mapped.add(page + distance);
            }
            if (!keep) {
                unmapped(from, to);
            }
        }

        /** Page tables go that no VMA needs any more. */
        private void unmapped(long from, long to) {
            mapped.subSet(from, to).clear();
            for (long block = from >> 9; block <= (to - 1) >> 9; block++) {
                if (mapped.subSet(block << 9, (block + 1) << 9).isEmpty()) {
                    tables.remove(block);
                }
            }
        }

        private List<VmaInfo> vmas() {
            List<VmaInfo> vmas = new ArrayList<>();
            ((Process) machine.owner(process)).vmas().forEach(vmas::add);
            return vmas;
        }

        private void findPopulated() {
            for (VmaInfo info : vmas()) {
                ((Vma) machine.owner(info.id())).pages().forEach((start, count, entry) -> {
                    for (long page = start; page < start + count; page++) {
                        tables.add(page >> 9);
                    }
                });
            }
        }

        void check() {
            TreeSet<Long> known = new TreeSet<>();
            for (VmaInfo info : vmas()) {
                Vma vma = (Vma) machine.owner(info.id());
                for (long block = info.start() >> 9; block <= (info.end() - 1) >> 9; block++) {
                    if (vma.hasTable(block << 9)) {
                        known.add(block);
                    }
                }
            }
            assertEquals(tables, known, "blocks with page tables");
        }
    }

    @Test
    void aBlockHasATableAsLongAsTheKernelKeepsIt() {
        Long only = Long.getLong("seed");
        int programs = Integer.getInteger("programs", 300);
        for (long seed = only != null ? only : 1; seed <= (only != null ? only : programs); seed++) {
            Run run = new Run(seed);
            try {
                for (int i = 0; i < 40; i++) {
                    run.step();
                    run.check();
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + "\n  " + String.join("\n  ", run.calls) + "\n" + e.getMessage(), e);
            }
        }
    }
}
