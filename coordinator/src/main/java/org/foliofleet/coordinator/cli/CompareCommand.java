package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.foliofleet.coordinator.comparison.Question;
import org.foliofleet.coordinator.embedded.EmbeddedComparison;
import org.foliofleet.coordinator.report.ComparisonDocument;
import org.foliofleet.coordinator.report.ComparisonText;
import org.foliofleet.coordinator.report.html.ComparisonReport;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.MetricKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet compare NAME|FILE.yaml --switch name=a,b}: what a switch changes. */
@Command(name = "compare", description = "Runs an experiment under all combinations of some switches and kernel settings, with the same draws, on all"
        + " cores, and tells which metrics differ, by how much, and where runs first part.")
final class CompareCommand implements Callable<Integer> {
    private static final int NARROWEST = 72;
    private static final int USUAL = 120;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "NAME|FILE.yaml", description = "A bundled experiment, or the file of one.")
    private String experiment;

    @Mixin
    private ParameterOptions parameters;

    @Option(names = "--switch", paramLabel = "[CLASS:]NAME=VALUE[,VALUE...]", description = "A switch and its values, the first of which is what"
            + " others are compared with; in all machine classes, or in one. May be repeated: all combinations are run. A comma in"
            + " braces or parentheses belongs to its value: 'vma_split_trigger={},{mlock,munlock}' has two; quote it for the shell.")
    private List<String> switches = List.of();

    @Option(names = "--kernel", paramLabel = "[CLASS:]KEY=VALUE[,VALUE...]", description = "The same for a kernel setting, such as thp=madvise,always or"
            + " mthp.64k=never,always.")
    private List<String> settings = List.of();

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "1", description = "Run with so many seeds, beginning at that of the experiment"
            + " (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(names = "--seed", paramLabel = "N", description = "Begin at this seed instead.")
    private Long seed;

    @Option(names = "--metrics", paramLabel = "METRIC[,METRIC...]", description = "Show only these (default: those of the experiment's summary, and"
            + " all that differ).")
    private String metrics;

    @Option(names = "--marks", description = "Show metrics at each mark too, not only at the end.")
    private boolean marks;

    @Option(names = "--csv", paramLabel = "FILE", description = "Write every value of every seed into a file, a line each.")
    private Path csv;

    @Option(names = "--json", paramLabel = "FILE", description = "Write values, differences and partings for programs into a file.")
    private Path json;

    @Option(names = "--report", paramLabel = "FILE.html", description = "Write a report into a file: one page with curves of all variants,"
            + " differences, distributions and how to reproduce it.")
    private Path report;

    @Option(names = "--threads", paramLabel = "N", description = "Run machines on so many threads (default: the cores).")
    private Integer threads;

    @Option(names = "--width", paramLabel = "COLUMNS", description = "Columns to write (default: as COLUMNS in the environment says, or 120).")
    private Integer width;

    @Override
    public Integer call() throws IOException {
        List<String> problems = new ArrayList<>();
        Question question = new Question(source(problems), switches, settings, seeds, metrics == null ? List.of() : Matrix.parts(metrics));
        Question.Read read = question.read(problems);
        if (threads != null && threads < 1) {
            problems.add("--threads " + threads + ": at least one thread is needed; leave it out to use all cores");
        }
        if (width != null && width < NARROWEST) {
            problems.add("--width " + width + ": a table needs " + NARROWEST + " columns; write more");
        }
        checkFile("--csv", csv, problems);
        checkFile("--json", json, problems);
        checkFile("--report", report, problems);
        Matrix.refuse(problems);
        return compare(question, read.matrix(), read.only());
    }

    private ExperimentSource source(List<String> problems) {
        try {
            return parameters.over(ExperimentSource.of(experiment)).withSeed(seed);
        } catch (BadInput e) {
            problems.add(e.getMessage());
            return null;
        }
    }

    private static void checkFile(String option, Path file, List<String> problems) {
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory)) {
            problems.add(option + " " + file + ": there is no directory " + directory + "; create it first");
        } else if (Files.isDirectory(file)) {
            problems.add(option + " " + file + ": this is a directory; name a file in it");
        }
    }

    private int compare(Question question, Matrix matrix, List<MetricKey> only) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        AtomicBoolean cancelled = new AtomicBoolean();
        Compared compared;
        try (Interruption interruption = new Interruption()) {
            interruption.wanted().thenRun(() -> cancelled.set(true));
            int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            compared = new EmbeddedComparison(matrix, most, new ProgressLine(err, System.console() != null), cancelled::get).run();
        } catch (CancellationException e) {
            err.println("foliofleet: the comparison was ended before all runs were over; nothing is kept of it");
            err.flush();
            return ExitStatus.INTERRUPTED;
        }
        out.print(ComparisonText.of(compared, only, marks, columns()));
        out.flush();
        if (csv != null) {
            Files.write(csv, ComparisonDocument.csv(compared, only).getBytes(StandardCharsets.UTF_8));
        }
        if (json != null) {
            Files.write(json, ComparisonDocument.json(compared, only).getBytes(StandardCharsets.UTF_8));
        }
        if (report != null) {
            ReportFiles.write(report, ComparisonReport.of(compared, question.source(), only, question.words()));
        }
        return ExitStatus.OK;
    }

    private int columns() {
        if (width != null) {
            return width;
        }
        String environment = System.getenv("COLUMNS");
        return environment != null && environment.matches("[0-9]{1,4}") ? Math.max(NARROWEST, Integer.parseInt(environment)) : USUAL;
    }
}
