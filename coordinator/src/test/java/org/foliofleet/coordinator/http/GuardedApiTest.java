package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.foliofleet.coordinator.comparison.ComparisonLimits;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ListedExperiments;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: who may not is not let in, and nobody is let in without bounds. Method: real servers with narrow limits. */
class GuardedApiTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String SECRET = "correct-horse-battery-staple";
    private static final String LIST = "/api/v1/experiments";
    private static final ApiOptions OPEN = ApiOptions.open("0.0.1");
    private static final String SUBMISSION = "{\"id\":\"NAME\",\"text\":\"version: 1\",\"seed\":1}";

    private static ActorSystem<Void> system;

    @TempDir
    private Path directory;

    private HttpApi api;

    @BeforeAll
    static void start() {
        system = ActorSystem.create(Behaviors.empty(), "guarded", ConfigFactory.load());
    }

    @AfterAll
    static void stop() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() {
        if (api != null) {
            api.close();
        }
    }

    private void serve(ApiOptions options) {
        api = HttpApi.start(system, "127.0.0.1", 0, new ListedExperiments(), options);
    }

    private AccessToken token(String content) throws Exception {
        return AccessToken.ofFile(Files.writeString(directory.resolve("token"), content));
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api.url() + path)).header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        return CLIENT.send(headers.length == 0 ? request.build() : request.headers(headers).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> submit(String name, String... headers) throws Exception {
        return send("POST", LIST, SUBMISSION.replace("NAME", name), headers);
    }

    private static void assertProblem(int status, String detail, HttpResponse<String> response) throws Exception {
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(response.headers().firstValue("Content-Type").orElse("").startsWith("application/problem+json"), response.headers().toString());
        assertEquals(status, Json.MAPPER.readTree(response.body()).get("status").intValue());
        assertTrue(Json.MAPPER.readTree(response.body()).get("detail").textValue().contains(detail), response.body());
    }

    @Test
    void onlyWhoHasTheTokenChangesSomething() throws Exception {
        AccessToken token = token(SECRET + "\n");
        serve(OPEN.withToken(token));
        HttpResponse<String> without = submit("a");
        assertProblem(401, "needs a token", without);
        assertEquals("Bearer realm=\"foliofleet\"", without.headers().firstValue("WWW-Authenticate").orElse(""));
        for (String wrong : new String[] {"Bearer " + SECRET + "x", "Bearer", "Bearer ", "Basic " + SECRET, SECRET, "Bearer correct-horse-battery-stapl"}) {
            HttpResponse<String> refused = submit("a", "Authorization", wrong);
            assertProblem(401, "not the token", refused);
            assertFalse(refused.body().contains("horse"), refused.body());
        }
        assertProblem(401, "needs a token", send("DELETE", LIST + "/a", ""));
        assertEquals("{\"experiments\":[]}", send("GET", LIST, "").body(), "reading needs none, and nothing was changed");
        assertEquals(201, submit("a", "Authorization", "bearer " + SECRET).statusCode());
        ExperimentProblem refused = assertThrows(ExperimentProblem.class, () -> join(new RemoteExperiments(api.url()), "b"));
        assertTrue(refused.getMessage().contains("--token-file"), refused.getMessage());
        assertEquals(ExperimentPhase.RUNNING, join(new RemoteExperiments(api.url(), token), "b"));
        assertEquals("a token", token.toString());
    }

    private static ExperimentPhase join(RemoteExperiments remote, String id) {
        try {
            return remote.submit(new Submission(id, new ExperimentSource("e.yaml", "version: 1", 1L, null, null), null)).toCompletableFuture().join().phase();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }

    @Test
    void aFileThatHoldsNoTokenIsNamedAndNotShown() {
        for (String bad : new String[] {"", "short", "two words of sixteen letters", "umlautsäöü-sixteen-letters", "x".repeat(5000)}) {
            BadInput refused = assertThrows(BadInput.class, () -> token(bad));
            assertTrue(refused.getMessage().startsWith("token file " + directory.resolve("token") + ": holds no token"), refused.getMessage());
            assertFalse(bad.length() > 5 && refused.getMessage().contains(bad), refused.getMessage());
        }
        assertThrows(BadInput.class, () -> AccessToken.ofFile(directory.resolve("nowhere")));
    }

    @Test
    void whoAsksTooOftenIsToldToWait() throws Exception {
        serve(OPEN.withLimits(new ApiLimits(1000, Duration.ofSeconds(30), 1, 3, 1, 1, ComparisonLimits.usual())));
        HttpResponse<String> last = send("GET", LIST, "");
        for (int i = 0; i < 1000 && last.statusCode() == 200; i++) {
            last = send("GET", LIST, "");
        }
        assertProblem(429, "wait 1 s", last);
        assertEquals("1", last.headers().firstValue("Retry-After").orElse(""));
    }

    @Test
    void noMoreExperimentsRunThanMay() throws Exception {
        serve(OPEN.withLimits(ApiLimits.DEFAULT.withExperiments(2)));
        assertEquals(201, submit("a").statusCode());
        assertEquals(201, submit("b").statusCode());
        assertProblem(409, "2 experiments run, and no more than 2 may; wait", submit("c"));
        assertProblem(409, "2 experiments run", send("POST", LIST + "/a/branch", "{\"epoch\":1,\"id\":\"c\"}"));
        assertEquals(200, send("POST", LIST + "/b/pause", "{}").statusCode());
        assertEquals(201, submit("c").statusCode());
        assertProblem(409, "2 experiments run", send("POST", LIST + "/b/resume", ""));
    }

    @Test
    void noMoreStreamsAreReadThanMay() throws Exception {
        serve(OPEN.withLimits(ApiLimits.DEFAULT.withStreams(1)));
        assertEquals(201, submit("a").statusCode());
        URI events = URI.create(api.url() + LIST + "/a/events");
        HttpResponse<InputStream> first = CLIENT.send(HttpRequest.newBuilder(events).build(), HttpResponse.BodyHandlers.ofInputStream());
        assertTrue(first.body().read() >= 0);
        assertProblem(429, "1 are watching already", send("GET", LIST + "/a/events", ""));
        first.body().close();
        for (int status = 429; status != 200;) {
            HttpResponse<InputStream> next = CLIENT.send(HttpRequest.newBuilder(events).build(), HttpResponse.BodyHandlers.ofInputStream());
            status = next.statusCode();
            next.body().close();
        }
    }

    @Test
    void bodiesOfOtherKindsAndPagesOfOthersAreRefused() throws Exception {
        serve(OPEN);
        HttpResponse<String> form = CLIENT.send(HttpRequest.newBuilder(URI.create(api.url() + LIST)).header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}")).build(), HttpResponse.BodyHandlers.ofString());
        assertProblem(415, "send JSON with the header Content-Type: application/json", form);
        assertProblem(403, "a page of another server", submit("a", "Origin", "http://elsewhere.example"));
        assertProblem(403, "a page of another server", submit("a", "Origin", "null"));
        assertEquals(201, submit("a", "Origin", api.url()).statusCode());
        String rebound = RawHttp.exchange(api.url(), "POST /api/v1/experiments/a/pause HTTP/1.1\nHost: elsewhere.example\nConnection: close\n\n");
        assertTrue(rebound.startsWith("HTTP/1.1 403 "), rebound);
        assertEquals("nosniff", send("GET", LIST, "").headers().firstValue("X-Content-Type-Options").orElse(""));
    }

    @Test
    void whatIsNoHttpIsAProblemToo() throws Exception {
        serve(OPEN);
        String answer = RawHttp.exchange(api.url(), "GET /api v1 HTTP/1.1\nHost: localhost\n\n");
        assertTrue(answer.startsWith("HTTP/1.1 400 ") && answer.contains("Content-Type: application/problem+json"), answer);
    }

    @Test
    void whoSendsTooSlowlyOrEndsTooEarlyIsLeft() throws Exception {
        serve(OPEN.withLimits(ApiLimits.DEFAULT.withBody(1000, Duration.ofMillis(200))));
        String begun = "POST /api/v1/experiments HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 100\nConnection: close\n\n{";
        String slow = RawHttp.exchange(api.url(), begun);
        assertTrue(slow.startsWith("HTTP/1.1 408 "), slow);
        String large = RawHttp.exchange(api.url(), begun.replace("100", "1001"));
        assertTrue(large.startsWith("HTTP/1.1 413 "), large);
        String chunked = begun.replace("Content-Length: 100\n", "Transfer-Encoding: chunked\n").replace("\n\n{", "\n\n7d0\n" + " ".repeat(2000) + "\n0\n\n");
        String endless = RawHttp.exchange(api.url(), chunked);
        assertTrue(endless.startsWith("HTTP/1.1 413 "), endless);
    }
}
