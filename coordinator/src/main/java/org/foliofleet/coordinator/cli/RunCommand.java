package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.node.trace.MachineTraceTarget;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.SpecLoader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet run [NAME|FILE.yaml]}: runs an experiment in this JVM and says what happened. */
@Command(
        name = "run",
        description = "Runs an experiment, or replays a trace of real programs, and says what happened to folios, splits,"
                + " queues and limits. Without arguments"
                + " it explains itself and runs pin-half-unmap.")
final class RunCommand implements Callable<Integer> {
    private static final String FIRST = "pin-half-unmap";

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME|FILE.yaml",
            description = "A bundled experiment (foliofleet run without arguments names them), or the file of one.")
    private String experiment;

    @Mixin
    private ParameterOptions parameters;

    @Option(names = "--seed", paramLabel = "N", description = "Draw at random from this seed instead of the file's.")
    private Long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the summary for programs into a file.")
    private Path json;

    @Option(names = "--report", paramLabel = "FILE.html", description = "Write a report into a file: one page with curves, distributions, failures,"
            + " limits and how to reproduce it.")
    private Path report;

    @Mixin
    private TraceRunner traces;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the journal of experiments is kept, from which they can be resumed"
            + " (default: ${DEFAULT-VALUE}).", defaultValue = "foliofleet-data")
    private Path data;

    @Option(names = "--new", description = "Begin anew, even if the same experiment is there, paused or interrupted.")
    private boolean anew;

    @Mixin
    private ExecutionOptions execution;

    @Option(names = "--no-journal", description = "Run without actors and without a journal: faster, not to be resumed, the same result.")
    private boolean noJournal;

    @Option(names = "--threads", paramLabel = "N", description = "With --no-journal: run machines on so many threads (default: the cores).")
    private Integer threads;

    @Option(names = "--check-determinism", description = "Run every machine twice, side by side, and compare digests at"
            + " most 4096 ticks apart: bare on one thread, and with an actor for every owner on all cores, in other bursts, with a"
            + " commit after each (without a database), and from comparison to comparison written out and put together again, in"
            + " one lane and in three. Says 'deterministic' with the"
            + " digest of the run, or which machine, tick, owner and event differ first (exit status 1).")
    private boolean checkDeterminism;

    private final EmbeddedRun embedded;

    RunCommand() {
        this(EmbeddedRun.inThisJvm());
    }

    /** @param embedded where experiments run */
    RunCommand(EmbeddedRun embedded) {
        this.embedded = embedded;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (threads != null && threads < 1) {
            throw new BadInput("--threads " + threads + ": at least one thread is needed; leave it out to use all cores");
        }
        if (threads != null && !noJournal) {
            throw new BadInput("--threads is for runs without a journal; add --no-journal, or leave it out");
        }
        if (noJournal && (execution.any() || anew)) {
            throw new BadInput("--no-journal runs on threads, not on actors, and keeps nothing; leave it out, or --new and how actors are hosted");
        }
        if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
            throw new BadInput(json + ": there is no directory " + json.toAbsolutePath().getParent() + "; create it first");
        }
        ReportFiles.require("--report", report);
        if (report != null && (checkDeterminism || traces.wanted())) {
            throw new BadInput("--report is about the result of an experiment; leave it out, or " + (checkDeterminism ? "--check-determinism" : "--trace"));
        }
        if (checkDeterminism && (json != null || traces.wanted())) {
            throw new BadInput("--check-determinism compares two runs of an experiment; leave out " + (json != null ? "--json" : "--trace"));
        }
        if (traces.wanted()) {
            if (experiment != null) {
                throw new BadInput("run takes an experiment or --trace FILE, not both; leave out " + experiment);
            }
            return traces.run(seed == null ? 1 : seed, json, MachineTraceTarget::new, out, spec.commandLine().getErr());
        }
        if (experiment == null) {
            out.print(introduction());
            out.flush();
        }
        ExperimentSource source = parameters.over(ExperimentSource.of(experiment == null ? FIRST : experiment)).withSeed(seed);
        boolean terminal = System.console() != null;
        PrintWriter err = spec.commandLine().getErr();
        if (checkDeterminism) {
            EmbeddedRun.Determinism determinism = embedded.checkDeterminism(source.load(), new ProgressLine(err, terminal));
            out.println(determinism.text());
            out.flush();
            return determinism.holds() ? ExitStatus.OK : ExitStatus.DIFFERENT;
        }
        if (noJournal) {
            ExperimentResult result = embedded.run(source.load(), threads == null ? Runtime.getRuntime().availableProcessors() : threads,
                    new ProgressLine(err, terminal));
            if (report != null) {
                ReportFiles.write(report, ReportDocument.of(result, Provenance.unkept(source)).html());
            }
            return ResultPrinter.print(ResultDocument.of(result), json, out);
        }
        EmbeddedSession.Outcome outcome = new EmbeddedSession(data, err, terminal, report != null).run(source, execution.over(source.load().execution()), anew);
        if (outcome.report() != null) {
            ReportFiles.write(report, outcome.report().html());
        }
        return ResultPrinter.print(outcome, json, out, err);
    }

    private static String introduction() {
        StringBuilder text = new StringBuilder();
        text.append("foliofleet run NAME           runs a bundled experiment\n");
        text.append("foliofleet run FILE.yaml      runs one of your own; coordinator/EXPERIMENTS.md teaches how to write it\n");
        text.append("foliofleet run --trace FILE   replays what real programs did to their memory\n\n");
        for (String name : SpecLoader.BUNDLED) {
            text.append("  ").append(name).append(": ").append(SpecLoader.bundled(name).about()).append('\n');
        }
        return text.append("\nThis is ").append(FIRST).append(".\n\n").toString();
    }
}
