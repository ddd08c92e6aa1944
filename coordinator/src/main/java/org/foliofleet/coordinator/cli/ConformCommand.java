package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.foliofleet.node.conformance.Conformance;
import org.foliofleet.node.conformance.ConformanceReport;
import org.foliofleet.node.conformance.ModelUnderTest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet conform PATH…}: is the model like the kernel that was recorded? */
@Command(
        name = "conform",
        description = "Replays recorded kernel scenarios on the model and compares everything recorded: results, VMAs,"
                + " smaps, pages, folios, memfds, counters. What needs something that is not modelled is reported as"
                + " unsupported.")
final class ConformCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "A recording (JSON), or a directory that is searched for them.")
    private List<Path> paths;

    @Option(names = "--family", paramLabel = "NAME", description = "Only scenarios of this family, such as mremap.")
    private String family;

    @Option(names = "--all-differences", description = "Show all differences, not just the first of each scenario.")
    private boolean allDifferences;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result of each scenario into a file.")
    private Path json;

    private final Supplier<? extends ModelUnderTest> models;

    /** On the model's machine. */
    ConformCommand() {
        this(org.foliofleet.node.conformance.MachineModel::new);
    }

    /** @param models makes a fresh model for each scenario */
    ConformCommand(Supplier<? extends ModelUnderTest> models) {
        this.models = models;
    }

    @Override
    public Integer call() throws IOException {
        ConformanceReport report = new ConformanceReport(
                new Conformance(models).replay(paths, Optional.ofNullable(family), result -> { }));
        PrintWriter out = spec.commandLine().getOut();
        out.print(report.text(allDifferences));
        out.flush();
        if (json != null) {
            Files.writeString(json, report.json());
        }
        return report.conforms() ? ExitStatus.OK : ExitStatus.DIFFERENT;
    }
}
