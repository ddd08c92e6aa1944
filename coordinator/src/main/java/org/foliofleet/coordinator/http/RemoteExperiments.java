package org.foliofleet.coordinator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.foliofleet.coordinator.experiment.DeferredView;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.FailuresView;
import org.foliofleet.coordinator.experiment.FleetView;
import org.foliofleet.coordinator.experiment.FoliosView;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.Execution;

/** The experiments of a coordinator elsewhere, by HTTP. */
public final class RemoteExperiments implements Experiments {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final URI coordinator;
    private final AccessToken token;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    /**
     * @param url of the coordinator, such as {@code http://127.0.0.1:8420}
     * @throws BadInput if it is none
     */
    public RemoteExperiments(String url) {
        this(url, null);
    }

    /**
     * The same for those who have its token.
     *
     * @param token goes with what changes something; or null
     * @throws BadInput if the address is none
     */
    public RemoteExperiments(String url, AccessToken token) {
        this.token = token;
        try {
            coordinator = URI.create(url.endsWith("/") ? url : url + "/");
            HttpRequest.newBuilder(coordinator);
        } catch (IllegalArgumentException e) {
            throw new BadInput("coordinator '" + url + "': this is no address; write it like http://127.0.0.1:" + HttpApi.PORT);
        }
    }

    @Override
    public CompletionStage<List<ExperimentSummary>> list() {
        return get("experiments", Bodies.Listing.class).thenApply(Bodies.Listing::experiments);
    }

    @Override
    public CompletionStage<ExperimentStatus> get(String id) {
        return get(of(id, ""), ExperimentStatus.class);
    }

    @Override
    public CompletionStage<ExperimentStatus> submit(Submission submission) {
        return post("experiments", Bodies.Submit.of(submission));
    }

    @Override
    public CompletionStage<ExperimentStatus> pause(String id, String reason) {
        return post(of(id, "/pause"), new Bodies.Because(reason));
    }

    @Override
    public CompletionStage<ExperimentStatus> resume(String id, Execution execution) {
        return post(of(id, "/resume"), new Bodies.Resume(execution));
    }

    @Override
    public CompletionStage<ExperimentStatus> cancel(String id, String reason) {
        return post(of(id, "/cancel"), new Bodies.Because(reason));
    }

    @Override
    public CompletionStage<ExperimentStatus> branch(String id, long epoch, Map<String, String> switches, String newId) {
        return post(of(id, "/branch"), new Bodies.Branch(epoch, switches, newId));
    }

    @Override
    public CompletionStage<FleetView> fleet(String id) {
        return get(of(id, "/fleet"), FleetView.class);
    }

    @Override
    public CompletionStage<FailuresView> failures(String id) {
        return get(of(id, "/failures"), FailuresView.class);
    }

    @Override
    public CompletionStage<FoliosView> folios(String id, String machine, int most) {
        return get(of(id, "/folios" + machine(machine, most)), FoliosView.class);
    }

    @Override
    public CompletionStage<DeferredView> deferred(String id, String machine, int most) {
        return get(of(id, "/deferred" + machine(machine, most)), DeferredView.class);
    }

    private static String machine(String machine, int most) {
        return "?limit=" + most + (machine == null ? "" : "&machine=" + URLEncoder.encode(machine, StandardCharsets.UTF_8));
    }

    @Override
    public CompletionStage<ResultDocument> result(String id) {
        return send(request(of(id, "/result")), Function.identity()).thenCombine(send(request(of(id, "/result?format=text")), Function.identity()),
                (json, text) -> new ResultDocument(read(json, JsonNode.class).path("passed").asBoolean(), text, json));
    }

    @Override
    public CompletionStage<ReportDocument> report(String id) {
        CompletionStage<String> html = send(request(of(id, "/report")), Function.identity());
        CompletionStage<String> csv = send(request(of(id, "/report?format=csv")), Function.identity());
        CompletionStage<String> json = send(request(of(id, "/report?format=json")), Function.identity());
        return html.thenCompose(page -> csv.thenCombine(json, (lines, tree) -> new ReportDocument(page, lines, tree)));
    }

    private static String of(String id, String what) {
        return "experiments/" + URLEncoder.encode(id, StandardCharsets.UTF_8) + what;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(coordinator.resolve("api/v1/" + path)).timeout(PATIENCE);
    }

    private <T> CompletionStage<T> get(String path, Class<T> type) {
        return send(request(path), body -> read(body, type));
    }

    private CompletionStage<ExperimentStatus> post(String path, Object body) {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json");
        if (token != null) {
            request.header("Authorization", token.header());
        }
        return send(request.POST(HttpRequest.BodyPublishers.ofString(Json.write(body))),
                answer -> read(answer, ExperimentStatus.class));
    }

    private <T> CompletionStage<T> send(HttpRequest.Builder request, Function<String, T> reader) {
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(away(failure)))
                .thenApply(response -> {
                    if (response.statusCode() / 100 == 2) {
                        return reader.apply(response.body());
                    }
                    throw refusal(response);
                });
    }

    private ExperimentProblem refusal(HttpResponse<String> response) {
        if (response.headers().firstValue("Content-Type").orElse("").startsWith(Problem.MEDIA_TYPE)) {
            return read(response.body(), Problem.class).toException();
        }
        return stranger("it answered with status " + response.statusCode());
    }

    private <T> T read(String body, Class<T> type) {
        try {
            return Json.MAPPER.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw stranger("it answered with something else");
        }
    }

    private ExperimentProblem stranger(String what) {
        return new ExperimentProblem(Kind.UNAVAILABLE, coordinator + " is no coordinator of this version: " + what
                + "; name another with --coordinator URL");
    }

    private ExperimentProblem away(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String why = cause instanceof ConnectException ? "nobody listens there" : cause.getMessage() == null ? cause.getClass().getSimpleName().replaceAll("Exception$", "") : cause.getMessage();
        return new ExperimentProblem(Kind.UNAVAILABLE, "coordinator " + coordinator + " cannot be reached (" + why
                + "); start a cluster with foliofleet cluster, name another with --coordinator URL, or, for what foliofleet run keeps, a directory with --data DIR");
    }
}
