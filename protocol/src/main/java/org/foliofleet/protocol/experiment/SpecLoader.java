package org.foliofleet.protocol.experiment;

import org.foliofleet.protocol.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.program.SourceLine;

/**
 * Reads an experiment from YAML. Everything wrong with it is reported at once, in a {@link BadInput} of one line for each
 * error: {@code file:line:column: what; remedy}.
 */
public final class SpecLoader {
    /** The experiments that come with the program. */
    public static final List<String> BUNDLED =
        List.of("pin-half-unmap", "mlock-boundaries", "mlock-vma-boundaries", "lazyfree-reclaim", "fork-cow-storm",
            "refcount-limit-small", "refcount-overflow", "fleet-soak",
            "live-migration-collapse", "mapcount-madness",
            "driver-mappings", "mremap-merge", "numa-pinned-migration", "datacenter");
    private static final Yaml.Mapping NO_PROGRAMS = new Yaml.Mapping(List.of(), 1, SourceLine.NONE);

    private final Problems problems;
    private final Values values;

    private SpecLoader(Problems problems) {
        this.problems = problems;
        values = new Values(problems);
    }

    /**
     * A bundled experiment by its name, or else the file of that name.
     *
     * @throws BadInput if it is neither, or can not be used
     */
    public static ExperimentSpec load(String nameOrFile) {
        Text text = text(nameOrFile);
        return read(text.yaml(), text.source());
    }

    /** @throws BadInput if the file can not be read or used */
    public static ExperimentSpec load(Path file) {
        return read(CostFiles.include(bytes(file), file), file.toString());
    }

    /** @param name one of {@link #BUNDLED} */
    public static ExperimentSpec bundled(String name) {
        return read(bundledBytes(name), name + ".yaml");
    }

    /**
     * An experiment as it was written.
     *
     * @param source how messages call it
     */
    public record Text(byte[] yaml, String source) {}

    /**
     * What a bundled experiment of this name says, or else the file of that name, with the figures of cost tables in place of the
     * names of their files.
     *
     * @throws BadInput if it is neither, or can not be read
     */
    public static Text text(String nameOrFile) {
        if (BUNDLED.contains(nameOrFile)) {
            return new Text(bundledBytes(nameOrFile), nameOrFile + ".yaml");
        }
        Path file;
        try {
            file = Path.of(nameOrFile);
        } catch (InvalidPathException e) {
            throw new BadInput(nameOrFile + ": this is no path (" + e.getReason() + "); name a file");
        }
        if (!Files.exists(file) && !nameOrFile.endsWith(".yaml") && !nameOrFile.endsWith(".yml")) {
            String near = NearestName.of(nameOrFile, BUNDLED).map(name -> "did you mean " + name + "?")
                .orElse("bundled are " + String.join(", ", BUNDLED) + "; a file ends in .yaml");
            throw new BadInput(nameOrFile + ": there is no experiment of this name; " + near);
        }
        return new Text(CostFiles.include(bytes(file), file), file.toString());
    }

    private static byte[] bytes(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new BadInput(file + ": this is a directory; name an experiment file in it");
            }
            if (!Files.exists(file)) {
                throw new BadInput(file + ": there is no such file; check the path, or run one of " + String.join(", ", BUNDLED));
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(YamlReader.MAX_BYTES + 1);
            }
        } catch (IOException e) {
            throw new BadInput(file + ": can not be read (" + e.getMessage() + "); check its permissions");
        }
    }

    private static byte[] bundledBytes(String name) {
        try (InputStream in = SpecLoader.class.getResourceAsStream("/experiments/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalArgumentException("no bundled experiment " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param source how messages call the file
     * @throws BadInput if it can not be used
     */
    public static ExperimentSpec read(byte[] yaml, String source) {
        Yaml root = YamlReader.read(yaml, source);
        Problems problems = new Problems(source);
        ExperimentSpec spec = read(root, problems);
        problems.throwIfAny();
        return spec;
    }

    static ExperimentSpec read(Yaml root, Problems problems) {
        return new SpecLoader(problems).experiment(new Fields(Parameters.resolve(root, problems), "the experiment", problems));
    }

    private ExperimentSpec experiment(Fields f) {
        if (!f.isMap()) {
            throw problems.failure();
        }
        Yaml version = f.required("version", "begin the file with version: 1");
        Yaml name = f.required("name", "write name: my-experiment");
        Yaml about = f.optional("about");
        Yaml seed = f.optional("seed");
        Yaml tick = f.optional("tick");
        Yaml machines = f.required("machines", "write machines: [{name: host, nodes: …, processes: …}]");
        Yaml programs = f.optional("programs");
        Yaml stop = f.optional("stop");
        Yaml asserted = f.optional("assert");
        Yaml summary = f.optional("summary");
        Yaml run = f.optional("run");
        f.optional("parameters");
        f.optional("set");
        f.finish();
        if (version != null && values.integer(version, "'version'", 1, Integer.MAX_VALUE) > 1) {
            problems.add(version.at(), "this is version " + version.kind() + " of the grammar", "this program reads version 1");
        }
        ProgramParser parser = new ProgramParser(problems, programs instanceof Yaml.Mapping map ? map : NO_PROGRAMS);
        if (programs != null && !(programs instanceof Yaml.Mapping)) {
            problems.add(programs.at(), "'programs' is " + programs.kind(), "write a map: each name with its list of steps");
        }
        List<MachineClass> classes = machines == null ? List.of() : new MachineReader(problems, parser).read(machines);
        parser.all();
        long tickNanos = tick == null ? 1000 : values.fixed(tick, "'tick'", Units.NANOS, 1);
        Stop end = stop == null ? Stop.IDLE : stop(stop);
        List<Assertion> assertions = asserted == null ? List.of() : assertions(asserted, classes, parser);
        List<MetricKey> shown = summary == null ? List.of() : metrics(summary);
        new MemoryCheck(problems).check(classes, end, assertions, shown);
        return new ExperimentSpec(1, name == null ? "unnamed" : values.name(name, "experiment"),
            about == null ? "" : values.text(about, "'about'"),
            seed == null ? 1 : values.integer(seed, "'seed'", Long.MIN_VALUE, Long.MAX_VALUE),
            tickNanos, classes, end, assertions, shown,
            run == null ? Execution.DEFAULT : new ExecutionReader(problems, tickNanos).read(run));
    }

    private Stop stop(Yaml written) {
        Fields f = new Fields(written, "'stop'", problems);
        Yaml at = f.optional("at");
        Yaml ticks = f.optional("ticks");
        Yaml when = f.optional("when");
        f.finish();
        boolean idle = when != null && values.word(when, "'when'", List.of("idle")).equals("idle");
        long nanos = at == null ? -1 : values.fixed(at, "'at'", Units.NANOS, 1);
        long tickLimit = ticks == null ? -1 : values.integer(ticks, "'ticks'", 1, Long.MAX_VALUE);
        return new Stop(nanos, tickLimit, idle || at == null && ticks == null);
    }

    private List<Assertion> assertions(Yaml written, List<MachineClass> classes, ProgramParser parser) {
        AssertionReader reader = new AssertionReader(problems);
        List<Assertion> assertions = new ArrayList<>();
        List<String> names = classes.stream().map(MachineClass::name).toList();
        for (Yaml item : values.list(written, "'assert'")) {
            Assertion assertion = reader.assertion(item, names, parser.marks());
            if (assertion != null) {
                assertions.add(assertion);
            }
        }
        return assertions;
    }

    private List<MetricKey> metrics(Yaml written) {
        AssertionReader reader = new AssertionReader(problems);
        List<MetricKey> keys = new ArrayList<>();
        for (Yaml item : values.list(written, "'summary'")) {
            MetricKey key = reader.metric(values.text(item, "a metric"), item.at());
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }
}
