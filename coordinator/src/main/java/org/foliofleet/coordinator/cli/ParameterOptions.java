package org.foliofleet.coordinator.cli;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.control.ExperimentSource;
import picocli.CommandLine.Option;

/** {@code --set NAME=VALUE}: what the parameters of an experiment are. */
final class ParameterOptions {
    @Option(names = "--set", paramLabel = "NAME=VALUE", description = "Give a parameter of the experiment another value than its file does, as in"
            + " --set scale=20. Can be given several times.")
    private Map<String, String> parameters = new TreeMap<>();

    ExperimentSource over(ExperimentSource source) {
        return source.withParameters(parameters);
    }
}
