package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.control.ExperimentSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet submit NAME|FILE.yaml}: lets a cluster run an experiment. */
@Command(name = "submit", description = "Submits an experiment to a cluster, which runs it to its end whatever happens to its JVMs.")
final class SubmitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "NAME|FILE.yaml", description = "A bundled experiment, or the file of one.")
    private String experiment;

    @Mixin
    private ParameterOptions parameters;

    @Option(names = "--id", paramLabel = "ID", description = "What it shall be called (default: its name and a number).")
    private String id;

    @Option(names = "--seed", paramLabel = "N", description = "Draw at random from this seed instead of the file's.")
    private Long seed;

    @Option(names = "--switch", paramLabel = "NAME=VALUE", description = "Set a switch in all machine classes; may be repeated.")
    private Map<String, String> switches = new TreeMap<>();

    @Option(names = "--watch", description = "Follow it to its end, as foliofleet watch does.")
    private boolean watch;

    @Option(names = "--json", paramLabel = "FILE", description = "With --watch: write the summary for programs into a file.")
    private Path json;

    @Option(names = "--coordinator", paramLabel = "URL", description = "The coordinator to submit to (default: FOLIOFLEET_COORDINATOR, or"
            + " http://127.0.0.1:8420).")
    private String coordinator;

    @Mixin
    private ExecutionOptions execution;

    @Mixin
    private TokenOption token;

    @Override
    public Integer call() throws IOException {
        ExperimentSource source = parameters.over(ExperimentSource.of(experiment)).withSeed(seed).withSwitches(switches);
        Submission submission = new Submission(id, source, execution.over(source.load().execution()));
        PrintWriter out = spec.commandLine().getOut();
        try (WhereOptions.Place place = WhereOptions.at(coordinator, token)) {
            ExperimentStatus status = Watch.get(place.experiments().submit(submission));
            out.println("submitted " + status.id() + "; foliofleet watch " + status.id() + place.option() + " shows how far it is");
            out.flush();
            return watch ? WatchCommand.watch(place, status.id(), json, spec.commandLine()) : ExitStatus.OK;
        }
    }
}
