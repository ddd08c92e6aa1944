package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.protocol.experiment.ExperimentSpec.NumaNode;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.Extent;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;
import org.foliofleet.protocol.program.Step;

/**
 * Walks a program as a process would and finds what can not be meant: regions nobody mapped, mappings over others that
 * do not say so, files that do not exist.
 *
 * <p>Method: loops are walked in their first, second and last round, with their index; that meets every overlap of a
 * constant stride. Only places that are constant then can overlap for sure; random ones are left to the run.
 */
final class ProgramCheck {
    private static final long ADDRESS_SPACE = 1L << 35;
    private static final int MAX_STEPS = 200_000;
    private static final int MAX_FORKS = 64;

    /** What is around the program: the files and devices of its machine, and what nodes that has. */
    record Surroundings(SortedMap<String, Long> filePages, SortedMap<String, DeviceKind> devices, List<NumaNode> nodes) {}

    /** A mapping whose place is certain. */
    private record Mapped(PageRange range, String region, SourceLine line) {}

    /**
     * @param place where it surely is, or null
     * @param most  pages it has at most
     */
    private record Region(PageRange place, long most) {}

    private static final class State {
        final TreeMap<String, Region> regions = new TreeMap<>();
        /** What is certainly mapped, by its first page; nothing overlaps. */
        final TreeMap<Long, Mapped> mapped = new TreeMap<>();
        final TreeSet<String> handles = new TreeSet<>();

        State copy() {
            State copy = new State();
            copy.regions.putAll(regions);
            copy.mapped.putAll(mapped);
            copy.handles.addAll(handles);
            return copy;
        }
    }

    private final Problems problems;
    private final Surroundings around;
    private int steps;

    ProgramCheck(Problems problems, Surroundings around) {
        this.problems = problems;
        this.around = around;
    }

    void check(Program program) {
        walk(program.steps(), new long[0], new State(), 0);
    }

    private void walk(List<Step> list, long[] index, State state, int depth) {
        for (Step step : list) {
            if (++steps > MAX_STEPS || depth > MAX_FORKS) {
                return;                     // large enough; the run meets what is wrong behind this
            }
            if (step instanceof Step.Call call) {
                call(call, index, state);
            } else if (step instanceof Step.Repeat repeat) {
                repeat(repeat, index, state, depth);
            } else if (step instanceof Step.Choose choose) {
                choose(choose, index, state, depth);
            } else if (step instanceof Step.Fork fork) {
                State child = state.copy();
                child.handles.clear();
                walk(fork.child().steps(), new long[0], child, depth + 1);
            } else if (step instanceof Step.Thread thread) {
                walk(thread.program().steps(), new long[0], state.copy(), depth + 1);
            } else if (step instanceof Step.Perform perform) {
                walk(perform.program().steps(), new long[0], state, depth + 1);
            } else if (step instanceof Step.Operate operate && operate.call() instanceof MachineCall.SplitFile split) {
                file(split.file(), split.range().end(), step.line());
            } else if (step instanceof Step.Operate operate && operate.call() instanceof MachineCall.FreeDevice free) {
                device(free.name(), step.line());
            } else if (step instanceof Step.Operate operate && operate.call() instanceof MachineCall.Set set
                && PlacementCheck.isOfAbsentNode(set.key(), around.nodes.size())) {
                problems.add(step.line(), PlacementCheck.absent(set.key()), "the machine has nodes 0 to " + (around.nodes.size() - 1));
            }
        }
    }

    private void repeat(Step.Repeat repeat, long[] index, State state, int depth) {
        long rounds = repeat.times().most(index);
        long[] inner = Arrays.copyOf(index, index.length + 1);
        for (long round : new TreeSet<>(List.of(0L, 1L, rounds - 1))) {
            if (round >= 0 && round < rounds) {
                inner[index.length] = round;
                walk(repeat.steps(), inner, state, depth);
            }
        }
    }

    /** Afterwards only what every option has mapped is certain. */
    private void choose(Step.Choose choose, long[] index, State state, int depth) {
        State common = null;
        for (Step.Option option : choose.options()) {
            State own = state.copy();
            walk(option.steps(), index, own, depth);
            state.handles.addAll(own.handles);
            if (common == null) {
                common = own;
            } else {
                common.regions.keySet().retainAll(own.regions.keySet());
                common.mapped.entrySet().retainAll(own.mapped.entrySet());
            }
        }
        state.regions.clear();
        state.regions.putAll(common.regions);
        state.mapped.clear();
        state.mapped.putAll(common.mapped);
    }

    private void call(Step.Call step, long[] index, State state) {
        MemoryCall call = step.template();
        if (isOfFile(call)) {
            file(fileOf(call), step.at().at().least(index) + (call instanceof MemoryCall.Ftruncate ? 0
                : step.at().size().least(index)), step.line());
            return;
        }
        PageRange at = step.at() == null ? null : place(step.at(), index, state, step.line());
        if (step.to() != null) {
            place(step.to(), index, state, step.line());
        }
        if (call instanceof MemoryCall.Mmap mmap) {
            mmap(step, mmap, at, index, state);
        } else if (call instanceof MemoryCall.Munmap) {
            unmap(at, step.at(), index, state);
        } else if (call instanceof MemoryCall.Mremap) {
            mremap(step, at, index, state);
        } else if (call instanceof MemoryCall.Exec) {
            state.mapped.clear();
        } else if (call instanceof MemoryCall.Pin pin) {
            state.handles.add("pin " + pin.handle());
        } else if (call instanceof MemoryCall.GetRef getRef) {
            state.handles.add("getref " + getRef.handle());
        } else if (call instanceof MemoryCall.Unpin unpin) {
            handle("pin ", unpin.handle(), state, step.line());
        } else if (call instanceof MemoryCall.DmaWrite write) {
            handle("pin ", write.handle(), state, step.line());
        } else if (call instanceof MemoryCall.PutRef putRef) {
            handle("getref ", putRef.handle(), state, step.line());
        } else {
            nodes(call, step.line());
        }
    }

    private void handle(String kind, String name, State state, SourceLine line) {
        if (!state.handles.contains(kind + name)) {
            problems.unknown(line, kind + "handle", name, state.handles.stream().filter(key -> key.startsWith(kind))
                .map(key -> key.substring(kind.length())).toList());
        }
    }

    private void nodes(MemoryCall call, SourceLine line) {
        List<Integer> named = List.of();
        if (call instanceof MemoryCall.Cpu cpu) {
            named = List.of(cpu.node());
        } else if (call instanceof MemoryCall.SetMempolicy set) {
            named = set.policy().nodes();
        } else if (call instanceof MemoryCall.Mbind mbind) {
            named = mbind.policy().nodes();
        } else if (call instanceof MemoryCall.SetHomeNode home) {
            named = List.of(home.node());
        } else if (call instanceof MemoryCall.MovePages move) {
            named = List.of(move.node());
        } else if (call instanceof MemoryCall.MigratePages migrate) {
            named = new ArrayList<>(migrate.from());
            named.addAll(migrate.to());
        }
        for (int node : named) {
            if (node >= around.nodes.size()) {
                problems.add(line, "there is no node " + node, "the machine has nodes 0 to " + (around.nodes.size() - 1));
            } else if (call instanceof MemoryCall.Cpu && around.nodes.get(node).cpus() == 0) {
                problems.add(line, "node " + node + " has no cpu", "run it on another node, or give that one cpus: 1");
            }
        }
    }

    private static boolean isOfFile(MemoryCall call) {
        return call instanceof MemoryCall.PunchHole || call instanceof MemoryCall.Fallocate
            || call instanceof MemoryCall.Ftruncate || call instanceof MemoryCall.Pwrite;
    }

    private static String fileOf(MemoryCall call) {
        if (call instanceof MemoryCall.PunchHole c) {
            return c.file();
        } else if (call instanceof MemoryCall.Fallocate c) {
            return c.file();
        } else if (call instanceof MemoryCall.Ftruncate c) {
            return c.file();
        }
        return ((MemoryCall.Pwrite) call).file();
    }

    private void device(String name, SourceLine line) {
        if (around.filePages.containsKey(name)) {
            problems.add(line, "'" + name + "' is a file, not a device", "write 'file: " + name + "'");
        } else if (!around.devices.containsKey(name)) {
            problems.unknown(line, "device", name, around.devices.keySet());
        }
    }

    private void file(String name, long end, SourceLine line) {
        Long pages = around.filePages.get(name);
        if (around.devices.containsKey(name)) {
            problems.add(line, "'" + name + "' is a device, not a file", "map it with 'device: " + name + "'; other calls do not take it");
        } else if (pages == null) {
            problems.unknown(line, "file", name, around.filePages.keySet());
        } else if (end > ADDRESS_SPACE) {
            problems.add(line, "it reaches beyond 128 TiB", "make it smaller");
        }
    }

    /** The pages of a place if they are certain (with the largest size it can draw), else null. */
    private PageRange place(Extent extent, long[] index, State state, SourceLine line) {
        long least = extent.at().least(index);
        long size = extent.size() == null ? 0 : extent.size().most(index);
        if (!extent.isRelative()) {
            if (extent.at().most(index) + size > ADDRESS_SPACE) {
                problems.add(line, "it ends beyond 128 TiB", "lower 'at' or 'size'");
                return null;
            }
            return isCertain(extent.at()) ? new PageRange(Math.max(0, value(extent.at(), index)), Math.max(0, size)) : null;
        }
        Region region = state.regions.get(extent.region());
        if (region == null) {
            problems.unknown(line, "region", extent.region(), state.regions.keySet());
            state.regions.put(extent.region(), new Region(null, ADDRESS_SPACE));    // said once is enough
            return null;
        }
        if (isCertain(extent.at())) {
            least = value(extent.at(), index);
        }
        long leastEnd = least + (extent.size() == null ? 0 : extent.size().least(index));
        if (leastEnd > region.most) {
            problems.add(line, "it ends " + sizeOf(leastEnd) + " after the begin of region '" + extent.region()
                + "', which has " + sizeOf(region.most), "stay inside of the region, or map more");
        }
        if (region.place == null || !isCertain(extent.at())) {
            return null;
        }
        long start = region.place.start() + Math.max(0, least);
        return new PageRange(start, extent.size() == null ? Math.max(0, region.place.end() - start) : Math.max(0, size));
    }

    private static String sizeOf(long pages) {
        return pages % 256 == 0 ? pages / 256 + " MiB" : pages * 4 + " KiB";
    }

    /** Whether nothing but loops decides it. */
    private static boolean isCertain(Amount amount) {
        return amount instanceof Amount.Constant || amount instanceof Amount.Indexed
            || amount instanceof Amount.Sum sum && sum.terms().stream().allMatch(ProgramCheck::isCertain);
    }

    /** A certain amount in these rounds. */
    private static long value(Amount amount, long[] index) {
        if (amount instanceof Amount.Sum sum) {
            return sum.terms().stream().mapToLong(term -> value(term, index)).sum();
        }
        return amount instanceof Amount.Indexed indexed ? index[indexed.level()] * indexed.stride()
            : ((Amount.Constant) amount).value();
    }

    private void mmap(Step.Call step, MemoryCall.Mmap mmap, PageRange at, long[] index, State state) {
        if (mmap.backing() instanceof Backing.File backing) {
            file(backing.name(), backing.pageOffset(), step.line());
        } else if (mmap.backing() instanceof Backing.Device backing) {
            device(backing.name(), step.line());
        }
        if (at != null && !step.at().size().equals(Values.ANYTHING)) {
            if (!step.replace() && !mmap.flags().contains(MapFlag.NOREPLACE)) {
                overlapping(at, state).stream().findFirst().ifPresent(other -> overlap(step, other));
            }
            subtract(at, state);
            remember(new Mapped(at, step.region(), step.line()), state);
        }
        if (!step.region().isEmpty()) {
            state.regions.put(step.region(), new Region(at, step.at().size().most(index)));
        }
    }

    private void overlap(Step.Call step, Mapped other) {
        String what = other.line.line() == step.line().line() ? "what an earlier round of this step mapped"
            : other.region.isEmpty() ? "what line " + other.line.line() + " mapped"
            : "region '" + other.region + "' of line " + other.line.line();
        problems.add(step.line(), "the mapping lies over " + what,
            "unmap that first, choose another place (in a loop: at: i * SIZE), or say 'replace: true'");
    }

    private void unmap(PageRange at, Extent written, long[] index, State state) {
        if (at != null) {
            subtract(at, state);
        } else if (written.isRelative()) {
            Region region = state.regions.get(written.region());
            if (region != null && region.place != null) {
                subtract(region.place, state);
            }
        } else {
            long start = Math.max(0, written.at().least(index));
            subtract(PageRange.between(start, Math.max(start, written.at().most(index) + written.size().most(index))), state);
        }
    }

    private void mremap(Step.Call step, PageRange at, long[] index, State state) {
        if (at == null) {
            state.mapped.clear();
        } else if (!((MemoryCall.Mremap) step.template()).dontUnmap()) {
            subtract(at, state);
        }
        if (!step.region().isEmpty()) {
            long grown = step.to() == null ? 0 : step.to().size().most(index);
            long most = Math.max(grown, at == null ? ADDRESS_SPACE : at.count());
            state.regions.put(step.region(), new Region(null, most));
        }
    }

    private static void remember(Mapped mapped, State state) {
        if (!mapped.range.isEmpty()) {
            state.mapped.put(mapped.range.start(), mapped);
        }
    }

    private static List<Mapped> overlapping(PageRange range, State state) {
        Long from = state.mapped.floorKey(range.start());
        List<Mapped> found = new ArrayList<>();
        for (Mapped mapped : state.mapped.subMap(from == null ? range.start() : from, range.end()).values()) {
            if (mapped.range.overlaps(range)) {
                found.add(mapped);
            }
        }
        return found;
    }

    private static void subtract(PageRange gone, State state) {
        for (Mapped mapped : overlapping(gone, state)) {
            state.mapped.remove(mapped.range.start());
            if (mapped.range.start() < gone.start()) {
                PageRange before = PageRange.between(mapped.range.start(), gone.start());
                remember(new Mapped(before, mapped.region, mapped.line), state);
            }
            if (gone.end() < mapped.range.end()) {
                PageRange after = PageRange.between(gone.end(), mapped.range.end());
                remember(new Mapped(after, mapped.region, mapped.line), state);
            }
        }
    }
}
