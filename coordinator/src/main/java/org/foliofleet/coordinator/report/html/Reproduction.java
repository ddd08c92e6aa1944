package org.foliofleet.coordinator.report.html;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;

/** How to come to the same result: command lines, and the file. */
final class Reproduction {
    private Reproduction() {}

    static void write(Html html, Provenance provenance, ExperimentSpec spec, String digest) {
        ExperimentSource source = provenance.source();
        String argument = argument(source);
        html.open("section", "id", "reproduce").element("h2", "How to reproduce");
        begin(html, source, argument, Provenance.version());
        html.open("pre", "class", "commands").open("code").text(String.join("\n", commands(provenance, spec, argument))).close().close();
        html.open("p").text("The result has the digest ").element("code", digest)
            .text(" again, on any machine and however it is hosted, as long as the digest of what is run is ")
            .element("code", spec.digest()).text(".").close();
        file(html, source, argument);
        html.close();
    }

    /** What to have before. */
    static void begin(Html html, ExperimentSource source, String argument, String version) {
        html.open("p").text("With foliofleet " + version + (isBundled(source) ? ", which has this experiment in it:" : ", and the file below saved as "));
        if (!isBundled(source)) {
            html.element("code", argument).text(":");
        }
        html.close();
    }

    static List<String> commands(Provenance provenance, ExperimentSpec spec, String argument) {
        ExperimentSource source = provenance.source();
        StringBuilder switches = new StringBuilder();
        source.switches().forEach((name, value) -> switches.append(" --switch ").append(quoted(name + "=" + value)));
        if (source.origin() != null) {
            return List.of("# it goes on from branch point " + source.origin().epoch() + " of an experiment that must be there",
                "foliofleet branch " + quoted(source.origin().experiment()) + " --epoch " + source.origin().epoch() + switches);
        }
        List<String> commands = new ArrayList<>();
        String seeded = quoted(argument) + " --seed " + spec.seed();
        if (switches.isEmpty()) {
            commands.add("foliofleet run " + seeded + options(provenance.execution(), spec.execution()));
            commands.add("foliofleet run " + seeded + " --check-determinism");
        }
        commands.add("foliofleet submit " + seeded + switches + " --watch");
        return commands;
    }

    private static String options(Execution used, Execution written) {
        if (used == null) {
            return " --no-journal";
        }
        StringBuilder options = new StringBuilder();
        if (used.hosting() != written.hosting()) {
            options.append(" --hosting ").append(used.hosting() == Hosting.OWNER ? "owner" : "machine");
        }
        if (used.lanes() != written.lanes()) {
            options.append(" --spread ").append(used.lanes());
        }
        if (used.commitMillis() != written.commitMillis()) {
            options.append(" --commit-every ").append(used.commitMillis());
        }
        if (used.branchEvery() != written.branchEvery()) {
            options.append(" --branch-points ").append(used.branchEvery());
        }
        return options.toString();
    }

    /** The text as it is, and a link that saves it. */
    static void file(Html html, ExperimentSource source, String argument) {
        String name = isBundled(source) ? source.name() : argument;
        html.open("details", "open", "open").open("summary").text("The experiment, ").element("code", name).close();
        html.open("p").element("a", "Save it as " + name, "download", name, "href", "data:text/yaml;base64,"
            + Base64.getEncoder().encodeToString(source.text().getBytes(StandardCharsets.UTF_8))).close();
        html.open("pre", "class", "file", "tabindex", "0").open("code").text(source.text()).close().close();
        html.close();
    }

    /** How the command line calls it: a bundled experiment by its name, a file by the last part of its path. */
    static String argument(ExperimentSource source) {
        if (isBundled(source)) {
            return bundledName(source);
        }
        String name = source.name().replaceAll(".*[/\\\\]", "").replaceAll("[\\p{Cntrl}]", "");
        return name.isBlank() ? "experiment.yaml" : name.startsWith("-") ? "./" + name : name;
    }

    private static boolean isBundled(ExperimentSource source) {
        String name = bundledName(source);
        return SpecLoader.BUNDLED.contains(name) && source.text().equals(new String(SpecLoader.text(name).yaml(), StandardCharsets.UTF_8));
    }

    private static String bundledName(ExperimentSource source) {
        return source.name().replaceAll("\\.yaml$", "");
    }

    /** One word for a shell. */
    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
