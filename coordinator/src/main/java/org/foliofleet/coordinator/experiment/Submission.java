package org.foliofleet.coordinator.experiment;

import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/**
 * An experiment that is to be run.
 *
 * @param id        that it shall have, or null: one made of its name
 * @param execution how it is run, or null: as its file says
 */
public record Submission(String id, ExperimentSource source, Execution execution) {}
