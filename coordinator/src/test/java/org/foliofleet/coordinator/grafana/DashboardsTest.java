package org.foliofleet.coordinator.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.http.MetricsEndpoint;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardsTest {
    private static final Path PROMETHEUS = Dashboard.FOLDER.resolve("prometheus");

    /** Runs for as long as it is watched. */
    private static final String EXPERIMENT = """
        version: 1
        name: watched
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 256MiB, cpus: 2}, {memory: 256MiB, cpus: 2}]
            distances: [[10, 20], [20, 10]]
            swap: 64MiB
            kernel: {thp: madvise}
            processes: [{name: p, count: 4, node: spread, program: p}]
        programs:
          p:
            - repeat:
                times: 1000000
                steps:
                  - mmap: {name: buf, at: 1GiB, size: 4MiB, prot: rw, replace: true}
                  - madvise: {in: buf, advice: hugepage}
                  - write: buf
                  - fork: {name: child, steps: [{write: {in: buf, size: 64KiB}}, exit]}
                  - pin: {handle: h, in: buf, size: 4KiB}
                  - munmap: {in: buf, at: 3MiB, size: 512KiB}
                  - unpin: h
                  - wait: 100us
                  - join
        run: {commit_every: 200ms, epoch: 1000 ticks}
        """;

    @Test
    void everyPanelSaysWhatItShowsInWhichUnit() {
        Set<String> uids = new HashSet<>();
        for (Dashboard dashboard : Dashboard.all()) {
            assertTrue(uids.add(dashboard.json().path("uid").asText()), dashboard.name());
            assertFalse(dashboard.json().path("description").asText().isEmpty(), dashboard.name());
            assertFalse(dashboard.panels().isEmpty());
            for (JsonNode panel : dashboard.panels()) {
                String where = dashboard.name() + ": " + panel.path("title").asText();
                assertFalse(panel.path("description").asText().isEmpty(), where);
                assertFalse(panel.at("/fieldConfig/defaults/unit").asText().isEmpty(), where);
                assertEquals("${datasource}", panel.at("/datasource/uid").asText(), where);
                JsonNode at = panel.path("gridPos");
                assertTrue(at.path("x").asInt() + at.path("w").asInt() <= 24, where);
            }
        }
        assertEquals(4, uids.size());
    }

    @Test
    void panelsDoNotCoverEachOther() {
        for (Dashboard dashboard : Dashboard.all()) {
            Map<String, String> cells = new HashMap<>();
            for (JsonNode panel : dashboard.json().path("panels")) {
                JsonNode at = panel.path("gridPos");
                for (int x = at.path("x").asInt(); x < at.path("x").asInt() + at.path("w").asInt(); x++) {
                    for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
                        String before = cells.put(x + "," + y, panel.path("title").asText());
                        assertEquals(null, before, dashboard.name() + ": " + panel.path("title").asText());
                    }
                }
            }
        }
    }

    @Test
    void everyAlertHasItsSectionInTheRunbook() throws IOException {
        String runbook = Files.readString(Dashboard.FOLDER.resolve("RUNBOOK.md"));
        Matcher alert = Pattern.compile("- alert: (\\w+)").matcher(Files.readString(PROMETHEUS.resolve("rules").resolve("alerts.yaml")));
        int count = 0;
        while (alert.find()) {
            assertTrue(runbook.contains("\n## " + alert.group(1) + "\n"), alert.group(1));
            count++;
        }
        assertTrue(count >= 9);
    }

    @Test
    void rulesAreRightAndAlarmWhenTheyShould() throws Exception {
        Optional<Path> promtool = Prometheus.program("promtool");
        assumeTrue(promtool.isPresent(), "not run: there is no promtool on the path (package prometheus)");
        String tool = promtool.get().toString();
        assertTrue(Prometheus.run(PROMETHEUS, tool, "check", "config", "prometheus.yml").startsWith("0\n"));
        assertEquals("0", Prometheus.run(PROMETHEUS, tool, "check", "rules", "rules/recording.yaml", "rules/alerts.yaml").substring(0, 1));
        String tests = Prometheus.run(PROMETHEUS, tool, "test", "rules", "tests/alerts.yaml");
        assertTrue(tests.startsWith("0\n"), tests);
    }

    @Test
    void everyQueryReturnsDataOfARealRun(@TempDir Path folder) throws Exception {
        Optional<Path> program = Prometheus.program("prometheus");
        assumeTrue(program.isPresent(), "not run: there is no prometheus on the path (package prometheus)");
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        try (Fleet fleet = Fleet.embedded(folder.resolve("data"));
                MetricsEndpoint endpoint = MetricsEndpoint.start(fleet.system(), "127.0.0.1", 0, fleet::scrape);
                Prometheus prometheus = Prometheus.start(program.get(), Files.createDirectory(folder.resolve("prometheus")), port,
                        List.of(endpoint.url().replaceAll("^http://|/metrics$", "")))) {
            fleet.experiments().submit(new Submission("watched", new ExperimentSource("watched.yaml", EXPERIMENT, 1L, Map.of(), null), null))
                    .toCompletableFuture().get(20, TimeUnit.SECONDS);
            List<Dashboard.Query> missing = new ArrayList<>();
            Dashboard.all().forEach(dashboard -> missing.addAll(dashboard.queries()));
            missing.add(new Dashboard.Query("recording rules", "{__name__=~\"experiment_class:foliofleet.*|instance:foliofleet.*\"}"));
            int queries = missing.size();
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
            while (!missing.isEmpty() && System.nanoTime() < patience) {
                List<Dashboard.Query> still = new ArrayList<>();
                for (Dashboard.Query query : missing) {
                    Optional<JsonNode> answer = prometheus.query(query.resolved());
                    assertTrue(answer.isEmpty() || answer.get().path("status").asText().equals("success"), () -> query + ": " + answer);
                    if (answer.isEmpty() || answer.get().at("/data/result").isEmpty()) {
                        still.add(query);
                    }
                }
                missing.clear();
                missing.addAll(still);
            }
            assertTrue(queries > 50, queries + " queries");
            assertEquals(List.of(), missing, "queries without data");
            fleet.experiments().cancel("watched", "seen").toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
