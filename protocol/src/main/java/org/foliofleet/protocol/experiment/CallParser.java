package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallTemplate;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.Extent;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.foliofleet.protocol.program.SourceLine;
import org.foliofleet.protocol.program.Step;

/** Reads the steps that are memory calls: {@code - madvise: {in: buf, size: 2MiB, advice: hugepage}}. */
final class CallParser {
    /** All calls; the order is that of {@link MemoryCall}. */
    static final List<String> CALLS = List.of("mmap", "munmap", "mprotect", "madvise", "mlock", "munlock", "mremap", "read",
        "write", "memwrite", "exec", "exit", "pin", "unpin", "dma-write", "getref", "putref", "uffd-register", "uffd-monitor",
        "uffd-unregister",
        "uffd-copy", "uffd-zeropage", "uffd-continue", "uffd-poison", "uffd-wp", "uffd-unwp", "uffd-move", "punch-hole",
        "fallocate", "ftruncate", "pwrite", "cpu", "mempolicy", "mbind", "home-node", "migrate-pages", "move-pages",
        "numa-scan", "split", "relocate-moves", "oom-score-adj");
    /** Calls that may name just a region, as in {@code - write: buf}. */
    static final List<String> OF_REGION = List.of("munmap", "mlock", "munlock", "read", "write", "memwrite");
    /** Calls that may name just a handle. */
    static final List<String> OF_HANDLE = List.of("unpin", "putref", "dma-write");
    private static final List<String> MODES =
        List.of("default", "local", "preferred", "bind", "interleave", "weighted-interleave", "preferred-many");
    private static final int MAX_NODE = 1023;
    /** Automatic places begin at 1 TiB, far from what anybody writes by hand. */
    private static final long FIRST_PLACE = 1L << 28;
    private static final long HUGE = 512;

    private final Problems problems;
    private final Values values;
    private long nextPlace = FIRST_PLACE;
    private long nextTag = 1;

    CallParser(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    /** What a call says of its place and effect on regions, while it is read. */
    private static final class Draft {
        MemoryCall call;
        Extent at;
        Extent to;
        String region = "";
        boolean replace;
    }

    Step.Call parse(String name, Yaml value, Loops loops, Expectation expect, SourceLine line) {
        Draft draft = new Draft();
        if (value instanceof Yaml.Scalar scalar && !scalar.isNothing()) {
            fromWord(name, scalar, draft);
        } else {
            boolean bare = value instanceof Yaml.Scalar;
            Fields fields = new Fields(bare ? new Yaml.Mapping(List.of(), 1, value.at()) : value, "'" + name + "'", problems);
            fromMap(name, fields, loops, draft);
            fields.finish();
        }
        return new Step.Call(draft.call, draft.at, draft.to, draft.region, draft.replace, expect, line);
    }

    /** The short forms: {@code - write: buf}, {@code - unpin: whole}, {@code - cpu: 1}. */
    private void fromWord(String name, Yaml.Scalar word, Draft draft) {
        switch (name) {
            case "munmap" -> draft.call = new MemoryCall.Munmap(CallTemplate.PLACE);
            case "mlock" -> draft.call = new MemoryCall.Mlock(CallTemplate.PLACE, false);
            case "munlock" -> draft.call = new MemoryCall.Munlock(CallTemplate.PLACE);
            case "read" -> draft.call = new MemoryCall.Read(CallTemplate.PLACE);
            case "write" -> draft.call = new MemoryCall.Write(CallTemplate.PLACE, ContentTag.of(nextTag++));
            case "memwrite" -> draft.call = new MemoryCall.MemWrite(CallTemplate.PLACE, ContentTag.of(nextTag++));
            case "unpin" -> draft.call = new MemoryCall.Unpin(values.name(word, "handle"));
            case "putref" -> draft.call = new MemoryCall.PutRef(values.name(word, "handle"));
            case "dma-write" -> draft.call = new MemoryCall.DmaWrite(values.name(word, "handle"), ContentTag.of(nextTag++));
            case "cpu" -> draft.call = new MemoryCall.Cpu((int) values.integer(word, "node", 0, MAX_NODE));
            default -> {
                problems.add(word.at(), "'" + name + "' is " + word.kind(), "write a map: " + name + ": {…}");
                draft.call = new MemoryCall.NumaScan();
                return;
            }
        }
        if (OF_REGION.contains(name)) {
            draft.at = Extent.whole(values.name(word, "region"));
        }
    }

    private void fromMap(String name, Fields f, Loops loops, Draft draft) {
        switch (name) {
            case "mmap" -> mmap(f, loops, draft);
            case "mremap" -> mremap(f, loops, draft);
            case "uffd-monitor" -> draft.call = monitor(f);
            case "exec" -> draft.call = new MemoryCall.Exec();
            case "exit" -> draft.call = new MemoryCall.Exit();
            case "numa-scan" -> draft.call = new MemoryCall.NumaScan();
            case "relocate-moves" -> draft.call = new MemoryCall.RelocateMoves(flag(f, "on"));
            case "oom-score-adj" -> draft.call = new MemoryCall.OomScoreAdj(oomScore(f));
            case "unpin" -> draft.call = new MemoryCall.Unpin(handle(f));
            case "putref" -> draft.call = new MemoryCall.PutRef(handle(f));
            case "dma-write" -> draft.call = new MemoryCall.DmaWrite(handle(f), content(f));
            case "cpu" -> draft.call = new MemoryCall.Cpu(node(f, 0));
            case "mempolicy" -> draft.call = new MemoryCall.SetMempolicy(numaPolicy(f));
            case "migrate-pages" -> draft.call = new MemoryCall.MigratePages(nodes(f, "from"), nodes(f, "to"));
            case "punch-hole", "fallocate", "ftruncate", "pwrite" -> fileCall(name, f, loops, draft);
            default -> {
                draft.call = rangeCall(name, f, loops, draft);
                draft.at = extent(f, loops);
            }
        }
    }

    private MemoryCall rangeCall(String name, Fields f, Loops loops, Draft draft) {
        return switch (name) {
            case "munmap" -> new MemoryCall.Munmap(CallTemplate.PLACE);
            case "mprotect" -> new MemoryCall.Mprotect(CallTemplate.PLACE, protection(f));
            case "madvise" -> new MemoryCall.Madvise(CallTemplate.PLACE, advice(f));
            case "mlock" -> new MemoryCall.Mlock(CallTemplate.PLACE, flag(f, "onfault"));
            case "munlock" -> new MemoryCall.Munlock(CallTemplate.PLACE);
            case "read" -> new MemoryCall.Read(CallTemplate.PLACE);
            case "write" -> new MemoryCall.Write(CallTemplate.PLACE, content(f));
            case "memwrite" -> new MemoryCall.MemWrite(CallTemplate.PLACE, content(f));
            case "pin" -> new MemoryCall.Pin(handle(f), CallTemplate.PLACE, holdTime(f));
            case "getref" -> new MemoryCall.GetRef(handle(f), CallTemplate.PLACE);
            case "uffd-register" -> new MemoryCall.UffdRegister(CallTemplate.PLACE, uffdModes(f));
            case "uffd-unregister" -> new MemoryCall.UffdUnregister(CallTemplate.PLACE);
            case "uffd-copy" -> new MemoryCall.UffdCopy(CallTemplate.PLACE, flag(f, "wp"), content(f));
            case "uffd-zeropage" -> new MemoryCall.UffdZeropage(CallTemplate.PLACE);
            case "uffd-continue" -> new MemoryCall.UffdContinue(CallTemplate.PLACE);
            case "uffd-poison" -> new MemoryCall.UffdPoison(CallTemplate.PLACE);
            case "uffd-wp" -> new MemoryCall.UffdWriteProtect(CallTemplate.PLACE, true);
            case "uffd-unwp" -> new MemoryCall.UffdWriteProtect(CallTemplate.PLACE, false);
            case "uffd-move" -> {
                draft.to = destination(f, loops);
                yield new MemoryCall.UffdMove(0, 0, 0);
            }
            case "mbind" -> new MemoryCall.Mbind(CallTemplate.PLACE, numaPolicy(f), mbindFlags(f));
            case "home-node" -> new MemoryCall.SetHomeNode(CallTemplate.PLACE, node(f, 0));
            case "move-pages" -> new MemoryCall.MovePages(CallTemplate.PLACE, node(f, -1), flag(f, "all"));
            case "split" -> new MemoryCall.Split(CallTemplate.PLACE, order(f), splitOffset(f));
            default -> throw new IllegalArgumentException("no call " + name);
        };
    }

    private void mmap(Fields f, Loops loops, Draft draft) {
        Yaml name = f.optional("name");
        draft.region = name == null ? "" : values.name(name, "region");
        Yaml size = f.required("size", "write size: 2MiB");
        Amount count = size == null ? Amount.of(1) : values.amount(size, "'size'", Units.PAGES, loops.names(), 1);
        Yaml at = f.optional("at");
        Amount start;
        if (at != null) {
            start = values.amount(at, "'at'", Units.PAGES, loops.names(), 0);
        } else {
            start = Amount.of(nextPlace);
            nextPlace += (count.most(loops.bounds()) + HUGE - 1) / HUGE * HUGE + HUGE;
            if (name == null) {
                problems.add(f.at(), "'mmap' has neither 'name' nor 'at'", "give one, so that other steps can reach it");
            }
        }
        draft.at = Extent.absolute(start, count);
        draft.replace = flag(f, "replace");
        draft.call = new MemoryCall.Mmap(CallTemplate.PLACE, protection(f), shared(f), backing(f), mapFlags(f));
    }

    private boolean shared(Fields f) {
        Yaml shared = f.optional("shared");
        Yaml isPrivate = f.optional("private");
        if (shared != null && isPrivate != null && values.bool(shared, "'shared'") == values.bool(isPrivate, "'private'")) {
            problems.add(isPrivate.at(), "'shared' and 'private' contradict each other", "keep one of them");
        }
        return shared != null ? values.bool(shared, "'shared'")
            : isPrivate != null && !values.bool(isPrivate, "'private'");
    }

    private Backing backing(Fields f) {
        Yaml file = f.optional("file");
        Yaml device = f.optional("device");
        Yaml anon = f.optional("anon");
        Yaml offset = f.optional("offset");
        boolean anonymous = anon == null ? file == null && device == null : values.bool(anon, "'anon'");
        int backings = (anonymous ? 1 : 0) + (file == null ? 0 : 1) + (device == null ? 0 : 1);
        if (backings != 1) {
            problems.add(f.at(), "'mmap' is " + (backings == 0 ? "neither anonymous nor of a file"
                : file != null && device != null ? "of a file and of a device" : "anonymous and of a " + (file != null ? "file" : "device")),
                "write 'anon: true' or 'file: NAME' or 'device: NAME', one of them");
        }
        if (file == null && device == null) {
            if (offset != null) {
                problems.add(offset.at(), "'offset' without 'file'", "add 'file: NAME' or remove it");
            }
            return new Backing.Anonymous();
        }
        long page = offset == null ? 0 : values.fixed(offset, "'offset'", Units.PAGES, 0);
        return file != null ? new Backing.File(values.name(file, "file"), page) : new Backing.Device(values.name(device, "device"), page);
    }

    private Set<MapFlag> mapFlags(Fields f) {
        EnumSet<MapFlag> flags = EnumSet.noneOf(MapFlag.class);
        Yaml written = f.optional("flags");
        if (written != null) {
            List<String> words = Arrays.stream(MapFlag.values()).map(flag -> flag.name().toLowerCase(Locale.ROOT)).toList();
            values.words(written, "'flags'", words).forEach(word -> flags.add(MapFlag.valueOf(word.toUpperCase(Locale.ROOT))));
        }
        return flags;
    }

    private void mremap(Fields f, Loops loops, Draft draft) {
        draft.at = extent(f, loops);
        Yaml to = f.optional("to");
        Yaml newSize = f.optional("new_size");
        Amount count = newSize == null ? Amount.of(0) : values.amount(newSize, "'new_size'", Units.PAGES, loops.names(), 1);
        if (to != null || newSize != null) {
            Amount start = to == null ? Amount.of(0) : values.amount(to, "'to'", Units.PAGES, loops.names(), 0);
            draft.to = Extent.absolute(start, count);
        } else {
            problems.add(f.at(), "'mremap' has neither 'to' nor 'new_size'", "say where to move it or how large it becomes");
        }
        Yaml name = f.optional("name");
        boolean wholeRegion = draft.at.isRelative() && draft.at.size() == null && draft.at.at().equals(Amount.of(0));
        draft.region = name != null ? values.name(name, "region") : wholeRegion ? draft.at.region() : "";
        boolean mayMove = to != null || flag(f, "may_move");
        draft.call = new MemoryCall.Mremap(CallTemplate.PLACE, 0, to == null ? -1 : 0, mayMove, flag(f, "dontunmap"), relocate(f));
    }

    /** {@code relocate: true}, or with {@code must: true} not without. */
    private MemoryCall.RelocateFlag relocate(Fields f) {
        boolean wanted = flag(f, "relocate");
        return flag(f, "must") ? MemoryCall.RelocateFlag.MUST : wanted ? MemoryCall.RelocateFlag.RELOCATE : MemoryCall.RelocateFlag.NONE;
    }

    private void fileCall(String name, Fields f, Loops loops, Draft draft) {
        Yaml written = f.required("file", "write file: NAME");
        String file = written == null ? "unnamed" : values.name(written, "file");
        Yaml at = name.equals("ftruncate") ? null : f.required("at", "write at: 0");
        Yaml size = f.required("size", "write size: 2MiB");
        Amount start = at == null ? Amount.of(0) : values.amount(at, "'at'", Units.PAGES, loops.names(), 0);
        Amount count = size == null ? Amount.of(1) : values.amount(size, "'size'", Units.PAGES, loops.names(), 0);
        draft.at = Extent.absolute(start, count);
        draft.call = switch (name) {
            case "punch-hole" -> new MemoryCall.PunchHole(file, CallTemplate.PLACE);
            case "fallocate" -> new MemoryCall.Fallocate(file, CallTemplate.PLACE);
            case "ftruncate" -> new MemoryCall.Ftruncate(file, 0);
            default -> new MemoryCall.Pwrite(file, CallTemplate.PLACE, content(f));
        };
    }

    /** {@code in: REGION} with {@code at} and {@code size} inside of it, or {@code at} and {@code size} by address. */
    Extent extent(Fields f, Loops loops) {
        Yaml in = f.optional("in");
        Yaml at = f.optional("at");
        Yaml size = f.optional("size");
        if (in == null && at == null) {
            problems.add(f.at(), "it does not say where", "add 'in: REGION', or 'at: ADDRESS' and 'size: SIZE'");
        } else if (in == null && size == null) {
            problems.add(f.at(), "'at' without 'size'", "add 'size: SIZE'");
        }
        Amount start = at == null ? Amount.of(0) : values.amount(at, "'at'", Units.PAGES, loops.names(), 0);
        Amount count = size == null ? null : values.amount(size, "'size'", Units.PAGES, loops.names(), 0);
        if (in == null) {
            return Extent.absolute(start, count == null ? Amount.of(1) : count);
        }
        return new Extent(values.name(in, "region"), start, count);
    }

    private Extent destination(Fields f, Loops loops) {
        Yaml to = f.required("to", "write to: ADDRESS or to: {in: REGION, at: OFFSET}");
        if (to instanceof Yaml.Mapping) {
            Fields place = new Fields(to, "'to'", problems);
            Extent extent = extent(place, loops);
            place.finish();
            return extent;
        }
        Amount start = to == null ? Amount.of(0) : values.amount(to, "'to'", Units.PAGES, loops.names(), 0);
        return Extent.absolute(start, Amount.of(0));
    }

    private Protection protection(Fields f) {
        Yaml written = f.required("prot", "write prot: rw, r, rx, rwx or none");
        if (written == null) {
            return Protection.NONE;
        }
        String letters = values.word(written, "'prot'", List.of("rw", "r", "none", "rx", "rwx", "w", "x", "wx"));
        return new Protection(letters.contains("r"), letters.contains("w"), letters.contains("x"));
    }

    private Advice advice(Fields f) {
        Yaml written = f.required("advice", "write advice: hugepage");
        List<String> words = Arrays.stream(Advice.values()).map(Advice::word).toList();
        return written == null ? Advice.NORMAL
            : Advice.valueOf(values.word(written, "'advice'", words).toUpperCase(Locale.ROOT));
    }

    private ContentTag content(Fields f) {
        Yaml tag = f.optional("tag");
        long number = tag == null ? nextTag++ : values.integer(tag, "'tag'", 0, Integer.MAX_VALUE);
        return new ContentTag(number, flag(f, "same"));
    }

    private String handle(Fields f) {
        Yaml handle = f.required("handle", "name it, so that it can be released: handle: NAME");
        return handle == null ? "unnamed" : values.name(handle, "handle");
    }

    private long holdTime(Fields f) {
        Yaml time = f.optional("for");
        return time == null ? 0 : values.fixed(time, "'for'", Units.NANOS, 1);
    }

    private boolean flag(Fields f, String key) {
        Yaml written = f.optional(key);
        return written != null && values.bool(written, "'" + key + "'");
    }

    private int oomScore(Fields f) {
        Yaml value = f.required("value", "write value: 500");
        return value == null ? 0 : (int) values.integer(value, "'value'", MemoryCall.OomScoreAdj.NEVER, MemoryCall.OomScoreAdj.FIRST);
    }

    private int node(Fields f, int otherwise) {
        Yaml node = otherwise >= 0 ? f.required("node", "write node: 0") : f.optional("node");
        return node == null ? otherwise : (int) values.integer(node, "'node'", 0, MAX_NODE);
    }

    private List<Integer> nodes(Fields f, String key) {
        Yaml written = f.required(key, "write " + key + ": [0]");
        List<Integer> nodes = new ArrayList<>();
        if (written != null) {
            values.list(written, "'" + key + "'")
                .forEach(node -> nodes.add((int) values.integer(node, "node", 0, MAX_NODE)));
        }
        return nodes;
    }

    private MemoryCall.NumaPolicy numaPolicy(Fields f) {
        Yaml mode = f.required("mode", "write mode: bind");
        Yaml flags = f.optional("mode_flags");
        String word = mode == null ? "default" : values.word(mode, "'mode'", MODES);
        Set<String> modeFlags = new TreeSet<>(flags == null ? List.of()
            : values.words(flags, "'mode_flags'", List.of("static", "relative", "balancing")));
        return new MemoryCall.NumaPolicy(word, modeFlags, f.has("nodes") ? nodes(f, "nodes") : List.of());
    }

    private Set<String> mbindFlags(Fields f) {
        Yaml flags = f.optional("flags");
        return new TreeSet<>(flags == null ? List.of()
            : values.words(flags, "'flags'", List.of("move", "moveall", "strict")));
    }

    private MemoryCall monitor(Fields f) {
        Yaml latency = f.optional("latency");
        Yaml batch = f.optional("batch");
        long pages = batch == null ? 1 : values.fixed(batch, "'batch'", Units.PAGES, 1);
        if (Long.bitCount(pages) != 1 || pages > HUGE) {
            problems.add(batch.at(), "'batch' is " + pages + " pages", "write a power of two of pages up to 2MiB, such as batch: 64KiB");
        }
        return new MemoryCall.UffdMonitor(latency == null ? 0 : values.fixed(latency, "'latency'", Units.NANOS, 0), pages, content(f), uffdEvents(f),
            flag(f, "wp_unpopulated"));
    }

    private Set<MemoryCall.UffdEvent> uffdEvents(Fields f) {
        Yaml written = f.optional("events");
        EnumSet<MemoryCall.UffdEvent> events = EnumSet.noneOf(MemoryCall.UffdEvent.class);
        if (written != null) {
            values.words(written, "'events'", List.of("fork", "remap", "remove", "unmap"))
                .forEach(word -> events.add(MemoryCall.UffdEvent.valueOf(word.toUpperCase(Locale.ROOT))));
        }
        return events;
    }

    private Set<MemoryCall.UffdMode> uffdModes(Fields f) {
        Yaml written = f.required("modes", "write modes: [missing]");
        EnumSet<MemoryCall.UffdMode> modes = EnumSet.noneOf(MemoryCall.UffdMode.class);
        if (written != null) {
            values.words(written, "'modes'", List.of("missing", "wp", "minor"))
                .forEach(word -> modes.add(MemoryCall.UffdMode.valueOf(word.toUpperCase(Locale.ROOT))));
        }
        return modes;
    }

    private int order(Fields f) {
        Yaml order = f.optional("order");
        return order == null ? 0 : (int) values.integer(order, "'order'", 0, 8);
    }

    private int splitOffset(Fields f) {
        Yaml offset = f.optional("offset");
        return offset == null ? -1 : (int) values.integer(offset, "'offset'", 0, 511);
    }
}
