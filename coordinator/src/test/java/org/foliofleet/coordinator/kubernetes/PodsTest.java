package org.foliofleet.coordinator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.coordinator.embedded.LocalDatabase;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what deploy/ describes becomes a cluster that runs Experiments. Method: a Kubernetes API in this JVM, and JVMs with the
 * arguments and environment of the manifests, on loopback addresses of their own: a coordinator and two nodes find each other,
 * talk by TLS, and run two Experiments, of which one is paused and goes on. Meanwhile the set of nodes is scaled up by one, one is
 * killed, and one leaves as a pod does that is scaled away; both end as in one JVM.
 */
@Timeout(value = 480, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PodsTest {
    private static final Logger REQUESTS = Logger.getLogger("okhttp3.mockwebserver.MockWebServer");
    /** Exit status of a JVM that left in good order when it was told to. */
    private static final int SIGTERM = 143;
    private static final String FORKS = """
            version: 1
            name: forks
            tick: 1us
            machines:
              - name: host
                count: 4
                nodes: [{memory: 64MiB}]
                processes: [{name: p, program: main}]
            programs:
              main:
                - mmap: {name: heap, at: 0, size: 1MiB, prot: rw}
                - repeat:
                    times: TIMES
                    steps:
                      - write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}
                      - fork: {steps: [{write: {in: heap, at: uniform(0..1020KiB), size: 4KiB}}]}
                      - join
                      - wait: 40us
                - munmap: heap
            run: {epoch: 50 ticks, commit_every: epoch}
            """;

    private static final EmbeddedRun.Progress QUIET = new EmbeddedRun.Progress() {
        @Override
        public void machinesDone(long machines, long of) {
            // Nobody waits for it.
        }

        @Override
        public void machineAt(String machineClass, int ordinal, long nanos) {
            // The same.
        }
    };

    /** Says that its answers are JSON, as Kubernetes does. */
    private static final class Typed extends KubernetesCrudDispatcher {
        Typed() {
            super(List.of());
        }

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            MockResponse response = super.dispatch(request);
            return response.getWebSocketListener() == null ? response.setHeader("Content-Type", "application/json") : response;
        }
    }

    @TempDir
    private Path directory;

    private final List<Pod> pods = new ArrayList<>();
    private final MockWebServer web = new MockWebServer();
    private KubernetesMockServer server;
    private KubernetesClient client;
    private Certificates certificates;

    @BeforeEach
    void begin() throws Exception {
        REQUESTS.setLevel(Level.WARNING);
        server = new KubernetesMockServer(new Context(), web, new HashMap<>(),
                new Typed(), false);
        certificates = new Certificates(directory);
        web.useHttps(certificates.server("localhost").getSocketFactory(), false);
        server.init(InetAddress.getLoopbackAddress(), 0);
        server.expectCustomResource(new CustomResourceDefinitionContext.Builder().withGroup(ExperimentResource.GROUP).withVersion(ExperimentResource.VERSION)
                .withKind(ExperimentResource.KIND).withPlural(ExperimentResource.PLURAL).withScope("Namespaced").withStatusSubresource(true).build());
        client = new KubernetesClientBuilder().withConfig(new ConfigBuilder(Config.empty()).withMasterUrl("https://localhost:" + web.getPort())
                .withCaCertFile(certificates.authority().toString()).withNamespace("foliofleet").build()).build();
    }

    @AfterEach
    void end() {
        pods.forEach(Pod::close);
        client.close();
        server.destroy();
    }

    private String said() {
        return pods.stream().map(Pod::said).collect(Collectors.joining());
    }

    private GenericKubernetesResource await(String name, Predicate<GenericKubernetesResource> state) {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (true) {
            GenericKubernetesResource found = named(name);
            if (state.test(found)) {
                return found;
            }
            assertTrue(System.nanoTime() < patience, () -> Serialization.asYaml(found) + said());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private GenericKubernetesResource named(String name) {
        return client.genericKubernetesResources(ExperimentResource.context()).inNamespace("foliofleet").withName(name).get();
    }

    private static long epoch(GenericKubernetesResource resource) {
        return resource.get("status", "epoch") instanceof Number epoch ? epoch.longValue() : 0;
    }

    /** Waits until it has committed so many more. */
    private void awaitEpochs(String name, long more) {
        long before = epoch(named(name));
        await(name, found -> epoch(found) >= before + more);
    }

    private static boolean isIn(GenericKubernetesResource resource, String state) {
        return state.equals(resource.get("status", "state"));
    }

    private void create(String name, String file) {
        GenericKubernetesResource made = new GenericKubernetesResource();
        made.setApiVersion(ExperimentResource.GROUP + "/" + ExperimentResource.VERSION);
        made.setKind(ExperimentResource.KIND);
        made.setMetadata(new ObjectMetaBuilder().withName(name).build());
        made.setAdditionalProperty("spec", new HashMap<>(Map.of("file", file)));
        client.genericKubernetesResources(ExperimentResource.context()).inNamespace("foliofleet").resource(made).create();
    }

    private void pause(String name, boolean paused) {
        client.genericKubernetesResources(ExperimentResource.context()).inNamespace("foliofleet").withName(name).edit(found -> {
            Map<String, Object> spec = found.get("spec");
            spec.put("paused", paused);
            return found;
        });
    }

    private static int probe(String address, String path) throws InterruptedException {
        try {
            return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://" + address + ":8558" + path)).build(),
                    HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private void awaitReady() throws InterruptedException {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
        for (Pod pod : pods) {
            while (probe(pod.address(), "/ready") != 200) {
                if (System.nanoTime() > patience) {
                    fail(said());
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
            assertEquals(200, probe(pod.address(), "/alive"));
        }
    }

    @Test
    void podsBecomeAClusterThatRunsExperimentsWhileItsNodesComeAndGo() throws Exception {
        List<JsonNode> manifests = Manifests.of("overlays/production");
        JsonNode settings = Manifests.find(manifests, "ConfigMap", "foliofleet");
        Path account = Files.createDirectories(directory.resolve("account"));
        Files.copy(certificates.authority(), account.resolve("ca.crt"));
        Files.writeString(account.resolve("token"), "token-of-account");
        Files.writeString(account.resolve("namespace"), "foliofleet");
        Path tls = directory.resolve("tls");
        certificates.issue("foliofleet", tls);
        Files.writeString(directory.resolve("token"), "token-of-api-that-nobody-may-see");
        String net = "127." + ThreadLocalRandom.current().nextInt(1, 255) + "." + ThreadLocalRandom.current().nextInt(255) + ".";
        try (LocalDatabase database = LocalDatabase.in(directory.resolve("postgresql"))) {
            Map<String, String> instead = new HashMap<>(database.environment());
            String password = instead.remove("FOLIOFLEET_DATABASE_PASSWORD");
            Files.writeString(directory.resolve("password"), password);
            instead.putAll(Map.of("FOLIOFLEET_DATABASE_PASSWORD_FILE", directory.resolve("password").toString(), "FOLIOFLEET_TLS", tls.toString(),
                    "FOLIOFLEET_TOKEN_FILE", directory.resolve("token").toString(), "FOLIOFLEET_CONTACT_POINTS", "3",
                    "KUBERNETES_SERVICE_HOST", "localhost", "KUBERNETES_SERVICE_PORT", "" + web.getPort()));
            List<String> options = List.of("-Dakka.discovery.kubernetes-api.api-ca-path=" + account.resolve("ca.crt"),
                    "-Dakka.discovery.kubernetes-api.api-token-path=" + account.resolve("token"),
                    "-Dakka.discovery.kubernetes-api.pod-namespace-path=" + account.resolve("namespace"),
                    "-Dkubernetes.master=https://localhost:" + web.getPort(), "-Dkubernetes.certs.ca.file=" + account.resolve("ca.crt"),
                    "-Dkubernetes.auth.serviceAccount.token=" + account.resolve("token"), "-Dkubenamespace=" + account.resolve("namespace"),
                    "-Dkubernetes.namespace=foliofleet");
            JsonNode node = Manifests.find(manifests, "StatefulSet", "foliofleet-node");
            pods.add(Pod.start(client, "foliofleet-coordinator-a", net + 1, Manifests.find(manifests, "Deployment", "foliofleet-coordinator"), settings, instead, options));
            pods.add(Pod.start(client, "foliofleet-node-0", net + 2, node, settings, instead, options));
            pods.add(Pod.start(client, "foliofleet-node-1", net + 3, node, settings, instead, options));
            awaitReady();

            Map<String, String> files = Map.of("whole", FORKS.replace("TIMES", "900"), "broken", FORKS.replace("TIMES", "150"));
            files.forEach(this::create);
            awaitEpochs("broken", 1);
            pause("broken", true);
            await("broken", found -> isIn(found, "paused"));
            certificates.issue("foliofleet", tls);
            pods.add(Pod.start(client, "foliofleet-node-2", net + 4, node, settings, instead, options));
            awaitReady();
            pods.get(2).kill();
            pause("broken", false);
            awaitEpochs("broken", 1);
            awaitEpochs("whole", 1);
            assertTrue(isIn(named("whole"), "running"), "it runs while a node leaves");
            assertEquals(SIGTERM, pods.get(1).leave(), this::said);
            files.forEach((name, file) -> {
                GenericKubernetesResource done = await(name, found -> isIn(found, "completed"));
                assertEquals(EmbeddedRun.inThisJvm().run(new ExperimentSource(name, file, null, Map.of(), null).load(), 1, QUIET).digest(),
                        done.get("status", "digest"), name);
                assertEquals("4", done.get("status", "machines", "ended").toString());
            });

            for (String secret : List.of(password, "token-of-account", "token-of-api-that-nobody-may-see", "PRIVATE KEY")) {
                assertFalse(said().contains(secret), "secrets are not told");
            }
        }
    }
}
