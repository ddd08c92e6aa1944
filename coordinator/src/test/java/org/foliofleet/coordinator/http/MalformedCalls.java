package org.foliofleet.coordinator.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Requests that nobody should send, drawn at random. Some of them are commands to the experiment {@code fuzzed-1}, which must not reach it. */
final class MalformedCalls {
    private static final String LIST = "/api/v1/experiments";
    private static final String[] METHODS = {"GET", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "FOO", "get", "P\u00d6ST",
        "", "X".repeat(200)};
    private static final String[] TAILS = {"", "/", "/pause", "/resume", "/cancel", "/branch", "/result", "/result?format=", "/report", "/report?format=%ff", "/result?format=%00", "/fleet",
        "/series?format=csv&class=..%2f", "/series?class=%ff%fe", "/failures", "/folios?limit=-1", "/folios?limit=99999999999999999999", "/folios?machine=../../x",
        "/folios?machine=host%2f-1", "/deferred?limit=%", "/deferred?machine=" + "x".repeat(500), "/nothing", "//", "/../..", "/events/x", "/pause/pause"};
    private static final String[] IDS = {"fuzzed-1", "nobody", "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "a%00b", "A", "-", "%ff", "\u00e4", "a".repeat(70), "a".repeat(3000),
        "x%0d%0aSet-Cookie:%20a=b", "'; drop table event_journal; --".replace(" ", "%20"), "${jndi:ldap://127.0.0.1/a}", "a|b", "%", "%zz", "a;b=c", "*"};
    private static final String[] PATHS = {"/", "*", "//", "/..", "/../../../etc/passwd", "/web/../Json.class", "/vendor/../app.js", "/%2e%2e/app.js", "/vendor/", "/.git/config",
        "/api", "/api/v1", "/api/v2/experiments", "/api/v1/validate", "/api/v1/openapi.yaml/..", "http://elsewhere.example/", "/api/v1/experiments?" + "a=b&".repeat(600),
        "/META-INF/MANIFEST.MF", "/app.js%00.html", "\\..\\..", "", "/\u0000", "/api/v1/experiments/" + "a/".repeat(300), "/api/v1/compare", "/api/v1/compare",
        "/api/v1/compare/fuzzed-1/cancel", "/api/v1/compare/%00/result?format=%ff", "/api/v1/compare/../report"};
    private static final String[] HEADERS = {"Content-Length: -1", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 99999999999", "Content-Length: 30000000",
        "Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3", "Transfer-Encoding: gzip", "Expect: 100-continue", "Expect: nothing",
        "Content-Type: application/json; charset=utf-7", "Content-Type: a/b/c", "Content-Type: application/x-www-form-urlencoded", "Content-Type: multipart/form-data",
        "Authorization: Bearer", "Authorization: Bearer \u0001", "Authorization: Basic Og==", "Authorization: " + "x".repeat(5000), "no colon here", ": empty", "X: " + "y".repeat(9000),
        "Host: elsewhere.example", "Host: a b", "Origin: null", "Origin: http://elsewhere.example", "Accept: image/png", "Accept: \u0000", "Accept-Encoding: br;q=x",
        "Upgrade: websocket\r\nConnection: Upgrade", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA", "Range: bytes=0-999999999999",
        "If-None-Match: *", "Cookie: " + "a=b; ".repeat(500), "X-Forwarded-For: 127.0.0.1", "X-HTTP-Method-Override: DELETE", "Content-Encoding: gzip", "\tfolded: line", "Forwarded: for=x"};
    private static final String[] DOCUMENTS = {"{\"text\":\"version: 1\\nname: x\\nmachines: []\\n\",\"seed\":1}", "{\"reason\":\"because\"}",
        "{\"run\":{\"hosting\":\"owner\",\"lanes\":-1,\"epochTicks\":0,\"commitMillis\":-5,\"branchEvery\":1,\"history\":1}}", "{\"epoch\":1e400,\"switches\":{\"a\":null},\"id\":\"../x\"}",
        "{\"epoch\":\"ten\"}", "{\"text\":{\"a\":[]},\"id\":17}", "{\"seed\":99999999999999999999999}", "[]", "null", "0", "\"text\"", "{\"a\":".repeat(2000), "[".repeat(20_000),
        "{\"text\":\"" + "a: [".repeat(3000) + "\"}", "{\"text\":\"a: &a [*a, *a]\"}", "{\"text\":\"" + "&a ".repeat(100) + "\"}", "{\"id\":\"" + "x".repeat(100_000) + "\"}",
        "{\"text\":\"!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]\"}", "{\"text\":\"version: 1\",\"text\":\"version: 2\"}", "{\"file\":\"../../etc/passwd\",\"text\":\"\u0000\"}",
        "{\"text\":\"version: 1\\nname: x\\ntick: 999999999999999999999s\\nmachines: [{name: a, count: -1}]\"}", "{\"@class\":\"java.lang.Runtime\"}",
        "{\"text\":\"version: 1\",\"kernel\":{\"thp\":[\"always\",null]},\"switches\":{\"=\":[\",\"]},\"seeds\":-1,\"metrics\":[\"{{{\"]}", "%YAML 9.9\n--- !!set {a, b}", "\ufeff{}",
        "version: 1\nname: x\nmachines:\n  - {name: m, count: 999999999999, nodes: [{memory: 999EiB}], processes: []}\nprograms: {p: [{repeat: {times: -1, steps: []}}]}\n"};

    private final Random random;

    MalformedCalls(Random random) {
        this.random = random;
    }

    /**
     * One of them.
     *
     * @param bytes as they are sent
     */
    record Call(String method, String target, byte[] body, byte[] bytes) {
        @Override
        public String toString() {
            String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("\r\n", "\\n ");
            return text.length() > 600 ? text.substring(0, 600) + "…" : text;
        }
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }

    Call next() {
        String method = one(METHODS);
        String target = random.nextInt(4) == 0 ? one(PATHS) : random.nextInt(4) == 0 ? LIST : LIST + "/" + one(IDS) + one(TAILS);
        byte[] body = body();
        StringBuilder head = new StringBuilder(method).append(' ').append(target).append(' ').append(random.nextInt(15) == 0
                ? one(new String[] {"HTTP/0.9", "HTTP/3.0", "HTTP/1.1 x", "", "HTTPS/1.1", "HTTP/1.0"}) : "HTTP/1.1").append("\r\n");
        head.append(random.nextInt(20) == 0 ? "" : "Host: localhost\r\n");
        boolean usual = random.nextBoolean();
        if (usual) {
            head.append("Content-Type: ").append(one(new String[] {"application/json", "application/json", "application/yaml", "text/plain"})).append("\r\n");
            head.append("Content-Length: ").append(random.nextInt(8) == 0 ? body.length + random.nextInt(50) : body.length).append("\r\n");
        }
        for (int i = random.nextInt(usual ? 2 : 4); i > 0; i--) {
            head.append(one(HEADERS)).append("\r\n");
        }
        head.append(random.nextInt(40) == 0 ? "" : "\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[start.length + body.length];
        System.arraycopy(start, 0, bytes, 0, start.length);
        System.arraycopy(body, 0, bytes, start.length, body.length);
        return new Call(method, target, body, random.nextInt(20) == 0 ? cut(bytes) : random.nextInt(20) == 0 ? spoilt(bytes) : bytes);
    }

    private byte[] body() {
        byte[] document = one(DOCUMENTS).getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(5)) {
            case 0 -> document = cut(document);
            case 1 -> document = spoilt(document);
            default -> { }
        }
        return document;
    }

    private byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }

    private byte[] spoilt(byte[] bytes) {
        byte[] other = bytes.clone();
        for (int i = 1 + random.nextInt(4); i > 0 && other.length > 0; i--) {
            other[random.nextInt(other.length)] = (byte) random.nextInt(256);
        }
        return other;
    }
}
