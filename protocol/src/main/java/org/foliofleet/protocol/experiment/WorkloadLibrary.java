package org.foliofleet.protocol.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.program.SourceLine;

/** Workloads that come with the program: programs with parameters, for what real programs do to their memory. */
public final class WorkloadLibrary {
    /** Their names. */
    public static final List<String> NAMES = List.of("prefork-server", "zygote", "database", "zero-copy-network", "odd-mlock", "allocator",
        "moving-collector", "migrated-vm", "ksm-guest", "file-scanner", "driver-client");
    private static final int MOST_NODES = 64;

    /**
     * A workload in an experiment.
     *
     * @param name     with the parameters that differ from the defaults
     * @param programs by their names in the library; {@code main} is what a process runs
     */
    record Instance(String name, Map<String, Yaml> programs, List<FileObject> files) {}

    private final Problems problems;

    WorkloadLibrary(Problems problems) {
        this.problems = problems;
    }

    /** The workload that a map names, with the parameters that it gives, or null. */
    Instance read(Yaml.Mapping written) {
        String name = new Values(problems).word(written.get("workload"), "'workload'", NAMES);
        Yaml.Mapping source = (Yaml.Mapping) YamlReader.read(bytes(name), name + ".yaml");
        Parameters parameters = new Parameters(problems);
        parameters.declare(source.get("parameters"));
        Map<String, String> given = new TreeMap<>();
        for (Yaml.Entry entry : written.entries()) {
            if (!entry.key().text().equals("workload")) {
                parameters.set(entry.key(), entry.value());
                given.put(entry.key().text(), entry.value() instanceof Yaml.Scalar scalar ? scalar.text() : "?");
            }
        }
        SourceLine at = written.at();
        Map<String, Yaml> programs = new LinkedHashMap<>();
        ((Yaml.Mapping) source.get("programs")).entries().forEach(entry -> programs.put(entry.key().text(), parameters.in(entry.value(), at)));
        List<FileObject> files = source.get("files") == null ? List.of()
            : new FilesReader(problems).read(parameters.in(source.get("files"), at), MOST_NODES);
        List<String> differing = new ArrayList<>();
        given.forEach((key, value) -> differing.add(key + "=" + value));
        return new Instance(name + (given.isEmpty() ? "" : "(" + String.join(", ", differing) + ")"), programs, files);
    }

    private static byte[] bytes(String name) {
        try (InputStream in = WorkloadLibrary.class.getResourceAsStream("/workloads/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("no workload " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a workload is like: one line. */
    public static String about(String name) {
        return ((Yaml.Scalar) ((Yaml.Mapping) YamlReader.read(bytes(name), name)).get("about")).text();
    }

    /** The parameters of a workload by name: the default, and what it means. */
    public static Map<String, Map.Entry<String, String>> parameters(String name) {
        Map<String, Map.Entry<String, String>> all = new LinkedHashMap<>();
        declared(name).forEach((key, parameter) -> all.put(key, Map.entry(parameter.text(), parameter.about())));
        return all;
    }

    static Map<String, Parameters.Parameter> declared(String name) {
        Parameters parameters = new Parameters(new Problems(name));
        parameters.declare(((Yaml.Mapping) YamlReader.read(bytes(name), name)).get("parameters"));
        return parameters.all();
    }
}
