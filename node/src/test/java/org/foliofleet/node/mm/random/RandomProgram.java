package org.foliofleet.node.mm.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.program.RandomStream;

/**
 * A machine and what its processes do to it.
 *
 * @param seed     from which all the rest follows
 * @param topology of the machine
 * @param settings of its kernel
 * @param steps    in order; a step of a process that does not exist (yet, or any more) is left out
 */
record RandomProgram(long seed, Topology topology, KernelSettings settings, List<Step> steps) {
    /** First page that programs use; a multiple of 512. */
    /** The content tag of what devices write. */
    static final long DEVICE_TAG = 251;
    static final long BASE = 1 << 14;
    /** Pages that programs use. */
    static final long SPAN = 4 * 512;

    /** One call of one process. */
    record Step(String process, MemoryCall call) {}

    /** What programs may be made of. */
    enum Flavor {
        /** All calls, all kernel settings. */
        ANY,
        /** No folio is larger than a page. */
        SMALL_FOLIOS,
        /** Moves relocate, in one of the ways that keep what rmap finds right. */
        RELOCATING,
        /** Switches of all threads have any of their values, but for those by which a kernel is wrong on purpose. */
        SWITCHED,
        /** All calls, all kernel settings, on machines that have less memory than their processes want. */
        SMALL_MEMORY;

        boolean relocates() {
            return this == RELOCATING || this == SWITCHED;
        }
    }

    /** A kind of call: how often it comes, and how it is made up. */
    private record Kind(int weight, Maker maker) {}

    @FunctionalInterface
    private interface Maker {
        MemoryCall make(Generator g);
    }

    private static final List<Kind> KINDS = List.of(
            new Kind(10, g -> g.mmap()),
            new Kind(4, g -> g.munmap()),
            new Kind(16, g -> new MemoryCall.Write(g.range(), ContentTag.of(1 + g.draw.below(250)))),
            new Kind(8, g -> new MemoryCall.Read(g.range())),
            new Kind(3, g -> new MemoryCall.MemWrite(g.range(), ContentTag.of(1 + g.draw.below(250)))),
            new Kind(4, g -> new MemoryCall.Mprotect(g.range(), g.protection())),
            new Kind(10, g -> new MemoryCall.Madvise(g.range(), g.one(Advice.values()))),
            new Kind(4, g -> new MemoryCall.Madvise(g.range(), Advice.DONTNEED)),
            new Kind(2, g -> new MemoryCall.Madvise(g.range(), Advice.FREE)),
            new Kind(6, g -> new MemoryCall.Madvise(g.range(), Advice.PAGEOUT)),
            new Kind(2, g -> new MemoryCall.Madvise(g.range(), Advice.COLLAPSE)),
            new Kind(3, g -> new MemoryCall.Mlock(g.range(), g.chance(3))),
            new Kind(2, g -> new MemoryCall.Munlock(g.range())),
            new Kind(4, g -> g.mremap()),
            new Kind(5, g -> g.fork()),
            new Kind(1, g -> g.exec()),
            new Kind(2, g -> g.exit()),
            new Kind(4, g -> g.pin()),
            new Kind(3, g -> g.unpin()),
            new Kind(2, g -> new MemoryCall.Split(g.range(), (int) g.draw.below(9), g.chance(2) ? -1 : (int) g.draw.below(512))),
            new Kind(1, g -> new MemoryCall.PunchHole(g.file(), g.fileRange())),
            new Kind(1, g -> new MemoryCall.Fallocate(g.file(), g.fileRange())),
            new Kind(1, g -> new MemoryCall.Ftruncate(g.file(), g.draw.below(1024))),
            new Kind(1, g -> new MemoryCall.Pwrite(g.file(), g.fileRange(), ContentTag.of(1 + g.draw.below(250)))),
            new Kind(4, g -> new MemoryCall.Madvise(g.range(), Advice.MERGEABLE)),
            new Kind(6, g -> new MemoryCall.Write(g.range(), new ContentTag(1 + g.draw.below(2), true))),
            new Kind(3, g -> new MemoryCall.UffdRegister(g.range(), g.uffdModes())),
            new Kind(1, g -> new MemoryCall.UffdUnregister(g.range())),
            new Kind(3, g -> new MemoryCall.UffdCopy(g.range(), g.chance(3), ContentTag.of(1 + g.draw.below(250)))),
            new Kind(1, g -> new MemoryCall.UffdZeropage(g.range())),
            new Kind(1, g -> new MemoryCall.UffdContinue(g.range())),
            new Kind(1, g -> new MemoryCall.UffdPoison(g.range())),
            new Kind(3, g -> new MemoryCall.UffdWriteProtect(g.range(), !g.chance(3))),
            new Kind(3, g -> g.uffdMove()),
            new Kind(1, g -> new MemoryCall.Cpu((int) g.draw.below(g.nodes))),
            new Kind(1, g -> new MemoryCall.SetMempolicy(g.policy())),
            new Kind(3, g -> new MemoryCall.Mbind(g.range(), g.policy(), g.moveFlags())),
            new Kind(1, g -> new MemoryCall.SetHomeNode(g.range(), (int) g.draw.below(g.nodes))),
            new Kind(1, g -> new MemoryCall.MigratePages(List.of(0), List.of(g.nodes - 1))),
            new Kind(2, g -> new MemoryCall.MovePages(g.range(), (int) g.draw.below(g.nodes), g.chance(2))),
            new Kind(1, g -> new MemoryCall.NumaScan()));

    private static final int WEIGHTS = KINDS.stream().mapToInt(Kind::weight).sum();

    /** Whether its processes are in a memory cgroup. */
    boolean isInCgroup() {
        return seed % 4 == 0;
    }

    /** Limit of that cgroup in pages, or 0 for none. */
    long cgroupPages() {
        return new long[] {0, 300, 1100}[(int) Math.floorMod(seed / 4, 3L)];
    }

    static RandomProgram of(long seed, Flavor flavor) {
        RandomStream draw = RandomStream.of(seed, "random program", flavor.ordinal());
        int nodes = draw.below(3) == 0 ? 2 : 1;
        long frames = flavor == Flavor.SMALL_MEMORY ? 400 + draw.below(800) : draw.below(3) == 0 ? 512 + draw.below(2048) : 1 << 15;
        Topology topology = Topology.nodes(nodes, frames);
        KernelSettings settings = new KernelSettings();
        if (flavor == Flavor.SMALL_FOLIOS) {
            settings = settings.with("thp", "never").with("shmem", "never");
        } else {
            settings = settings.with("thp", List.of("always", "madvise", "never").get((int) draw.below(3)));
            if (draw.below(3) == 0) {
                settings = settings.with("mthp 64k", draw.below(2) == 0 ? "always" : "inherit");
            }
            if (draw.below(4) == 0) {
                settings = settings.with("mthp 16k", "always");
            }
            if (draw.below(4) == 0) {
                settings = settings.with("shmem", "always");
            }
            settings = settings.with("use_zero_page", String.valueOf(draw.below(2)));
            settings = settings.with("shrink_underused", String.valueOf(draw.below(2)));
            settings = settings.with("ksm.merge_across_nodes", String.valueOf(Math.floorMod(seed, 2L)));
        }
        if (flavor.relocates()) {
            settings = RandomSwitches.draw(settings, draw, flavor == Flavor.RELOCATING);
        }
        Generator generator = new Generator(draw, flavor, nodes);
        generator.run(10 + (int) draw.below(30));
        return new RandomProgram(seed, topology, settings, generator.steps);
    }

    /** The same program on a machine with some other values of these switches, the same for the same seed. */
    RandomProgram departing(Collection<Switch> switches) {
        RandomStream draw = RandomStream.of(seed, "departures", 0);
        KernelSettings departed = settings;
        for (Switch each : switches) {
            List<String> values = new ArrayList<>(each.accepted().words());
            each.accepted().withCount().forEach(word -> values.add(word + "(" + (1 + draw.below(4)) + ")"));
            if (draw.below(2) == 0) {
                departed = departed.with(each.key(), values.get((int) draw.below(values.size())));
            }
        }
        return new RandomProgram(seed, topology, departed, steps);
    }

    /** The same program, with a monitor for the userfaultfd of every process that registers memory. */
    RandomProgram monitored() {
        List<Step> more = new ArrayList<>();
        for (Step step : steps) {
            more.add(step);
            if (step.call() instanceof MemoryCall.UffdRegister) {
                more.add(new Step(step.process(), new MemoryCall.UffdMonitor(5_000, 1L << Math.floorMod(seed, 6L), ContentTag.of(251),
                    uffdEvents(), Math.floorMod(seed, 4L) == 1)));
            }
        }
        return new RandomProgram(seed, topology, settings, more);
    }

    /** None with every third program, or some of the kinds. */
    private Set<MemoryCall.UffdEvent> uffdEvents() {
        Set<MemoryCall.UffdEvent> events = EnumSet.noneOf(MemoryCall.UffdEvent.class);
        for (MemoryCall.UffdEvent event : MemoryCall.UffdEvent.values()) {
            if (seed % 3 != 0 && (seed >> event.ordinal() & 1) != 0) {
                events.add(event);
            }
        }
        return events;
    }

    /** The same program on a machine whose swap device writes while others go on, for long or short. */
    RandomProgram writingSlowly() {
        RandomStream draw = RandomStream.of(seed, "swap device", 0);
        KernelSettings slow = settings.with("swap.device", "block").with("swap.latency", Long.toString(List.of(3_000L, 50_000L, 2_000_000L).get((int) draw.below(3))))
                .with("swap.page_time", Long.toString(draw.below(3) * 1000)).with("swap.stable_writes", Long.toString(draw.below(2)))
                .with("workingset", Long.toString(draw.below(2)));
        return new RandomProgram(seed, topology, slow, steps);
    }

    /** Room on the swap device: none, little, or enough. */
    long swapPages() {
        return new long[] {0, 1024, 1 << 14}[(int) Math.floorMod(seed, 3L)];
    }

    /** Names of the files that exist from the start; shmem objects. */
    static List<String> files() {
        return List.of("f0", "f1");
    }

    static final long FILE_PAGES = 1024;

    /** Names of the devices that exist from the start. */
    static List<String> devices() {
        return Arrays.stream(DeviceKind.values()).map(DeviceKind::word).toList();
    }

    static final long DEVICE_PAGES = 32;

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("seed " + seed + ": " + topology + "\n  " + settings);
        for (int i = 0; i < steps.size(); i++) {
            text.append("\n  ").append(i).append(' ').append(steps.get(i).process()).append(": ").append(steps.get(i).call());
        }
        return text.toString();
    }

    /** What a process may have, roughly: so that most calls find something to do. */
    private static final class Space {
        final BitSet mapped = new BitSet();
        final List<String> pins = new ArrayList<>();
        final List<String> gets = new ArrayList<>();
    }

    /** Makes the steps up. */
    private static final class Generator {
        final RandomStream draw;
        final Flavor flavor;
        final int nodes;
        final List<Step> steps = new ArrayList<>();
        private final List<String> processes = new ArrayList<>(List.of("p0"));
        private final Map<String, Space> spaces = new TreeMap<>();
        private int named = 1;
        private int handles;
        private String current;

        Generator(RandomStream draw, Flavor flavor, int nodes) {
            this.draw = draw;
            this.flavor = flavor;
            this.nodes = nodes;
        }

        void run(int count) {
            current = "p0";
            space().mapped.set(0, (int) SPAN / 2);
            steps.add(new Step("p0", new MemoryCall.Mmap(new PageRange(BASE, SPAN / 2), Protection.READ_WRITE, false,
                    new Backing.Anonymous(), EnumSet.noneOf(MapFlag.class))));
            while (steps.size() < count && !processes.isEmpty()) {
                current = processes.get((int) draw.below(processes.size()));
                if (flavor == Flavor.RELOCATING && chance(3)) {
                    moveTouched();
                    continue;
                }
                long at = draw.below(WEIGHTS);
                for (Kind kind : KINDS) {
                    at -= kind.weight();
                    if (at < 0) {
                        MemoryCall call = kind.maker().make(this);
                        if (call != null) {
                            steps.add(new Step(current, call));
                        }
                        break;
                    }
                }
            }
        }

        /** Moves private memory after it was written, for most moves of {@link #mremap} find none. */
        private void moveTouched() {
            PageRange from = range();
            long to = BASE + draw.below(SPAN - from.count());
            space().mapped.set((int) (to - BASE), (int) (to - BASE + from.count()));
            steps.add(new Step(current, new MemoryCall.Write(from, ContentTag.of(1 + draw.below(250)))));
            if (chance(6)) {
                steps.add(new Step(current, new MemoryCall.Pin("m" + handles, new PageRange(from.start() + draw.below(from.count()), 1))));
                space().pins.add("m" + handles++);
            }
            steps.add(new Step(current, new MemoryCall.Mremap(from, from.count(), to, true, false, one(MemoryCall.RelocateFlag.values()))));
        }

        boolean chance(int oneIn) {
            return draw.below(oneIn) == 0;
        }

        <E> E one(E[] choices) {
            return choices[(int) draw.below(choices.length)];
        }

        /** Mostly pages that are mapped; sometimes pages that may not be. */
        PageRange range() {
            PageRange range = anyRange();
            if (chance(6)) {
                return range;
            }
            BitSet mapped = space().mapped;
            int at = mapped.nextSetBit((int) (range.start() - BASE));
            if (at < 0) {
                at = mapped.nextSetBit(0);
            }
            if (at < 0) {
                return range;
            }
            long end = Math.min(mapped.nextClearBit(at), at + range.count());
            return new PageRange(BASE + at, end - at);
        }

        /** A few pages, a block, or anything. */
        PageRange anyRange() {
            switch ((int) draw.below(6)) {
                case 0, 1:
                    return new PageRange(BASE + draw.below(SPAN - 16), 1 + draw.below(16));
                case 2:
                    return new PageRange(BASE + 512 * draw.below(SPAN / 512), 512);
                case 3:
                    return new PageRange(BASE + 256 * draw.below(SPAN / 256 - 1), 256 * (1 + draw.below(2)));
                case 4:
                    long aligned = 16 * draw.below(SPAN / 16 - 4);
                    return new PageRange(BASE + aligned, 16 * (1 + draw.below(4)));
                default:
                    long start = draw.below(SPAN - 1);
                    return new PageRange(BASE + start, 1 + draw.below(Math.min(600, SPAN - start)));
            }
        }

        PageRange fileRange() {
            long start = draw.below(FILE_PAGES - 1);
            return new PageRange(start, 1 + draw.below(Math.min(600, FILE_PAGES - start)));
        }

        String file() {
            return files().get((int) draw.below(files().size()));
        }

        private Space space() {
            return spaces.computeIfAbsent(current, name -> new Space());
        }

        MemoryCall munmap() {
            PageRange range = chance(2) ? range() : anyRange();
            space().mapped.clear((int) (range.start() - BASE), (int) (range.end() - BASE));
            return new MemoryCall.Munmap(range);
        }

        MemoryCall pin() {
            PageRange range = range();
            PageRange few = chance(3) ? range : new PageRange(range.start(), Math.min(range.count(), 1 + draw.below(8)));
            String handle = "h" + handles++;
            boolean get = chance(3);
            (get ? space().gets : space().pins).add(handle);
            return get ? new MemoryCall.GetRef(handle, few) : new MemoryCall.Pin(handle, few, chance(3) ? 1 + draw.below(500_000) : 0);
        }

        MemoryCall unpin() {
            List<String> pins = space().pins;
            List<String> gets = space().gets;
            if (!pins.isEmpty() && chance(3)) {
                return new MemoryCall.DmaWrite(pins.get((int) draw.below(pins.size())), ContentTag.of(DEVICE_TAG));
            }
            if (!pins.isEmpty() && (gets.isEmpty() || chance(2))) {
                return new MemoryCall.Unpin(pins.remove((int) draw.below(pins.size())));
            }
            return gets.isEmpty() ? null : new MemoryCall.PutRef(gets.remove((int) draw.below(gets.size())));
        }

        MemoryCall fork() {
            String child = newProcess();
            Space copy = new Space();
            copy.mapped.or(space().mapped);
            spaces.put(child, copy);
            return new MemoryCall.Fork(child);
        }

        MemoryCall exec() {
            spaces.put(current, new Space());
            return new MemoryCall.Exec();
        }

        Set<MemoryCall.UffdMode> uffdModes() {
            Set<MemoryCall.UffdMode> modes = EnumSet.noneOf(MemoryCall.UffdMode.class);
            modes.add(one(MemoryCall.UffdMode.values()));
            if (chance(2)) {
                modes.add(MemoryCall.UffdMode.WP);
            }
            return modes;
        }

        MemoryCall uffdMove() {
            PageRange from = range();
            long to = chance(2) ? 512 * draw.below(SPAN / 512) + (from.start() - BASE) % 512 : draw.below(SPAN);
            return new MemoryCall.UffdMove(from.start(), BASE + Math.min(to, SPAN - from.count()), from.count());
        }

        Protection protection() {
            return List.of(Protection.READ_WRITE, Protection.READ_WRITE, Protection.READ, Protection.NONE).get((int) draw.below(4));
        }

        MemoryCall.NumaPolicy policy() {
            String mode = one(new String[] {"default", "local", "preferred", "bind", "interleave", "weighted-interleave", "preferred-many"});
            if (mode.equals("default") || mode.equals("local")) {
                return new MemoryCall.NumaPolicy(mode, Set.of(), List.of());
            }
            boolean balancing = (mode.equals("bind") || mode.equals("preferred-many")) && chance(2);
            int node = (int) draw.below(nodes);
            return new MemoryCall.NumaPolicy(mode, balancing ? Set.of("balancing") : Set.of(),
                    nodes == 1 || chance(2) ? List.of(node) : List.of(0, 1));
        }

        Set<String> moveFlags() {
            return switch ((int) draw.below(4)) {
                case 0 -> Set.of();
                case 1 -> Set.of("move");
                case 2 -> Set.of("moveall");
                default -> Set.of("moveall", "strict");
            };
        }

        MemoryCall mmap() {
            PageRange range = anyRange();
            space().mapped.set((int) (range.start() - BASE), (int) (range.end() - BASE));
            Set<MapFlag> flags = new LinkedHashSet<>();
            if (chance(12)) {
                flags.add(MapFlag.LOCKED);
            }
            if (chance(12)) {
                flags.add(MapFlag.POPULATE);
            }
            if (chance(10)) {
                PageRange few = new PageRange(range.start(), Math.min(range.count(), DEVICE_PAGES));
                Backing device = new Backing.Device(devices().get((int) draw.below(devices().size())), draw.below(DEVICE_PAGES / 2));
                return new MemoryCall.Mmap(few, Protection.READ_WRITE, chance(2), device, flags);
            }
            boolean file = chance(3);
            Backing backing = file ? new Backing.File(file(), chance(2) ? range.start() - BASE & 511 : draw.below(FILE_PAGES - 1))
                    : new Backing.Anonymous();
            return new MemoryCall.Mmap(range, chance(8) ? protection() : Protection.READ_WRITE, file && chance(2) || chance(20), backing, flags);
        }

        MemoryCall mremap() {
            if (flavor.relocates() && chance(8)) {
                return new MemoryCall.RelocateMoves(!chance(4));
            }
            PageRange from = range();
            if (chance(3)) {
                return new MemoryCall.Mremap(from, 1 + draw.below(from.count()), -1, false, false);
            }
            long to = BASE + (chance(2) ? 512 * draw.below(SPAN / 512) : draw.below(SPAN - 1));
            long count = chance(3) ? 1 + draw.below(512) : from.count();
            long start = Math.max(BASE, Math.min(to, BASE + SPAN - count));
            space().mapped.set((int) (start - BASE), (int) (start + count - BASE));
            boolean keep = count == from.count() && chance(6);
            MemoryCall.RelocateFlag flag = flavor.relocates() ? one(MemoryCall.RelocateFlag.values()) : MemoryCall.RelocateFlag.NONE;
            return new MemoryCall.Mremap(from, count, start, true, keep, flag);
        }

        String newProcess() {
            if (processes.size() < 4) {
                processes.add("p" + named);
            }
            return "p" + named++;
        }

        MemoryCall exit() {
            if (processes.size() == 1) {
                return null;
            }
            processes.remove(current);
            return new MemoryCall.Exit();
        }
    }
}
