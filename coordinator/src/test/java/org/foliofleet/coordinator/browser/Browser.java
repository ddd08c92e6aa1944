package org.foliofleet.coordinator.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A browser with one page. What the page complains of is kept. */
public final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private String session;

    private Browser(Process process, String address) {
        this.process = process;
        socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(URI.create(address), new Listener()).join();
    }

    /** The browser of this machine, if there is one. */
    public static Optional<Path> installed() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).filter(folder -> !folder.isEmpty())
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome").map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst();
    }

    /** @param profile an empty folder */
    public static Browser start(Path program, Path profile, int width, int height) throws IOException {
        Process process = new ProcessBuilder(program.toString(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--remote-debugging-port=0", "--user-data-dir=" + profile, "--window-size=" + width + "," + height, "about:blank")
                .redirectErrorStream(true).start();
        BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                Thread drain = new Thread(() -> drain(said), "browser");
                drain.setDaemon(true);
                drain.start();
                Browser browser = new Browser(process, listening.group(1));
                browser.attach(width, height);
                return browser;
            }
        }
        process.destroyForcibly();
        throw new IOException("the browser does not listen");
    }

    /** Reads what the browser says until there is nothing more. */
    private static void drain(BufferedReader said) {
        try {
            String line = said.readLine();
            while (line != null) {
                line = said.readLine();
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    private void attach(int width, int height) {
        String target = ask("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
        session = ask("Target.attachToTarget", Map.of("targetId", target, "flatten", true)).path("sessionId").asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            ask(domain + ".enable", Map.of());
        }
        size(width, height);
    }

    /** Makes the window that large. */
    public void size(int width, int height) {
        ask("Emulation.setDeviceMetricsOverride", Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** What whoever looks prefers, {@code light} or {@code dark}, and on what, {@code screen} or {@code print}. */
    public void prefer(String scheme, String media) {
        ask("Emulation.setEmulatedMedia", Map.of("media", media, "features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    private JsonNode ask(String method, Map<String, Object> parameters) {
        ObjectNode message = JSON.createObjectNode();
        int number = numbers.incrementAndGet();
        message.put("id", number).put("method", method).set("params", JSON.valueToTree(parameters));
        if (session != null) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(number, answer);
        synchronized (this) {
            socket.sendText(message.toString(), true).join();
        }
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Goes to a page. */
    public void open(String url) {
        ask("Page.navigate", Map.of("url", url));
    }

    /** The value of an expression in the page; promises are awaited. */
    public JsonNode value(String expression) {
        JsonNode result = ask("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.at("/exceptionDetails/exception/description").asText());
        }
        return result.at("/result/value");
    }

    /** Waits in the page until an expression is true. */
    public void await(String expression) {
        JsonNode value = value("new Promise(done => { const look = () => (" + expression + ") ? done(true) : Date.now() > end ? done(false)"
                + " : requestAnimationFrame(look); const end = Date.now() + " + (PATIENCE_SECONDS - 5) * 1000 + "; look(); })");
        if (!value.asBoolean()) {
            throw new AssertionError("never true in the page: " + expression + "; it complained of " + complaints);
        }
    }

    /** Presses and lets go of a key. */
    public void key(String name) {
        ask("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", name, "code", name));
        ask("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", name, "code", name));
    }

    /** A picture of the page, as a PNG file. */
    public void screenshot(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, Base64.getDecoder().decode(ask("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", false)).path("data").asText()));
    }

    /** Errors and warnings of the page. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Addresses that the page asked for. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    private void heard(JsonNode message) {
        if (message.has("id")) {
            CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
            if (message.has("error")) {
                answer.completeExceptionally(new IllegalStateException(message.path("error").toString()));
            } else {
                answer.complete(message.path("result"));
            }
            return;
        }
        JsonNode about = message.path("params");
        switch (message.path("method").asText()) {
            case "Runtime.exceptionThrown" -> complaints.add(about.at("/exceptionDetails/exception/description").asText());
            case "Runtime.consoleAPICalled" -> {
                if (List.of("error", "warning").contains(about.path("type").asText())) {
                    complaints.add(about.path("args").toString());
                }
            }
            case "Log.entryAdded" -> complaints.add(about.at("/entry/text").asText() + " " + about.at("/entry/url").asText());
            case "Network.requestWillBeSent" -> requests.add(about.at("/request/url").asText());
            default -> { }
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly()).join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    heard(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    complaints.add(e.getMessage());
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }
}
