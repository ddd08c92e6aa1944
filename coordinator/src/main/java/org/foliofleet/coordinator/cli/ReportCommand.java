package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet report ID --out FILE.html}. */
@Command(name = "report", description = "Writes down what came out of a completed experiment: one page to be handed on, and all its series for"
        + " programs, in bytes and seconds.")
final class ReportCommand implements Callable<Integer> {
    private static final String SERIES = "series.csv";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "ID", description = "The experiment, as foliofleet list names it.")
    private String id;

    @Mixin
    private WhereOptions where;

    @Option(names = "--out", paramLabel = "FILE.html", description = "The page: what was run, the result in three sentences, curves, distributions,"
            + " failures, limits, how to reproduce it.")
    private Path page;

    @Option(names = "--csv", paramLabel = "DIR", description = "Write " + SERIES + " there: machines, node, time, track, unit and value, a line each.")
    private Path csv;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result and all series.")
    private Path json;

    @Override
    public Integer call() throws IOException {
        if (page == null && csv == null && json == null) {
            throw new BadInput("there is nothing to write; name a file with --out FILE.html, --json FILE, or a directory with --csv DIR");
        }
        ReportFiles.require("--out", page);
        ReportFiles.require("--json", json);
        if (csv != null && Files.exists(csv) && !Files.isDirectory(csv)) {
            throw new BadInput("--csv " + csv + ": this is a file; name a directory");
        }
        try (WhereOptions.Place place = where.open()) {
            ReportDocument report = Watch.get(place.experiments().report(id));
            PrintWriter out = spec.commandLine().getOut();
            if (page != null) {
                write(page, report.html(), out);
            }
            if (csv != null) {
                Files.createDirectories(csv);
                write(csv.resolve(SERIES), report.csv(), out);
            }
            if (json != null) {
                write(json, report.json(), out);
            }
            return ExitStatus.OK;
        }
    }

    private static void write(Path file, String text, PrintWriter out) throws IOException {
        ReportFiles.write(file, text);
        out.println(file);
        out.flush();
    }
}
