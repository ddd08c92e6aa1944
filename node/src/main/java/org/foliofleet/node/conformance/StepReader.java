package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.node.conformance.Observation.FolioState;
import org.foliofleet.node.conformance.Observation.MemfdState;
import org.foliofleet.node.conformance.Observation.PageState;
import org.foliofleet.node.conformance.Observation.ProcessState;
import org.foliofleet.node.conformance.Observation.VmaState;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.MemoryCall;

/** Reads the steps of a recording. */
final class StepReader {
    private static final List<String> STATES =
            List.of("present", "zero", "swapped", "guard", "poison", "wp-marker", "marker", "migration");
    private static final List<String> FOLIO_FLAGS = List.of("anon", "ksm", "swapbacked", "swapcache", "mlocked",
            "unevictable", "lru", "dirty", "thp", "exclusive0");
    private static final List<String> SMAPS = List.of("Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean",
            "Private_Dirty", "Anonymous", "KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Swap",
            "SwapPss", "Locked", "THPeligible");
    private static final int MAX_ORDER = 9;
    private static final int MAX_NODE = 62;

    private final String file;
    private final RecordingHeader header;
    private final StatementParser statements;
    /** The living processes so far, to find operations of others. */
    private final Set<String> alive = new TreeSet<>(Set.of("p0"));
    private int operations;

    StepReader(String file, RecordingHeader header) {
        this.file = file;
        this.header = header;
        this.statements = new StatementParser(header.memfds().keySet());
    }

    List<Recording.Step> read(List<RecordedFields> steps) {
        List<Recording.Step> read = new ArrayList<>();
        for (RecordedFields step : steps) {
            read.add(step.has("observe") ? observed(step) : operation(step));
            step.end();
        }
        return List.copyOf(read);
    }

    private Recording.Step operation(RecordedFields step) {
        Statement statement = statements.parse(step.string("op"), ++operations, step.where());
        String result = step.string("res");
        if (!result.isEmpty() && !result.matches("ok|E[A-Z0-9]+|SIG(SEGV|BUS)@[0-9]{1,18}")) {
            throw new BadInput(step.where() + ": the result '" + result
                    + "' is none; it is 'ok', an errno name, or SIGSEGV@PAGE or SIGBUS@PAGE");
        }
        if (statement instanceof Statement.OfProcess call) {
            if (!alive.contains(call.process())) {
                throw new BadInput(step.where() + ": '" + call.text() + "': " + call.process()
                        + " does not live here; fork it first");
            }
            if (call.call() instanceof MemoryCall.Fork fork && result.equals("ok") && !alive.add(fork.child())) {
                throw new BadInput(step.where() + ": '" + call.text() + "': " + fork.child() + " lives already");
            }
            if (call.call() instanceof MemoryCall.Exit) {
                alive.remove(call.process());
            }
        }
        List<Outcome.Status> status = step.has("status") ? status(step) : List.of();
        return new Recording.Operation(statement, new Outcome(result, step.number("left", 0, -1), status));
    }

    private static List<Outcome.Status> status(RecordedFields step) {
        List<Outcome.Status> status = new ArrayList<>();
        long end = 0;
        for (RecordedFields run : step.objects("status")) {
            long at = ascending(run, "at", end);
            long count = run.number("n", 1);
            end = at + count;
            if (run.has("err") == run.has("node")) {
                throw new BadInput(run.where() + ": a status is either a node or an err");
            }
            status.add(new Outcome.Status(at, count, run.smallNumber("node", 0, MAX_NODE, -1),
                    run.has("err") ? run.string("err") : null));
            run.end();
        }
        return List.copyOf(status);
    }

    private Recording.Step observed(RecordedFields step) {
        String label = step.string("observe");
        List<ProcessState> processes = new ArrayList<>();
        for (Map.Entry<String, LocatedJson> process : step.object("procs").entrySet()) {
            if (!StatementParser.isProcess(process.getKey())) {
                throw step.bad(process.getValue(), "'" + process.getKey() + "' is no process; they are p0, p1, …");
            }
            processes.add(new ProcessState(process.getKey(), vmas(step, process.getKey(), process.getValue())));
        }
        List<MemfdState> memfds = step.has("memfds") ? memfds(step) : List.of();
        Optional<Map<String, Long>> ksm = step.has("ksm")
                ? Optional.of(new LinkedHashMap<>(step.numbers("ksm", 0))) : Optional.empty();
        return new Recording.Observed(new Observation(label, List.copyOf(processes), folios(step), memfds,
                step.numbers("counters", Long.MIN_VALUE), ksm));
    }

    private List<VmaState> vmas(RecordedFields step, String process, LocatedJson list) {
        List<VmaState> vmas = new ArrayList<>();
        long end = 0;
        String path = step.pathOf("procs") + "." + process;
        for (LocatedJson element : step.asList(list, process)) {
            RecordedFields vma =
                    new RecordedFields(file, header.unstable(), path + "[" + vmas.size() + "]", element);
            long start = ascending(vma, "start", end);
            long length = vma.number("len", 1);
            end = start + length;
            String protection = vma.string("prot");
            String map = vma.word("map", List.of("private", "shared"));
            String of = vma.string("of");
            long pageOffset = vma.number("pgoff", 0, Observation.NONE);
            String policy = vma.has("policy") ? vma.string("policy") : "";
            var smaps = vma.numbers("smaps", 0);
            for (String name : smaps.keySet()) {
                if (!SMAPS.contains(name)) {
                    throw new BadInput(vma.where() + ": smaps has the unknown field '" + name + "'"
                            + KnownWords.hint(name, SMAPS));
                }
            }
            vmas.add(new VmaState(start, length, protection, map, of, pageOffset, policy, vma.words("flags"), smaps,
                    pages(vma, start, end)));
            vma.end();
        }
        return List.copyOf(vmas);
    }

    private static List<PageState> pages(RecordedFields vma, long start, long end) {
        List<PageState> pages = new ArrayList<>();
        long last = start;
        for (RecordedFields run : vma.objects("pages")) {
            long at = ascending(run, "at", last);
            long count = run.number("n", 1);
            last = at + count;
            if (last > end) {
                throw new BadInput(run.where() + ": pages " + at + "+" + count + " lie outside their VMA, which ends at "
                        + end);
            }
            String state = run.word("st", STATES);
            boolean present = state.equals("present");
            int order = run.smallNumber("order", 0, MAX_ORDER, 0);
            long index = run.number("i", 0, 0);
            if (order > 0 && index + count > 1L << order) {
                throw new BadInput(run.where() + ": pages " + index + "+" + count + " are not in a folio of order "
                        + order);
            }
            pages.add(new PageState(at, count, state, run.one("pmd"), run.one("uffd_wp"),
                    present ? run.number("folio", 1) : 0, order, index,
                    run.smallNumber("node", 0, MAX_NODE, Observation.NONE), present ? run.number("mapcount", 0) : 0,
                    run.smallNumber("pagemap_excl", 0, 1, Observation.NONE), run.number("tag", 0, Observation.NONE),
                    run.number("src", 0, Observation.NONE)));
            run.end();
        }
        return List.copyOf(pages);
    }

    private static List<FolioState> folios(RecordedFields step) {
        List<FolioState> folios = new ArrayList<>();
        long end = 1;
        for (RecordedFields run : step.objects("folios")) {
            long id = ascending(run, "id", end);
            long count = run.number("n", 1);
            end = id + count;
            var flags = run.words("flags");
            for (String flag : flags) {
                if (!FOLIO_FLAGS.contains(flag)) {
                    throw new BadInput(run.where() + ": a folio has the unknown flag '" + flag + "'"
                            + KnownWords.hint(flag, FOLIO_FLAGS));
                }
            }
            folios.add(new FolioState(id, count, run.smallNumber("order", 0, MAX_ORDER, 0),
                    run.smallNumber("node", 0, MAX_NODE, Observation.NONE), flags, run.number("split_from", 1, 0),
                    run.number("split_at", 0, 0), run.one("unmapped")));
            run.end();
        }
        return List.copyOf(folios);
    }

    private static List<MemfdState> memfds(RecordedFields step) {
        List<MemfdState> memfds = new ArrayList<>();
        for (RecordedFields memfd : step.objects("memfds")) {
            List<PageRange> data = new ArrayList<>();
            for (LocatedJson run : memfd.list("data")) {
                List<LocatedJson> pair = memfd.asList(run, "data");
                if (pair.size() != 2) {
                    throw memfd.bad(run, "a run of data is [first, number]");
                }
                data.add(new PageRange(memfd.asNumber(pair.get(0), "data", 0), memfd.asNumber(pair.get(1), "data", 0)));
            }
            memfds.add(new MemfdState(memfd.string("name"), memfd.number("pages", 0), memfd.number("blocks", 0),
                    memfd.number("cached", 0), memfd.number("evicted", 0), List.copyOf(data)));
            memfd.end();
        }
        return List.copyOf(memfds);
    }

    /** A position that must not lie before the end of what came before it. */
    private static long ascending(RecordedFields run, String name, long end) {
        long at = run.number(name, 0);
        if (at < end) {
            throw new BadInput(run.where() + ": '" + name + "' is " + at + ", which overlaps what comes before it, up to "
                    + end + "; recordings are in ascending order");
        }
        return at;
    }
}
