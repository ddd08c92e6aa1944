package org.foliofleet.coordinator.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.foliofleet.coordinator.experiment.DeferredView;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.FailuresView;
import org.foliofleet.coordinator.experiment.FleetView;
import org.foliofleet.coordinator.experiment.FoliosView;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.experiment.Execution;

/** Experiments that can be looked at; commands are those of others, which are not there. */
record Unreachable(Experiments others) implements Experiments {
    private static String not(String id) {
        return "not-" + id;
    }

    @Override
    public CompletionStage<List<ExperimentSummary>> list() {
        return others.list();
    }

    @Override
    public CompletionStage<ExperimentStatus> get(String id) {
        return others.get(id);
    }

    @Override
    public CompletionStage<ExperimentStatus> submit(Submission submission) {
        return others.submit(new Submission("taken", submission.source(), submission.execution()));
    }

    @Override
    public CompletionStage<ExperimentStatus> pause(String id, String reason) {
        return others.pause(not(id), reason);
    }

    @Override
    public CompletionStage<ExperimentStatus> resume(String id, Execution execution) {
        return others.resume(not(id), execution);
    }

    @Override
    public CompletionStage<ExperimentStatus> cancel(String id, String reason) {
        return others.cancel(not(id), reason);
    }

    @Override
    public CompletionStage<ExperimentStatus> branch(String id, long epoch, Map<String, String> switches, String newId) {
        return others.branch(not(id), epoch, switches, newId);
    }

    @Override
    public CompletionStage<FleetView> fleet(String id) {
        return others.fleet(id);
    }

    @Override
    public CompletionStage<FailuresView> failures(String id) {
        return others.failures(id);
    }

    @Override
    public CompletionStage<FoliosView> folios(String id, String machine, int most) {
        return others.folios(id, machine, most);
    }

    @Override
    public CompletionStage<DeferredView> deferred(String id, String machine, int most) {
        return others.deferred(id, machine, most);
    }

    @Override
    public CompletionStage<ResultDocument> result(String id) {
        return others.result(id);
    }

    @Override
    public CompletionStage<ReportDocument> report(String id) {
        return others.report(id);
    }
}
