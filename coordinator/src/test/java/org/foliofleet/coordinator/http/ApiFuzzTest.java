package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever is sent, the server answers as if it were the sender's fault, tells nothing of its inside, and the experiment that
 * runs meanwhile ends as it would have. Method: random malformed requests from a seed, half of them from sockets; one run of the
 * experiment in quiet is compared with all that ran under fire. {@code -Dfuzz=10000} sends more, {@code -Dfuzz.seed=N} others.
 */
class ApiFuzzTest {
    private static final int SENDERS = 4;
    private static final String EXPERIMENT = """
        version: 1
        name: fuzzed
        tick: 1us
        machines:
          - {name: host, count: 2, nodes: [{memory: 64MiB}], kernel: {thp: madvise}, processes: [{name: p, count: 2, program: p}]}
        programs:
          p:
            - repeat:
                times: 300
                steps:
                  - mmap: {name: buf, at: 1GiB, size: uniform(2MiB..8MiB), prot: rw, replace: true}
                  - madvise: {in: buf, advice: hugepage}
                  - write: buf
                  - munmap: {in: buf, size: 512KiB}
                  - wait: exponential(300us)
        run: {commit_every: 100ms, epoch: 1000 ticks, hosting: machine}
        """;
    private static final Pattern INSIDE = Pattern.compile("\\bat [a-z]+\\.[a-z.]+\\w+\\(|Exception|java\\.(lang|util|io)|org\\.foliofleet|akka\\.|scala\\.|com\\.fasterxml|StackOverflow");

    @TempDir
    private Path directory;

    private record Answer(int status, String body) {}

    @Test
    void nothingThatIsSentDoesAnyHarm() throws Exception {
        int many = Integer.getInteger("fuzz", 2000);
        long seed = Long.getLong("fuzz.seed", 20_26L);
        AccessToken token = AccessToken.ofFile(Files.writeString(directory.resolve("token"), "a-token-that-nobody-guesses"));
        ApiOptions guarded = ApiOptions.open("1").withToken(token)
                .withLimits(ApiLimits.DEFAULT.withRequestsPerSecond(1_000_000).withBody(1 << 20, Duration.ofSeconds(2)));
        try (Fleet fleet = Fleet.embedded(directory.resolve("data"));
                HttpApi closed = HttpApi.start(fleet.system(), "127.0.0.1", 0, fleet.experiments(), guarded);
                // understands bodies of everybody, but none of these commands: they are of experiments that are not there
                HttpApi open = HttpApi.start(fleet.system(), "127.0.0.1", 0, new Unreachable(fleet.experiments()), guarded.withToken(null))) {
            Experiments experiments = fleet.experiments();
            String quiet = end(experiments, submit(experiments, "quiet"));
            ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
            try {
                List<Future<Map<Integer, Integer>>> sent = new ArrayList<>();
                for (int i = 0; i < SENDERS; i++) {
                    Random random = new Random(seed + i);
                    Callable<Map<Integer, Integer>> sender = () -> send(random, many / SENDERS, seed, closed.url(), open.url());
                    sent.add(senders.submit(sender));
                }
                int runs = 0;
                while (runs == 0 || !sent.stream().allMatch(Future::isDone)) {
                    runs++;
                    assertEquals(quiet, end(experiments, submit(experiments, "fuzzed-" + runs)), "digest of run " + runs + ", seed " + seed);
                }
                Map<Integer, Integer> all = new TreeMap<>();
                for (Future<Map<Integer, Integer>> each : sent) {
                    each.get().forEach((status, count) -> all.merge(status, count, Integer::sum));
                }
                System.out.println("api fuzz: seed " + seed + ", " + many + " requests during " + runs + " runs; answers by status (0: none): " + all);
                assertTrue(all.getOrDefault(0, 0) < many / 5, all::toString);
            } finally {
                senders.shutdownNow();
                senders.awaitTermination(10, TimeUnit.SECONDS);
            }
        }
    }

    private static String submit(Experiments experiments, String id) throws Exception {
        return experiments.submit(new Submission(id, new ExperimentSource("fuzzed.yaml", EXPERIMENT, 3L, Map.of(), null), null))
                .toCompletableFuture().get(60, TimeUnit.SECONDS).id();
    }

    private static String end(Experiments experiments, String id) throws Exception {
        while (true) {
            ExperimentStatus status = experiments.get(id).toCompletableFuture().get(60, TimeUnit.SECONDS);
            if (status.phase().isOver()) {
                assertEquals("completed", status.phase().word(), status.reason());
                return status.digest();
            }
        }
    }

    private static Map<Integer, Integer> send(Random random, int many, long seed, String closed, String open) throws Exception {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        MalformedCalls calls = new MalformedCalls(random);
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (int i = 0; i < many; i++) {
            MalformedCalls.Call call = calls.next();
            String url = random.nextBoolean() ? closed : open;
            Answer answer = random.nextBoolean() ? raw(url, call) : decent(client, url, call);
            String what = "seed " + seed + ": " + call + "\nwas answered with " + answer.status() + " " + answer.body();
            assertTrue(answer.status() < 500, what);
            assertTrue(answer.status() == 200 && call.target().contains(".js") || !INSIDE.matcher(answer.body()).find(), what);
            statuses.merge(answer.status(), 1, Integer::sum);
        }
        return statuses;
    }

    private static Answer raw(String url, MalformedCalls.Call call) throws IOException {
        String answer = RawHttp.exchange(url, call.bytes(), true, 5000);
        int body = answer.indexOf("\r\n\r\n");
        return answer.startsWith("HTTP/1.1 ") ? new Answer(Integer.parseInt(answer.substring(9, 12)), answer.substring(Math.max(0, body))) : new Answer(0, answer);
    }

    private static Answer decent(HttpClient client, String url, MalformedCalls.Call call) throws Exception {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(URI.create(url + call.target())).timeout(Duration.ofSeconds(30)).header("Content-Type", "application/json")
                    .header("Authorization", "Bearer " + call.method()).method(call.method(), HttpRequest.BodyPublishers.ofByteArray(call.body())).build();
        } catch (IllegalArgumentException e) {
            return raw(url, call);
        }
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, "");
        }
    }
}
