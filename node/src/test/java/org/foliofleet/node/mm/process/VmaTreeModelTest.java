package org.foliofleet.node.mm.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.foliofleet.protocol.program.RandomStream;
import org.junit.jupiter.api.Test;

/**
 * Goal: mmap, munmap, mprotect, mremap and flag advices leave every page with the attributes and the contents it should
 * have. Method: random calls on a machine and on a list of single pages. Where nothing was ever touched, the VMAs must
 * also be as few as can be. {@code -Dprograms=N} for more, {@code -Dseed=N} for one.
 */
class VmaTreeModelTest {
    private static final long BASE = 1 << 20;
    private static final int SPAN = 1600;
    private static final long STICKY = VmaFlags.READ | VmaFlags.WRITE | VmaFlags.EXEC | VmaFlags.HUGEPAGE | VmaFlags.NOHUGEPAGE
            | VmaFlags.DONTCOPY | VmaFlags.SEQ_READ | VmaFlags.NORESERVE | VmaFlags.DONTDUMP;

    /** What is known of a page: the VMA's flags, and the tag last stored, 0 if none, or -1 for a guard. */
    private record Page(long flags, long tag) {}

    private final class Run {
        final RandomStream draw;
        final boolean touch;
        final Machine machine;
        final ProcessId process;
        final TreeMap<Long, Page> pages = new TreeMap<>();
        final List<String> calls = new ArrayList<>();

        Run(long seed, boolean touch) {
            this.draw = RandomStream.of(seed, "vma tree", touch ? 1 : 0);
            this.touch = touch;
            KernelSettings settings = new KernelSettings().with("thp", draw.below(2) == 0 ? "madvise" : "always");
            machine = new Machine(Topology.nodes(1, 1 << 14), settings);
            process = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p0"));
            machine.request(process, new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        }

        String call(MemoryCall call) {
            String result = String.valueOf(machine.request(process, new ProcessCommand.Execute(call)));
            calls.add(call + " -> " + result);
            return result;
        }

        PageRange range(int longest) {
            long align = draw.below(3) == 0 ? 512 : 1;
            long start = draw.below(SPAN) / align * align;
            return new PageRange(BASE + start, 1 + Math.min(draw.below(longest), SPAN - start - 1));
        }

        void step() {
            PageRange range = range(draw.below(2) == 0 ? 40 : 700);
            switch ((int) draw.below(touch ? 9 : 6)) {
                case 0, 1 -> mmap(range);
                case 2 -> {
                    assertEquals("ok", call(new MemoryCall.Munmap(range)));
                    pages.subMap(range.start(), range.end()).clear();
                }
                case 3 -> mprotect(range);
                case 4 -> advise(range);
                case 5 -> mremap(range);
                case 6, 7 -> write(range);
                default -> dontNeed(range);
            }
        }

        private void mmap(PageRange range) {
            Protection protection = protection();
            EnumSet<MapFlag> flags = EnumSet.noneOf(MapFlag.class);
            long bits = bits(protection);
            if (draw.below(4) == 0) {
                flags.add(MapFlag.NORESERVE);
                bits |= VmaFlags.NORESERVE;
            }
            boolean free = pages.subMap(range.start(), range.end()).isEmpty();
            if (draw.below(4) == 0) {
                flags.add(MapFlag.NOREPLACE);
            }
            String result = call(new MemoryCall.Mmap(range, protection, false, new Backing.Anonymous(), flags));
            if (flags.contains(MapFlag.NOREPLACE) && !free) {
                assertEquals(new CallResult.Failed(org.foliofleet.protocol.program.Errno.EEXIST).toString(), result);
                return;
            }
            assertEquals("ok", result);
            for (long page = range.start(); page < range.end(); page++) {
                pages.put(page, new Page(bits, 0));
            }
        }

        private void mprotect(PageRange range) {
            Protection protection = protection();
            long end = firstHole(range);
            assertEquals(end == range.end() ? "ok" : "ENOMEM", call(new MemoryCall.Mprotect(range, protection)));
            update(range.start(), end, ~(VmaFlags.READ | VmaFlags.WRITE | VmaFlags.EXEC), bits(protection));
        }

        private void advise(PageRange range) {
            Advice advice = List.of(Advice.HUGEPAGE, Advice.NOHUGEPAGE, Advice.DONTFORK, Advice.DOFORK, Advice.SEQUENTIAL, Advice.NORMAL,
                    Advice.DONTDUMP, Advice.DODUMP).get((int) draw.below(8));
            assertEquals(firstHole(range) == range.end() ? "ok" : "ENOMEM", call(new MemoryCall.Madvise(range, advice)));
            switch (advice) {
                case HUGEPAGE -> update(range.start(), range.end(), ~VmaFlags.NOHUGEPAGE, VmaFlags.HUGEPAGE);
                case NOHUGEPAGE -> update(range.start(), range.end(), ~VmaFlags.HUGEPAGE, VmaFlags.NOHUGEPAGE);
                case DONTFORK -> update(range.start(), range.end(), -1, VmaFlags.DONTCOPY);
                case DOFORK -> update(range.start(), range.end(), ~VmaFlags.DONTCOPY, 0);
                case SEQUENTIAL -> update(range.start(), range.end(), -1, VmaFlags.SEQ_READ);
                case NORMAL -> update(range.start(), range.end(), ~VmaFlags.SEQ_READ, 0);
                case DONTDUMP -> update(range.start(), range.end(), -1, VmaFlags.DONTDUMP);
                default -> update(range.start(), range.end(), ~VmaFlags.DONTDUMP, 0);
            }
        }

        private void mremap(PageRange range) {
            PageRange target = range(700);
            long count = range.count();
            PageRange to = new PageRange(target.start(), count);
            boolean keep = draw.below(4) == 0;
            boolean fails = to.overlaps(range) || to.end() > BASE + SPAN || !pages.containsKey(range.start());
            if (fails) {
                return;
            }
            assertEquals("ok", call(new MemoryCall.Mremap(range, count, to.start(), true, keep)));
            TreeMap<Long, Page> moved = new TreeMap<>(pages.subMap(range.start(), range.end()));
            // What is mapped at the target beside a gap of the source stays: only the moved VMAs' targets are cleared.
            moved.forEach((page, what) -> {
                pages.put(page - range.start() + to.start(), what);
                if (keep) {
                    pages.put(page, new Page(what.flags(), 0));
                } else {
                    pages.remove(page);
                }
            });
        }

        private void write(PageRange range) {
            long tag = 1 + draw.below(200);
            long end = range.start();
            while (end < range.end() && pages.containsKey(end) && (pages.get(end).flags() & VmaFlags.WRITE) != 0) {
                end++;
            }
            String result = call(new MemoryCall.Write(range, new ContentTag(tag, true)));
            assertEquals(end == range.end() ? "ok" : "SIGSEGV@" + end, result);
            for (long page = range.start(); page < end; page++) {
                pages.put(page, new Page(pages.get(page).flags(), tag));
            }
        }

        private void dontNeed(PageRange range) {
            assertEquals(firstHole(range) == range.end() ? "ok" : "ENOMEM", call(new MemoryCall.Madvise(range, Advice.DONTNEED)));
            pages.subMap(range.start(), range.end()).replaceAll((page, what) -> new Page(what.flags(), 0));
        }

        private void update(long from, long to, long keep, long add) {
            pages.subMap(from, to).replaceAll((page, what) -> new Page(what.flags() & keep | add, what.tag()));
        }

        private long firstHole(PageRange range) {
            long page = range.start();
            while (page < range.end() && pages.containsKey(page)) {
                page++;
            }
            return page;
        }

        private Protection protection() {
            return new Protection(draw.below(3) > 0, draw.below(3) > 0, false);
        }

        private long bits(Protection protection) {
            return (protection.read() ? VmaFlags.READ : 0) | (protection.write() ? VmaFlags.WRITE : 0);
        }

        void check() {
            Process owner = (Process) machine.owner(process);
            TreeMap<Long, Page> seen = new TreeMap<>();
            List<VmaInfo> vmas = new ArrayList<>();
            owner.vmas().forEach(vmas::add);
            for (VmaInfo info : vmas) {
                Vma vma = (Vma) machine.owner(info.id());
                assertEquals(info, vma.info(), "the process and the VMA disagree");
                for (long page = info.start(); page < info.end(); page++) {
                    seen.put(page, new Page(info.flags() & STICKY, tag(vma.pages().get(page), page)));
                }
                vma.pages().forEach((start, count, entry) ->
                        assertTrue(start >= info.start() && start + count <= info.end(), "entries outside of the VMA " + info));
            }
            assertEquals(pages, seen);
            if (!touch) {
                for (int i = 1; i < vmas.size(); i++) {
                    VmaInfo left = vmas.get(i - 1);
                    VmaInfo right = vmas.get(i);
                    assertTrue(left.end() < right.start() || left.flags() != right.flags(), left + " and " + right + " should be one");
                }
                vmas.forEach(info -> assertEquals(info.start(), info.pageOffset(), "nothing was touched"));
            }
        }

        private long tag(Pte entry, long page) {
            if (entry == null || !entry.isPresent()) {
                return 0;
            }
            var content = machine.node(0).contents().get(entry.frame(page));
            return content == null ? 0 : content.tag();
        }
    }

    private void runs(boolean touch, int programs) {
        Long only = Long.getLong("seed");
        for (long seed = only != null ? only : 1; seed <= (only != null ? only : programs); seed++) {
            Run run = new Run(seed, touch);
            try {
                for (int i = 0; i < 40; i++) {
                    run.step();
                    run.check();
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", " + Map.of("touch", touch) + "\n  " + String.join("\n  ", run.calls) + "\n" + e.getMessage(), e);
            }
        }
    }

    @Test
    void untouchedMemoryIsInAsFewVmasAsItsAttributesAllow() {
        runs(false, Integer.getInteger("programs", 150));
    }

    @Test
    void touchedMemoryKeepsItsAttributesAndContents() {
        runs(true, Integer.getInteger("programs", 150));
    }
}
