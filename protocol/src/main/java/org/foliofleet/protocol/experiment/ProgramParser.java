package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;
import org.foliofleet.protocol.program.Step;

/**
 * Reads programs. A named program is read when it is first used, so the order in which programs stand in the file does
 * not matter; one that runs itself, however indirectly, is refused.
 */
final class ProgramParser {
    /** The steps that are no memory call. */
    static final List<String> CONTROLS = List.of("repeat", "choose", "fork", "thread", "wait", "join", "mark", "program", "set",
        "shrink", "reclaim", "ksm-scan", "khugepaged-scan", "split-file", "free-device");
    static final List<String> WITHOUT_VALUE = List.of("exit", "exec", "join", "shrink", "reclaim", "numa-scan",
        "ksm-scan", "khugepaged-scan");
    private static final List<String> STEPS = new ArrayList<>();

    static {
        STEPS.addAll(CallParser.CALLS);
        STEPS.addAll(CONTROLS);
    }

    private final Problems problems;
    private final Values values;
    private final CallParser calls;
    private final Map<String, Yaml> sources = new LinkedHashMap<>();
    private final Map<String, Program> programs = new TreeMap<>();
    private final List<String> beingRead = new ArrayList<>();
    private final Map<String, List<FileObject>> workloadFiles = new TreeMap<>();
    /** Where names of programs are looked up: the file, or the workload that is being read. */
    private Map<String, Yaml> scope = sources;
    private String prefix = "";
    private final SortedSet<String> marks = new TreeSet<>();

    ProgramParser(Problems problems, Yaml.Mapping namedPrograms) {
        this.problems = problems;
        this.values = new Values(problems);
        this.calls = new CallParser(problems);
        for (Yaml.Entry entry : namedPrograms.entries()) {
            sources.put(values.name(entry.key(), "program"), entry.value());
        }
    }

    /** Reads the named programs that nothing has used, for their mistakes. */
    Map<String, Program> all() {
        sources.forEach((name, source) -> named(name, source.at()));
        return programs;
    }

    /** All labels of {@code mark} steps read so far. */
    SortedSet<String> marks() {
        return marks;
    }

    /** A program by name, or written out in place. */
    Program programOf(Yaml value, String ownName) {
        if (value instanceof Yaml.Scalar scalar) {
            return named(values.name(scalar, "program"), scalar.at());
        }
        if (isWorkload(value)) {
            return workload((Yaml.Mapping) value);
        }
        return new Program(ownName, steps(value, "a program", Loops.NONE));
    }

    private static boolean isWorkload(Yaml value) {
        return value instanceof Yaml.Mapping map && map.get("workload") != null;
    }

    /** The main program of a workload of the library. */
    private Program workload(Yaml.Mapping written) {
        WorkloadLibrary.Instance instance = new WorkloadLibrary(problems).read(written);
        Program known = programs.get(instance.name());
        if (known != null) {
            return known;
        }
        Map<String, Yaml> outerScope = scope;
        String outerPrefix = prefix;
        scope = instance.programs();
        prefix = instance.name() + "/";
        Program main = new Program(instance.name(), steps(scope.get("main"), "a workload", Loops.NONE));
        scope = outerScope;
        prefix = outerPrefix;
        programs.put(instance.name(), main);
        workloadFiles.put(instance.name(), instance.files());
        return main;
    }

    /** The files that a program of the library needs; none for others. */
    List<FileObject> filesOf(String program) {
        return workloadFiles.getOrDefault(program, List.of());
    }

    private Program named(String name, SourceLine at) {
        String full = prefix + name;
        Program known = programs.get(full);
        if (known != null) {
            return known;
        }
        Yaml source = scope.get(name);
        if (source == null) {
            problems.unknown(at, "program", name, scope.keySet());
            return new Program(name, List.of());
        }
        if (beingRead.contains(full)) {
            problems.add(at, "program '" + name + "' runs itself: " + String.join(" → ",
                beingRead.subList(beingRead.indexOf(full), beingRead.size())) + " → " + full, "use repeat instead");
            return new Program(name, List.of());
        }
        beingRead.add(full);
        Program program = isWorkload(source) ? new Program(full, List.of(new Step.Perform(workload((Yaml.Mapping) source), at)))
            : new Program(full, steps(source, "program '" + name + "'", Loops.NONE));
        beingRead.remove(full);
        programs.put(full, program);
        return program;
    }

    private List<Step> steps(Yaml value, String what, Loops loops) {
        List<Step> steps = new ArrayList<>();
        List<Yaml> items = values.list(value, what);
        for (int i = 0; i < items.size(); i++) {
            Step step = step(items.get(i), loops);
            if (step != null) {
                steps.add(step);
            }
            if (i + 1 < items.size() && nameOf(items.get(i)).equals("exit")) {
                problems.add(items.get(i + 1).at(), "a step after 'exit' is never done", "remove it, or move 'exit' to the end");
            }
        }
        return steps;
    }

    private static String nameOf(Yaml step) {
        if (step instanceof Yaml.Scalar scalar) {
            return scalar.text();
        }
        return step instanceof Yaml.Mapping map && !map.entries().isEmpty() ? map.entries().get(0).key().text() : "";
    }

    private Step step(Yaml written, Loops loops) {
        if (written instanceof Yaml.Scalar word && !word.isNothing()) {
            if (WITHOUT_VALUE.contains(word.text())) {
                return step(word.text(), new Yaml.Scalar("", true, word.at()), loops, Expectation.ANYTHING, word.at());
            }
            if (STEPS.contains(word.text())) {
                problems.add(word.at(), "step '" + word.text() + "' says nothing more", "write '- " + word.text() + ": …'");
            } else {
                problems.unknown(word.at(), "step", word.text(), STEPS);
            }
            return null;
        }
        if (!(written instanceof Yaml.Mapping map)) {
            problems.add(written.at(), "a step is " + written.kind(), "write '- NAME: …' such as '- write: buf'");
            return null;
        }
        Expectation expect = map.get("expect") == null ? Expectation.ANYTHING : expectation(map.get("expect"));
        Yaml.Entry only = null;
        for (Yaml.Entry entry : map.entries()) {
            if (entry.key().text().equals("expect")) {
                continue;
            }
            if (!STEPS.contains(entry.key().text())) {
                problems.unknown(entry.key().at(), "step", entry.key().text(), only == null ? STEPS : List.of("expect"));
                return null;
            }
            if (only != null) {
                problems.add(entry.key().at(), "'" + entry.key().text() + "' and '" + only.key().text() + "' in one step",
                    "begin a new line with '- '");
                return null;
            }
            only = entry;
        }
        if (only == null) {
            problems.add(map.at(), "a step without a name", "write '- NAME: …' such as '- write: buf'");
            return null;
        }
        return step(only.key().text(), only.value(), loops, expect, only.key().at());
    }

    /** What a call may be expected to do. */
    static List<String> expectations() {
        List<String> words = new ArrayList<>(List.of("ok", "failed", "SIGSEGV", "SIGBUS"));
        Arrays.stream(Errno.values()).map(Errno::name).forEach(words::add);
        return words;
    }

    private Expectation expectation(Yaml written) {
        String word = values.word(written, "'expect'", expectations());
        return switch (word) {
            case "ok" -> Expectation.of(Expectation.Kind.OK);
            case "failed" -> Expectation.of(Expectation.Kind.FAILED);
            case "SIGSEGV" -> Expectation.of(Expectation.Kind.SIGSEGV);
            case "SIGBUS" -> Expectation.of(Expectation.Kind.SIGBUS);
            default -> Expectation.of(Errno.valueOf(word));
        };
    }

    private Step step(String name, Yaml value, Loops loops, Expectation expect, SourceLine line) {
        if (expect.kind() != Expectation.Kind.ANYTHING && List.of("repeat", "choose", "wait", "join", "mark", "program",
            "thread").contains(name)) {
            problems.add(line, "'" + name + "' can not fail, so nothing can be expected of it", "move 'expect' to a call");
        }
        return switch (name) {
            case "repeat" -> repeat(value, loops, line);
            case "choose" -> choose(value, loops, line);
            case "fork" -> fork(value, expect, line);
            case "thread" -> thread(value, line);
            case "wait" -> new Step.Wait(values.amount(value, "'wait'", Units.NANOS, loops.names(), 0), line);
            case "join" -> new Step.Join(line);
            case "mark" -> mark(value, line);
            case "program" -> new Step.Perform(programOf(value, inlineName("program", line)), line);
            case "set" -> set(value, expect, line);
            case "shrink" -> new Step.Operate(new MachineCall.ShrinkSlab(), expect, line);
            case "reclaim" -> new Step.Operate(new MachineCall.Reclaim(), expect, line);
            case "ksm-scan" -> new Step.Operate(new MachineCall.KsmScan(scans(value, 4)), expect, line);
            case "khugepaged-scan" -> new Step.Operate(new MachineCall.KhugepagedScan(scans(value, 3)), expect, line);
            case "free-device" -> new Step.Operate(new MachineCall.FreeDevice(values.name(value, "device")), expect, line);
            case "split-file" -> splitFile(value, expect, line);
            default -> calls.parse(name, value, loops, expect, line);
        };
    }

    private static String inlineName(String kind, SourceLine line) {
        return kind + "@" + line.line() + ":" + line.column();
    }

    private Step repeat(Yaml value, Loops loops, SourceLine line) {
        Fields f = new Fields(value, "'repeat'", problems);
        Yaml times = f.required("times", "write times: 100");
        Amount rounds = times == null ? Amount.of(1) : values.amount(times, "'times'", Units.COUNT, loops.names(), 0);
        Yaml index = f.optional("index");
        String name = index == null ? "" : values.name(index, "loop").replaceAll("[.-]", "_");
        if (!name.isEmpty() && loops.names().contains(name)) {
            problems.add(index.at(), "index '" + name + "' is used by a loop around this one", "choose another name");
        }
        Yaml until = f.optional("until");
        boolean untilFailed = until != null && values.word(until, "'until'", List.of("failed")).equals("failed");
        Yaml steps = f.required("steps", "write the steps to repeat: steps: [ … ]");
        List<Step> body = steps == null ? List.of() : steps(steps, "'steps'", loops.inside(name, rounds));
        f.finish();
        return new Step.Repeat(rounds, untilFailed, body, line);
    }

    private Step choose(Yaml value, Loops loops, SourceLine line) {
        List<Step.Option> options = new ArrayList<>();
        for (Yaml item : values.list(value, "'choose'")) {
            Fields f = new Fields(item, "an option of 'choose'", problems);
            Yaml weight = f.optional("weight");
            Yaml steps = f.required("steps", "write steps: [ … ], empty to do nothing");
            List<Step> body = steps == null ? List.of() : steps(steps, "'steps'", loops);
            options.add(new Step.Option(weight == null ? 1 : values.integer(weight, "'weight'", 1, 1_000_000), body));
            f.finish();
        }
        if (options.isEmpty()) {
            problems.add(value.at(), "'choose' has no options", "add '- {weight: 1, steps: [ … ]}'");
            options.add(new Step.Option(1, List.of()));
        }
        return new Step.Choose(options, line);
    }

    private Step fork(Yaml value, Expectation expect, SourceLine line) {
        if (value instanceof Yaml.Scalar) {
            Program child = programOf(value, "");
            return new Step.Fork(child.name(), child, expect, line);
        }
        return child("fork", value, expect, line);
    }

    /** What {@code fork} and {@code thread} say of the program that begins with them. */
    private Step.Fork child(String step, Yaml value, Expectation expect, SourceLine line) {
        Fields f = new Fields(value, "'" + step + "'", problems);
        Yaml program = f.optional("program");
        Yaml steps = f.optional("steps");
        Yaml name = f.optional("name");
        if (f.isMap() && (program == null) == (steps == null)) {
            problems.add(f.at(), "'" + step + "' needs " + (step.equals("fork") ? "the child's program" : "a program"), "write either 'program: NAME' or 'steps: [ … ]'");
        }
        Yaml child = program != null ? program : steps;
        Program runs = child == null ? new Program("nothing", List.of()) : programOf(child, inlineName(step.equals("fork") ? "child" : step, line));
        f.finish();
        return new Step.Fork(name == null ? step.equals("fork") ? "child" : step : values.name(name, "'name'"), runs, expect, line);
    }

    private Step thread(Yaml value, SourceLine line) {
        if (value instanceof Yaml.Scalar) {
            Program program = programOf(value, "");
            return new Step.Thread(program.name(), program, line);
        }
        Step.Fork likeFork = child("thread", value, Expectation.ANYTHING, line);
        return new Step.Thread(likeFork.name(), likeFork.child(), line);
    }

    private Step mark(Yaml value, SourceLine line) {
        String label = values.text(value, "'mark'");
        marks.add(label);
        return new Step.Mark(label, line);
    }

    private Step set(Yaml value, Expectation expect, SourceLine line) {
        Map<String, String> settings = new SettingsReader(problems).read(value, "'set'");
        if (settings.size() != 1) {
            problems.add(line, "'set' changes " + settings.size() + " settings", "write one: set: {thp: always}");
        }
        Map.Entry<String, String> only = settings.isEmpty() ? Map.entry("thp", "madvise") : settings.entrySet().iterator().next();
        return new Step.Operate(new MachineCall.Set(only.getKey(), only.getValue()), expect, line);
    }

    private int scans(Yaml value, int otherwise) {
        return value instanceof Yaml.Scalar scalar && scalar.isNothing() ? otherwise
            : (int) values.integer(value, "number of scans", 1, 10_000);
    }

    private Step splitFile(Yaml value, Expectation expect, SourceLine line) {
        Fields f = new Fields(value, "'split-file'", problems);
        Yaml file = f.required("file", "write file: NAME");
        Yaml at = f.required("at", "write at: 0");
        Yaml size = f.required("size", "write size: 2MiB");
        Yaml order = f.optional("order");
        Yaml offset = f.optional("offset");
        long start = at == null ? 0 : values.fixed(at, "'at'", Units.PAGES, 0);
        long count = size == null ? 1 : values.fixed(size, "'size'", Units.PAGES, 1);
        f.finish();
        return new Step.Operate(new MachineCall.SplitFile(file == null ? "unnamed" : values.name(file, "file"),
            new PageRange(Math.max(0, start), Math.max(0, count)),
            order == null ? 0 : (int) values.integer(order, "'order'", 0, 8),
            offset == null ? -1 : (int) values.integer(offset, "'offset'", 0, 511)), expect, line);
    }
}
