package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.protocol.experiment.ExperimentSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: the API is as its description says, all of it. Method: what is described is asked of a fleet that runs, and every answer is held against it. */
class OpenApiTest {
    private static final String LIST = "/api/v1/experiments";
    private static final String SECRET = "a-token-that-nobody-guesses";
    private static final String EXPERIMENT = """
        version: 1
        name: described
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB}, {memory: 64MiB}]
            distances: [[10, 20], [20, 10]]
            kernel: {thp: madvise}
            processes: [{name: p, node: spread, program: p}]
        programs:
          p:
            - repeat:
                times: TIMES
                steps:
                  - mmap: {name: buf, at: 1GiB, size: 8MiB, prot: rw, replace: true}
                  - madvise: {in: buf, advice: hugepage}
                  - write: buf
                  - munmap: {in: buf, size: 512KiB}
                  - wait: exponential(300us)
        run: {commit_every: 0ms, epoch: 1000 ticks, hosting: machine, branch_points: 1}
        """;

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private HttpApi api;
    private OpenApi described;

    private HttpResponse<String> send(String method, String target, String contentType, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api.url() + target)).header("Authorization", "Bearer " + SECRET)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        HttpResponse<String> response = client.send((contentType == null ? request : request.header("Content-Type", contentType)).build(),
                HttpResponse.BodyHandlers.ofString());
        described.check(method, target, response.statusCode(), response.headers().firstValue("Content-Type").orElse(""), response.body());
        return response;
    }

    private JsonNode get(String target) throws Exception {
        HttpResponse<String> response = send("GET", target, null, "");
        assertEquals(200, response.statusCode(), response.body());
        return Json.MAPPER.readTree(response.body());
    }

    private JsonNode post(int status, String target, String template, Object body) throws Exception {
        String json = Json.write(body);
        described.checkRequest("post", template, json);
        HttpResponse<String> response = send("POST", target, "application/json", json);
        assertEquals(status, response.statusCode(), response.body());
        return Json.MAPPER.readTree(response.body());
    }

    private JsonNode command(String id, String what, Object body) throws Exception {
        return post(200, LIST + "/" + id + "/" + what, LIST + "/{id}/" + what, body);
    }

    private void await(String id, String phase) throws Exception {
        for (JsonNode status = get(LIST + "/" + id); !status.get("phase").textValue().equals(phase); status = get(LIST + "/" + id)) {
            assertFalse(status.get("phase").textValue().equals("failed"), status::toString);
        }
    }

    @Test
    void whatIsDescribedIsWhatIsThere() throws Exception {
        AccessToken token = AccessToken.ofFile(Files.writeString(directory.resolve("token"), SECRET));
        ApiOptions options = ApiOptions.open("1").withToken(token).withLimits(ApiLimits.DEFAULT.withRequestsPerSecond(100_000));
        try (Fleet fleet = Fleet.embedded(directory.resolve("data")); HttpApi served = HttpApi.start(fleet.system(), "127.0.0.1", 0, fleet.experiments(), options)) {
            api = served;
            described = new OpenApi(client.send(HttpRequest.newBuilder(URI.create(api.url() + "/api/v1/openapi.yaml")).build(),
                    HttpResponse.BodyHandlers.ofString()).body());
            send("GET", "/api/v1/openapi.yaml", null, "");
            assertEquals(ExperimentSchema.ID, get("/api/v1/schema").get("$id").textValue());
            assertEquals("1", get("/api/v1").get("version").textValue());
            validation();
            assertEquals(201, send("POST", LIST, "application/yaml", EXPERIMENT.replace("TIMES", "20")).statusCode());
            post(201, LIST, LIST, new Bodies.Submit("long", "long.yaml", EXPERIMENT.replace("TIMES", "1000000"), 7L, Map.of(), null));
            running();
            comparison();
            refusals();
            await("described-1", "completed");
            finished();
            assertEquals(described.operations(), described.exercised());
        }
    }

    private void validation() throws Exception {
        Map<String, String> none = Map.of();
        JsonNode good = post(200, "/api/v1/validate", "/api/v1/validate", new Bodies.Submit(null, null, EXPERIMENT.replace("TIMES", "2"), null, none, null));
        assertTrue(good.get("valid").booleanValue(), good::toString);
        assertEquals(2, good.get("machines").intValue());
        HttpResponse<String> bad = send("POST", "/api/v1/validate", "application/yaml", "version: 1\nname: x\nmachnes: []\nseed: many\n");
        JsonNode errors = Json.MAPPER.readTree(bad.body()).get("errors");
        assertTrue(errors.size() >= 2, bad.body());
        assertEquals(3, errors.get(errors.get(0).get("line").intValue() == 3 ? 0 : 1).get("line").intValue(), bad.body());
        assertTrue(errors.toString().contains("machines"), bad.body());
    }

    private void running() throws Exception {
        HttpResponse<InputStream> events = client.send(HttpRequest.newBuilder(URI.create(api.url() + LIST + "/long/events")).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (!line.startsWith("data:{")) {
                line = lines.readLine();
            }
            described.check("GET", LIST + "/long/events", events.statusCode(), events.headers().firstValue("Content-Type").orElse(""), "");
            described.check("GET", LIST + "/long", 200, "application/json", line.substring(5));
        }
        await("long", "running");
        int branched = 409;
        for (int i = 0; branched != 201; i++) {
            assertTrue(i < 100_000, "no branch point");
            branched = send("POST", LIST + "/long/branch", "application/json", "{\"epoch\":1,\"id\":\"other\"}").statusCode();
            assertTrue(branched == 201 || branched == 409, () -> "status of a branch");
        }
        assertEquals("cancelled", command("other", "cancel", new Bodies.Because("seen")).get("phase").textValue());
        command("long", "pause", new Bodies.Because("looked at"));
        await("long", "paused");
        assertEquals(2, get(LIST + "/long/fleet").get("classes").get(0).get("machines").size());
        assertTrue(get(LIST + "/long/series?class=host").get("classes").get(0).get("series").get("nanos").size() > 0);
        HttpResponse<String> csv = send("GET", LIST + "/long/series?format=csv", null, "");
        assertTrue(csv.body().startsWith("class,nanos,node,processes,") && csv.body().contains("\nhost,"), csv.body());
        assertEquals(1, csv.body().lines().map(row -> row.replaceAll("[^,]", "").length()).distinct().count(), "rows are as long as the head");
        assertFalse(get(LIST + "/long/failures").get("complete").booleanValue());
        folios();
        command("long", "resume", new Bodies.Resume(null));
        command("long", "cancel", new Bodies.Because(null));
    }

    private void folios() throws Exception {
        JsonNode folios = get(LIST + "/long/folios?limit=5");
        assertTrue(folios.get("epoch").longValue() > 0 && folios.get("folios").size() > 0 && folios.get("folios").size() <= 5, folios::toString);
        long before = Long.MAX_VALUE;
        for (JsonNode folio : folios.get("folios")) {
            assertTrue(folio.get("references").longValue() <= before, folios::toString);
            before = folio.get("references").longValue();
        }
        assertEquals("host/1", get(LIST + "/long/folios?machine=host/1").get("machine").textValue());
        JsonNode deferred = get(LIST + "/long/deferred?limit=1000");
        long queued = 0;
        for (JsonNode queue : deferred.get("nodes")) {
            assertEquals(queue.get("length").longValue(), queue.get("folios").size(), deferred::toString);
            queued += queue.get("ever").longValue();
            for (JsonNode folio : queue.get("folios")) {
                assertTrue(folio.get("marks").toString().contains("deferred"), deferred::toString);
            }
        }
        assertTrue(queued > 0, deferred::toString);
    }

    private void refusals() throws Exception {
        assertEquals(404, send("GET", LIST + "/long/folios?machine=host/2", null, "").statusCode());
        assertEquals(404, send("GET", LIST + "/long/series?class=none", null, "").statusCode());
        assertEquals(400, send("GET", LIST + "/long/series?format=xml", null, "").statusCode());
        assertEquals(400, send("GET", LIST + "/long/deferred?limit=0", null, "").statusCode());
        assertEquals(409, send("GET", LIST + "/long/result", null, "").statusCode());
        assertEquals(409, send("POST", LIST + "/long/pause", "application/json", "{}").statusCode());
        assertEquals(422, send("POST", LIST, "application/json", "{\"text\":\"version: 1\"}").statusCode());
        assertEquals(409, send("POST", LIST, "application/json", Json.write(new Bodies.Submit("long", null, EXPERIMENT.replace("TIMES", "1"), null, null, null)))
                .statusCode());
        assertEquals(400, send("POST", LIST, "application/json", "{\"switches\":{\"a\":null}}").statusCode());
        assertEquals(415, send("POST", LIST, "text/html", "<p>").statusCode());
        assertEquals(405, send("PATCH", LIST, null, "").statusCode());
    }

    private void comparison() throws Exception {
        String compare = "/api/v1/compare";
        String text = EXPERIMENT.replace("TIMES", "3");
        Map<String, List<String>> values = Map.of("thp", List.of("madvise", "never"));
        post(201, compare, compare, new Bodies.Compare("described.yaml", text, 9L, 2, Map.of(), Map.of(), values, null));
        JsonNode status = post(201, compare, compare, new Bodies.Compare(null, EXPERIMENT.replace("TIMES", "1000000"), null, null, null, null, values, List.of("vmas")));
        assertEquals("described-2", status.get("id").textValue());
        assertEquals("cancelled", post(200, compare + "/described-2/cancel", compare + "/{id}/cancel", new Bodies.Because(null)).get("phase").textValue());
        for (status = get(compare + "/described-1"); !status.get("phase").textValue().equals("completed"); status = get(compare + "/described-1")) {
            assertTrue(List.of("waiting", "running").contains(status.get("phase").textValue()), status::toString);
        }
        assertEquals(8, status.get("machinesDone").intValue(), status::toString);
        assertEquals("never", status.at("/variants/1/values/thp").textValue());
        assertEquals(2, get(compare).get("comparisons").size());
        assertEquals(10, get(compare + "/described-1/result").at("/seeds/1").intValue());
        assertTrue(send("GET", compare + "/described-1/result?format=csv", null, "").body().contains("\nB,never,10,host,"));
        assertTrue(send("GET", compare + "/described-1/result?format=text", null, "").body().contains("2 variants, 2 seeds (9 to 10), 2 machines each"));
        String page = send("GET", compare + "/described-1/report", null, "").body();
        assertTrue(page.contains("foliofleet compare described.yaml --kernel thp=madvise,never --seed 9 --seeds 2"), "how to reproduce it");
        assertEquals(409, send("GET", compare + "/described-2/report", null, "").statusCode());
        assertEquals(409, send("POST", compare + "/described-2/cancel", "application/json", "{}").statusCode());
        assertEquals(404, send("GET", compare + "/described-3", null, "").statusCode());
        assertEquals(400, send("GET", compare + "/described-1/result?format=xml", null, "").statusCode());
        assertEquals(422, send("POST", compare, "application/json", "{\"text\":\"version: 1\"}").statusCode());
        assertEquals(400, send("POST", compare, "application/json", "{\"text\":\"\",\"kernel\":{\"thp\":[]}}").statusCode());
    }

    private void finished() throws Exception {
        assertEquals(3, get(LIST).get("experiments").size());
        assertTrue(get(LIST + "/described-1/failures").get("complete").booleanValue());
        assertEquals(get(LIST + "/described-1").get("digest"), get(LIST + "/described-1/result").get("digest"));
        assertEquals(200, send("GET", LIST + "/described-1/result?format=text", null, "").statusCode());
        for (String format : new String[] {"html", "csv", "json"}) {
            assertEquals(200, send("GET", LIST + "/described-1/report?format=" + format, null, "").statusCode());
        }
    }
}
