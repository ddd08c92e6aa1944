package org.foliofleet.coordinator.experiment;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** Experiments that nobody runs: they are in the phase to which they were commanded. */
public final class ListedExperiments implements Experiments {
    private final Map<String, ExperimentStatus> all = new TreeMap<>();

    private synchronized CompletionStage<ExperimentStatus> change(String id, UnaryOperator<ExperimentStatus> change) {
        ExperimentStatus status = all.computeIfPresent(id, (same, old) -> change.apply(old));
        return status != null ? CompletableFuture.completedStage(status)
                : CompletableFuture.failedStage(new ExperimentProblem(ExperimentProblem.Kind.UNKNOWN, "experiment " + id + " is not known"));
    }

    /** A status with what matters here. */
    public static ExperimentStatus status(String id, String name, ExperimentPhase phase, String reason, long seed, String origin) {
        return new ExperimentStatus(id, name, phase, reason, false, seed, "spec", origin, 1, 2,
                new ExperimentStatus.Machines(1, 0, 1, 0, 0, 0, 0, 0), 3, 4, -1, 5, 6, 7, -1, Execution.DEFAULT, "", List.of("nothing"));
    }

    private static ExperimentStatus in(ExperimentStatus old, ExperimentPhase phase, String reason) {
        return status(old.id(), old.name(), phase, reason, old.seed(), old.origin());
    }

    @Override
    public synchronized CompletionStage<List<ExperimentSummary>> list() {
        return CompletableFuture.completedStage(all.values().stream().map(each ->
                new ExperimentSummary(each.id(), each.name(), each.phase(), each.reason(), 1, 2, each)).toList());
    }

    @Override
    public CompletionStage<ExperimentStatus> get(String id) {
        return change(id, old -> old);
    }

    @Override
    public synchronized CompletionStage<ExperimentStatus> submit(Submission submission) {
        ExperimentSource source = submission.source();
        ExperimentStatus status = status(submission.id(), source.name(), ExperimentPhase.RUNNING, "", source.seed(),
                source.origin() == null ? "" : source.origin().experiment() + "@" + source.origin().epoch());
        return all.putIfAbsent(submission.id(), status) == null ? CompletableFuture.completedStage(status)
                : CompletableFuture.failedStage(new ExperimentProblem(ExperimentProblem.Kind.CONFLICT, "taken"));
    }

    @Override
    public CompletionStage<ExperimentStatus> pause(String id, String reason) {
        return change(id, old -> in(old, ExperimentPhase.PAUSED, reason));
    }

    @Override
    public CompletionStage<ExperimentStatus> resume(String id, Execution execution) {
        return change(id, old -> in(old, ExperimentPhase.RUNNING, ""));
    }

    @Override
    public CompletionStage<ExperimentStatus> cancel(String id, String reason) {
        return change(id, old -> in(old, ExperimentPhase.CANCELLED, reason));
    }

    @Override
    public CompletionStage<ExperimentStatus> branch(String id, long epoch, Map<String, String> switches, String newId) {
        return submit(new Submission(newId, new ExperimentSource("branch.yaml", "", 1L, switches, new ExperimentSource.Origin(id, epoch)), null));
    }

    @Override
    public CompletionStage<FleetView> fleet(String id) {
        return get(id).thenApply(status -> new FleetView(id, List.of()));
    }

    @Override
    public CompletionStage<FailuresView> failures(String id) {
        return get(id).thenApply(status -> new FailuresView(id, false, List.of(), List.of()));
    }

    @Override
    public CompletionStage<FoliosView> folios(String id, String machine, int most) {
        return get(id).thenApply(status -> new FoliosView(id, machine, -1, -1, List.of()));
    }

    @Override
    public CompletionStage<DeferredView> deferred(String id, String machine, int most) {
        return get(id).thenApply(status -> new DeferredView(id, machine, -1, -1, List.of()));
    }

    @Override
    public CompletionStage<ResultDocument> result(String id) {
        return get(id).thenApply(status -> new ResultDocument(true, "text of " + id + "\n", "{\"what\": \"json of " + id + "\"}\n"));
    }

    @Override
    public CompletionStage<ReportDocument> report(String id) {
        return get(id).thenApply(status -> new ReportDocument("<p>page of " + id + "</p>", "csv of " + id + "\n", "{\"what\": \"series of " + id + "\"}\n"));
    }
}
