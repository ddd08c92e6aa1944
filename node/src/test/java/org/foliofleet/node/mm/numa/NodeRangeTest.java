package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.PressureCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.RandomStream;
import org.foliofleet.protocol.serial.Encoder;
import org.junit.jupiter.api.Test;

/**
 * Goal: a node that is given a range ends in the same state, byte by byte, as one that is given its pages (of what PMDs
 * map: its blocks) one after the other. Method: random commands to two nodes, whole to one and cut to the other.
 */
class NodeRangeTest {
    private static final NumaNodeId NODE = new NumaNodeId(0);
    private static final AnonVmaRootId ROOT = new AnonVmaRootId(1, 1);
    private static final int PROGRAMS = Integer.getInteger("programs", 300);
    private static final long FRAMES = 1 << 13;

    /** Two nodes, and what the page tables of some processes say. */
    private static final class Pair {
        final Machine whole = machine();
        final Machine cut = machine();
        final List<TreeMap<Long, Pte>> tables = new ArrayList<>();
        final RandomStream draw;

        Pair(long seed) {
            draw = RandomStream.of(seed, "node ranges", 0);
            for (int mm = 0; mm < 4; mm++) {
                tables.add(new TreeMap<>());
            }
        }

        private static Machine machine() {
            return new Machine(Topology.nodes(1, FRAMES), new KernelSettings());
        }

        TreeMap<Long, Pte> table(int mm) {
            return tables.get(mm - 1);
        }

        /** A range of mapped pages of the process; whole blocks where PMDs map them. */
        PageRuns some(int mm) {
            PageRuns.Builder runs = PageRuns.builder();
            long from = draw.below(3 * PageOrder.PMD_PAGES);
            long to = from + 1 + draw.below(draw.below(2) == 0 ? 20 : 2 * PageOrder.PMD_PAGES);
            table(mm).forEach((page, entry) -> {
                long first = entry.isPmd() ? PageOrder.alignDown(page, PageOrder.PMD) : page;
                long last = entry.isPmd() ? first + PageOrder.PMD_PAGES : page + 1;
                if (first >= from && last <= to) {
                    runs.add(page, 1, entry);
                }
            });
            return runs.build();
        }

        /** Gives the command whole to one node and piece by piece to the other. */
        <R> void both(PageRuns runs, Function<PageRuns, NumaNodeCommand<R>> command) {
            whole.request(NODE, command.apply(runs));
            each(runs, part -> cut.request(NODE, command.apply(part)));
        }

        void same(String after) {
            assertArrayEquals(state(whole), state(cut), () -> after + "\n" + whole.node(0).folios() + "\n" + cut.node(0).folios()
                    + "\n" + counters(whole) + "\n" + counters(cut));
        }
    }

    private static TreeMap<String, Long> counters(Machine machine) {
        TreeMap<String, Long> counters = new TreeMap<>(machine.counters());
        counters.values().removeIf(value -> value == 0);
        return counters;
    }

    /** All of it, but for how many batches of entries it was told of: that is what is cut. */
    private static byte[] state(Machine machine) {
        try {
            Field batches = FolioTally.class.getDeclaredField("rmapCalls");
            batches.setAccessible(true);
            batches.setLong(machine.node(0).tally(), 0);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        Encoder out = new Encoder();
        out.writeState(machine.node(0), Owner.class);
        return out.toBytes();
    }

    private static void each(PageRuns runs, Consumer<PageRuns> piece) {
        for (int i = 0; i < runs.size(); i++) {
            long step = runs.entry(i).isPmd() ? PageOrder.PMD_PAGES : 1;
            for (long page = runs.start(i); page < runs.end(i); page += step) {
                piece.accept(PageRuns.of(page, step, runs.entry(i)));
            }
        }
    }

    private static void eachFolio(PageRuns runs, Consumer<PageRuns> piece) {
        for (int i = 0; i < runs.size(); i++) {
            Pte entry = runs.entry(i);
            for (long page = runs.start(i); page < runs.end(i);) {
                long next = Math.min(runs.end(i), page + entry.head(page) + PageOrder.pages(entry.order()) - entry.frame(page));
                piece.accept(PageRuns.of(page, next - page, entry));
                page = next;
            }
        }
    }

    @Test
    void wholeRangesAreLikeTheirPages() {
        for (long seed = 1; seed <= PROGRAMS; seed++) {
            Pair pair = new Pair(seed);
            StringBuilder done = new StringBuilder("seed ").append(seed);
            for (int step = 0; step < 25; step++) {
                int mm = 1 + (int) pair.draw.below(4);
                done.append("\n").append(step(pair, mm));
                pair.same(done.toString());
            }
        }
    }

    private static String step(Pair pair, int mm) {
        RandomStream draw = pair.draw;
        PageRuns runs = pair.some(mm);
        int kind = (int) draw.below(10);
        if (kind <= 2) {
            return allocate(pair, mm);
        }
        if (runs.isEmpty()) {
            return "nothing";
        }
        switch (kind) {
            case 3 -> {
                int child = 1 + (int) draw.below(4);
                if (child == mm || !pair.table(child).isEmpty()) {
                    return "nothing";
                }
                pair.both(runs, part -> new NumaNodeCommand.DuplicateMappings(child, part, draw.below(1) == 1));
                each(runs, part -> put(pair.table(child), part, part.entry(0).without(Pte.EXCLUSIVE | Pte.WRITE)));
                each(runs, part -> put(pair.table(mm), part, part.entry(0).without(Pte.EXCLUSIVE | Pte.WRITE)));
            }
            case 4, 5 -> {
                // page by page, a folio would be partially mapped in between, which is counted and queued
                pair.whole.request(NODE, new NumaNodeCommand.Unmap(mm, runs, false));
                eachFolio(runs, part -> pair.cut.request(NODE, new NumaNodeCommand.Unmap(mm, part, false)));
                each(runs, part -> remove(pair.table(mm), part));
            }
            case 6 -> {
                long tag = draw.below(3);
                pair.both(runs, part -> new NumaNodeCommand.StoreContents(part, tag, tag == 2));
            }
            case 7 -> {
                PageRuns first = PageRuns.of(runs.start(0), runs.count(0), runs.entry(0));
                NumaNodeCommand.WriteResolved answer = pair.whole.request(NODE, new NumaNodeCommand.ResolveWrite(mm, first));
                PageRuns.Builder reuse = PageRuns.builder();
                PageRuns.Builder copy = PageRuns.builder();
                List<ContentRuns.Run> contents = new ArrayList<>();
                each(first.first(answer.reuse().pages() + answer.copy().pages()), part -> {
                    NumaNodeCommand.WriteResolved piece = pair.cut.request(NODE, new NumaNodeCommand.ResolveWrite(mm, part));
                    addAll(reuse, piece.reuse());
                    addAll(copy, piece.copy());
                });
                assertEquals(answer.reuse(), reuse.build());
                assertEquals(answer.copy(), copy.build());
            }
            case 8 -> {
                PageRuns.Builder huge = PageRuns.builder();
                each(runs, part -> huge.add(part.start(0), part.entry(0).isPmd() ? part.count(0) : 0, part.entry(0)));
                PageRuns pmds = huge.build();
                if (!pmds.isEmpty()) {
                    boolean locked = draw.below(2) == 0;
                    pair.both(pmds, part -> new NumaNodeCommand.SplitPmds(mm, part, locked, false));
                    each(pmds, part -> put(pair.table(mm), part, part.entry(0).without(Pte.PMD)));
                }
            }
            default -> {
                Hold hold = draw.below(2) == 0 ? Hold.PIN : Hold.GET;
                pair.both(runs, part -> new NumaNodeCommand.TakeHolds(hold, part));
                if (draw.below(2) == 0) {
                    pair.same("holds taken of " + runs);
                    pair.both(runs, part -> new NumaNodeCommand.DropHolds(hold, frames(part)));
                }
            }
        }
        return kind + " of mm " + mm + ": " + runs;
    }

    private static void addAll(PageRuns.Builder builder, PageRuns runs) {
        for (int i = 0; i < runs.size(); i++) {
            builder.add(runs.start(i), runs.count(i), runs.entry(i));
        }
    }

    private static FrameRuns frames(PageRuns runs) {
        FrameRuns.Builder frames = new FrameRuns.Builder();
        for (int i = 0; i < runs.size(); i++) {
            frames.add(runs.entry(i).frame(runs.start(i)), runs.count(i));
        }
        return frames.build();
    }

    private static void put(TreeMap<Long, Pte> table, PageRuns runs, Pte entry) {
        for (long page = runs.start(0); page < runs.end(0); page++) {
            table.put(page, entry);
        }
    }

    private static void remove(TreeMap<Long, Pte> table, PageRuns runs) {
        for (long page = runs.start(0); page < runs.end(0); page++) {
            table.remove(page);
        }
    }

    private static String allocate(Pair pair, int mm) {
        int order = new int[] {0, 0, 2, 4, 9}[(int) pair.draw.below(5)];
        long start = PageOrder.alignDown(pair.draw.below(3 * PageOrder.PMD_PAGES), order);
        boolean pmd = order == PageOrder.PMD;
        long count = 0;
        while (count < (pmd ? 2 : 200) && pair.table(mm).subMap(start + (count << order), start + (count + 1 << order)).isEmpty()) {
            count++;
        }
        if (count == 0) {
            return "nothing";
        }
        boolean locked = pair.draw.below(4) == 0;
        FrameRuns got = pair.whole.request(NODE, new NumaNodeCommand.AllocateAnon(mm, ROOT, start, order, count, pmd, locked,
                NumaNodeCommand.Purpose.FAULT, ContentRuns.NONE, PressureCommand.Watermark.LOW, 0)).frames();
        FrameRuns.Builder single = new FrameRuns.Builder();
        for (long i = 0; i < count; i++) {
            FrameRuns one = pair.cut.request(NODE, new NumaNodeCommand.AllocateAnon(mm, ROOT, start + (i << order), order, 1, pmd, locked,
                    NumaNodeCommand.Purpose.FAULT, ContentRuns.NONE, PressureCommand.Watermark.LOW, 0)).frames();
            for (int j = 0; j < one.size(); j++) {
                single.add(one.start(j), one.count(j));
            }
        }
        assertEquals(got, single.build());
        long page = start;
        for (int i = 0; i < got.size(); i++) {
            for (long frame = got.start(i); frame < got.start(i) + got.count(i); frame++, page++) {
                pair.table(mm).put(page, Pte.present(page, frame, order, Pte.ANON | Pte.EXCLUSIVE | Pte.WRITE | (pmd ? Pte.PMD : 0)));
            }
        }
        return "allocated " + count + " of order " + order + " at " + start + " for mm " + mm + ": " + got;
    }
}
