package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.node.trace.MachineTraceTarget;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
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
            description = "A bundled experiment (pin-half-unmap, mlock-boundaries, fork-cow-storm, refcount-limit-small,"
                    + " refcount-overflow, fleet-soak) or the file of one.")
    private String experiment;

    @Option(names = "--seed", paramLabel = "N", description = "Draw at random from this seed instead of the file's.")
    private Long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the summary for programs into a file.")
    private Path json;

    @Mixin
    private TraceRunner traces;

    @Option(names = "--threads", paramLabel = "N", description = "Run machines on so many threads (default: the cores). The"
            + " result does not depend on it.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--check-determinism", description = "Run every machine twice, side by side, and compare digests every 256"
            + " ticks: bare on one thread, and with an actor for every owner on all cores, in other bursts, with a commit after"
            + " each (without a database), and now and then written out and put together again. Says 'deterministic' with the"
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
        if (threads < 1) {
            throw new BadInput("--threads " + threads + ": at least one thread is needed; leave it out to use all cores");
        }
        if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
            throw new BadInput(json + ": there is no directory " + json.toAbsolutePath().getParent() + "; create it first");
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
        ExperimentSpec loaded = SpecLoader.load(experiment == null ? FIRST : experiment);
        ExperimentSpec chosen = seed == null ? loaded : loaded.withSeed(seed);
        ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), System.console() != null);
        if (checkDeterminism) {
            EmbeddedRun.Determinism determinism = embedded.checkDeterminism(chosen, progress);
            out.println(determinism.text());
            out.flush();
            return determinism.holds() ? ExitStatus.OK : ExitStatus.DIFFERENT;
        }
        ExperimentResult result = embedded.run(chosen, threads, progress);
        out.print(ExperimentText.of(result));
        out.flush();
        if (json != null) {
            Files.write(json, ExperimentJson.of(result).getBytes(StandardCharsets.UTF_8));
        }
        return result.passed() ? ExitStatus.OK : ExitStatus.DIFFERENT;
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
