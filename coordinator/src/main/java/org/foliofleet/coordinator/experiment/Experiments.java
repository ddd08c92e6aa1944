package org.foliofleet.coordinator.experiment;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.experiment.Execution;

/**
 * All experiments of a database, for whoever commands or watches them. Every stage may fail with an {@link ExperimentProblem}.
 */
public interface Experiments {
    /** In the order in which they were submitted. */
    CompletionStage<List<ExperimentSummary>> list();

    CompletionStage<ExperimentStatus> get(String id);

    /** What a person may be told of once it is in the journal; not before. */
    CompletionStage<ExperimentStatus> submit(Submission submission);

    /** @param reason for those who ask later */
    CompletionStage<ExperimentStatus> pause(String id, String reason);

    /** @param execution how to go on, or null: as before */
    CompletionStage<ExperimentStatus> resume(String id, Execution execution);

    CompletionStage<ExperimentStatus> cancel(String id, String reason);

    /**
     * Submits a new experiment that begins where another was.
     *
     * @param epoch    a branch point that all its machines have reached
     * @param switches other than in the origin, by name
     * @param newId    that it shall have, or null
     */
    CompletionStage<ExperimentStatus> branch(String id, long epoch, Map<String, String> switches, String newId);

    /** How its machines are, and were in the course of simulated time. */
    CompletionStage<FleetView> fleet(String id);

    /** What failed, by cause. */
    CompletionStage<FailuresView> failures(String id);

    /**
     * The folios of a machine that are referred to most.
     *
     * @param machine {@code CLASS/NUMBER}, or null: that with the highest reference count
     */
    CompletionStage<FoliosView> folios(String id, String machine, int most);

    /**
     * The deferred split queues of a machine.
     *
     * @param machine {@code CLASS/NUMBER}, or null: that with the longest queues
     * @param most    folios of each queue that are told
     */
    CompletionStage<DeferredView> deferred(String id, String machine, int most);

    /** What came out of a completed experiment. */
    CompletionStage<ResultDocument> result(String id);

    /** The same with curves and where it is from, to be handed on. */
    CompletionStage<ReportDocument> report(String id);
}
