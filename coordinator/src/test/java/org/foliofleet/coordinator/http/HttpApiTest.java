package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.ListedExperiments;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: what experiments can do can be asked for by HTTP. Method: a real server before experiments that are a list in memory. */
class HttpApiTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static ActorSystem<Void> system;
    private static HttpApi api;
    private static OpenApi described;

    private final Experiments remote = new RemoteExperiments(api.url());

    @BeforeAll
    static void start() throws Exception {
        system = ActorSystem.create(Behaviors.empty(), "api", ConfigFactory.load());
        api = HttpApi.start(system, "127.0.0.1", 0, new ListedExperiments(), "0.0.1");
        described = new OpenApi(CLIENT.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/openapi.yaml")).build(),
                HttpResponse.BodyHandlers.ofString()).body());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        HttpResponse<String> response = CLIENT.send(HttpRequest.newBuilder(URI.create(api.url() + path)).header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
        described.check(method, path, response.statusCode(), response.headers().firstValue("Content-Type").orElse(""), response.body());
        return response;
    }

    private static ExperimentSource source(String name) {
        return new ExperimentSource(name + ".yaml", "version: 1\nname: " + name + "\n", 7L, Map.of("refcount_bits", "16"), null);
    }

    @Test
    void whatIsSubmittedCanBeCommandedAndIsOnTheList() {
        assertEquals(ExperimentPhase.RUNNING, get(remote.submit(new Submission("a", source("first"), Execution.DEFAULT.withLanes(3)))).phase());
        assertEquals(7, get(remote.get("a")).seed());
        assertEquals("lunch", get(remote.pause("a", "lunch")).reason());
        assertEquals(ExperimentPhase.RUNNING, get(remote.resume("a", null)).phase());
        assertEquals("a@20", get(remote.branch("a", 20, Map.of("refcount_bits", "64"), "b")).origin());
        assertEquals(ExperimentPhase.CANCELLED, get(remote.cancel("b", "enough")).phase());
        List<String> ids = get(remote.list()).stream().map(each -> each.id() + " " + each.phase().word()).collect(Collectors.toList());
        assertTrue(ids.containsAll(List.of("a running", "b cancelled")), ids::toString);
    }

    @Test
    void aResultIsThereForPeopleAndForPrograms() {
        get(remote.submit(new Submission("done", source("done"), null)));
        assertEquals("json of done", get(remote.result("done")).json().strip().replaceAll("[{}\":]", "").replace("what", "").strip());
        assertEquals("text of done\n", get(remote.result("done")).text());
    }

    @Test
    void aReportIsAPageOrSeriesForPrograms() throws Exception {
        get(remote.submit(new Submission("reported", source("reported"), null)));
        assertEquals(new ReportDocument("<p>page of reported</p>", "csv of reported\n", "{\"what\": \"series of reported\"}\n"), get(remote.report("reported")));
        HttpResponse<String> page = send("GET", "/api/v1/experiments/reported/report", "");
        assertEquals("text/html; charset=UTF-8", page.headers().firstValue("Content-Type").orElse(""));
        assertEquals("nosniff", page.headers().firstValue("X-Content-Type-Options").orElse(""));
        assertEquals(Kind.UNKNOWN, assertThrows(ExperimentProblem.class, () -> get(remote.report("nobody"))).kind());
    }

    @Test
    void refusalsAreTheSameOnBothSides() {
        ExperimentProblem unknown = assertThrows(ExperimentProblem.class, () -> get(remote.get("nobody")));
        assertEquals(Kind.UNKNOWN, unknown.kind());
        assertEquals("experiment nobody is not known", unknown.getMessage());
        get(remote.submit(new Submission("twice", source("twice"), null)));
        ExperimentProblem taken = assertThrows(ExperimentProblem.class, () -> get(remote.submit(new Submission("twice", source("twice"), null))));
        assertEquals(Kind.CONFLICT, taken.kind());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "GET  | /api/v1/experiments/nobody          |             | 404 | experiment nobody is not known",
        "GET  | /api/v1/experiments/%2e%2e%2fetc    |             | 404 | experiment ../etc is not known",
        "GET  | /api/v2                             |             | 404 | The requested resource could not be found.",
        "GET  | /api/v1/experiments/a/nothing       |             | 404 | The requested resource could not be found.",
        "POST | /nowhere                            | {}          | 404 | The requested resource could not be found.",
        "DELETE | /api/v1/experiments/a/pause       |             | 405 | HTTP method not allowed, supported methods: POST",
        "PUT  | /api/v1/experiments                 | {}          | 405 | HTTP method not allowed, supported methods: GET, POST",
        "POST | /api/v1/experiments                 | {\"text\":  | 400 | the body cannot be read: line 1, column 9: Unexpected end-of-input within/between Object entries",
        "POST | /api/v1/experiments                 | []          | 400 | the body cannot be read",
        "POST | /api/v1/experiments                 | null        | 400 | the body is null; send an object",
        "POST | /api/v1/experiments                 | {\"txet\":1} | 400 | the body cannot be read: line 1, column 11: Unrecognized field \"txet\"",
        "POST | /api/v1/experiments/a/branch        | {}          | 400 | the body cannot be read",
        "GET  | /api/v1/experiments/a/report?format=pdf | ''       | 400 | format 'pdf' is unknown; ask for html, csv or json",
        "GET  | /api/v1/experiments/a/result?format=pdf | ''       | 400 | format 'pdf' is unknown; ask for json or text",
    })
    void whatCanNotBeDoneIsAProblem(String method, String path, String body, int status, String detail) throws Exception {
        HttpResponse<String> response = send(method, path, body == null ? "" : body);
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith("application/problem+json"), response.headers().toString());
        JsonNode problem = Json.MAPPER.readTree(response.body());
        assertEquals(status, problem.get("status").intValue());
        assertTrue(problem.get("detail").textValue().startsWith(detail), response.body());
        assertFalse(response.body().contains("org.foliofleet"), response.body());
    }

    @Test
    void bodiesBeyondTheLimitAreRefused() throws Exception {
        HttpResponse<String> response = send("POST", "/api/v1/experiments", " ".repeat(21 << 20));
        assertEquals(413, response.statusCode(), response.body());
    }

    @Test
    void eventsTellOfTheExperimentUntilItIsOver() throws Exception {
        get(remote.submit(new Submission("watched", source("watched"), null)));
        HttpResponse<Stream<String>> events = CLIENT.send(HttpRequest.newBuilder(
                URI.create(api.url() + "/api/v1/experiments/watched/events")).build(), HttpResponse.BodyHandlers.ofLines());
        assertEquals("text/event-stream", events.headers().firstValue("Content-Type").orElse(""));
        Iterator<String> lines = events.body().iterator();
        assertEquals(ExperimentPhase.RUNNING.word(), phase(lines));
        get(remote.cancel("watched", ""));
        String last = "";
        while (lines.hasNext()) {
            String line = lines.next();
            last = line.startsWith("data:") ? line : last;
        }
        assertTrue(last.contains("\"phase\":\"cancelled\""), last);
    }

    private static String phase(Iterator<String> lines) throws Exception {
        String line = lines.next();
        while (!line.startsWith("data:")) {
            line = lines.next();
        }
        return Json.MAPPER.readTree(line.substring(5)).get("phase").textValue();
    }

    @Test
    void itSaysWhatItIs() throws Exception {
        assertEquals("{\"service\":\"foliofleet\",\"version\":\"0.0.1\"}", send("GET", "/api/v1", "").body());
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            BadInput refused = assertThrows(BadInput.class,
                    () -> HttpApi.start(system, "127.0.0.1", taken.getLocalPort(), new ListedExperiments(), "0.0.1"));
            assertTrue(refused.getMessage().startsWith("http://127.0.0.1:" + taken.getLocalPort() + " cannot be served: "), refused.getMessage());
            ExperimentProblem stranger = assertThrows(ExperimentProblem.class, () -> get(new RemoteExperiments("http://127.0.0.1:1").list()));
            assertEquals(Kind.UNAVAILABLE, stranger.kind());
            assertTrue(stranger.getMessage().startsWith("coordinator http://127.0.0.1:1/ cannot be reached ("), stranger.getMessage());
        }
        assertThrows(BadInput.class, () -> new RemoteExperiments("over there"));
    }

    @Test
    void somethingElseThanACoordinatorIsNoticed() {
        ExperimentProblem stranger = assertThrows(ExperimentProblem.class, () -> get(new RemoteExperiments(api.url() + "/other/place").list()));
        assertEquals(Kind.UNKNOWN, stranger.kind());
    }
}
