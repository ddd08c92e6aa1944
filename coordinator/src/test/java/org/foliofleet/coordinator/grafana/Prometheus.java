package org.foliofleet.coordinator.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Prometheus of this machine, for one test. */
final class Prometheus implements AutoCloseable {
    private final Process process;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private Prometheus(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** A program that is installed here, if it is. */
    static Optional<Path> program(String name) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** What a program says when it is run to its end. */
    static String run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + "\n" + said;
    }

    /**
     * Scrapes these every second.
     *
     * @param targets {@code HOST:PORT} of each
     */
    static Prometheus start(Path program, Path folder, int port, List<String> targets) throws IOException {
        Path rules = Dashboard.FOLDER.resolve("prometheus").resolve("rules").toAbsolutePath().normalize();
        Path config = Files.writeString(folder.resolve("prometheus.yml"), "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: ['"
                + rules + "/*.yaml']\nscrape_configs: [{job_name: foliofleet, static_configs: [{targets: " + targets + "}]}]\n");
        List<String> command = new ArrayList<>(List.of(program.toString(), "--config.file=" + config, "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port, "--log.level=error"));
        return new Prometheus(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start(), port);
    }

    /** The answer to a query, at this moment; empty while the server is not up. */
    Optional<JsonNode> query(String expression) throws IOException, InterruptedException {
        try {
            HttpResponse<String> response = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                    + URLEncoder.encode(expression, StandardCharsets.UTF_8))).build(), HttpResponse.BodyHandlers.ofString());
            return Optional.of(new ObjectMapper().readTree(response.body()));
        } catch (ConnectException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly()).join();
    }
}
