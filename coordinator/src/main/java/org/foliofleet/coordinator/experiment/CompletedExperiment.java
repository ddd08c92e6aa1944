package org.foliofleet.coordinator.experiment;

import java.util.List;
import org.foliofleet.protocol.control.ExperimentSource;

/**
 * A completed experiment.
 *
 * @param digest  of it
 * @param results of its machines, in the form in which machines give them, in the order of the experiment
 */
public record CompletedExperiment(ExperimentSource source, String digest, List<byte[]> results) {
    public CompletedExperiment {
        results = List.copyOf(results);
    }
}
