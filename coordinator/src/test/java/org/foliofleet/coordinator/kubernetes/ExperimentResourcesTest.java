package org.foliofleet.coordinator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ListedExperiments;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Goal: an Experiment is what its resource says. Method: a Kubernetes API in this JVM, and experiments that obey and do nothing. */
@EnableKubernetesMockClient(crud = true, https = false)
class ExperimentResourcesTest {
    /** Tells every request, unless it is told not to; held, because levels of loggers that nobody holds are forgotten. */
    private static final Logger REQUESTS = Logger.getLogger("okhttp3.mockwebserver.MockWebServer");

    private KubernetesMockServer server;
    private KubernetesClient client;
    private final ListedExperiments experiments = new ListedExperiments();
    private ResourceLoop loop;

    @BeforeEach
    void begin() {
        REQUESTS.setLevel(Level.WARNING);
        server.expectCustomResource(new CustomResourceDefinitionContext.Builder().withGroup(ExperimentResource.GROUP).withVersion(ExperimentResource.VERSION)
                .withKind(ExperimentResource.KIND).withPlural(ExperimentResource.PLURAL).withScope("Namespaced").withStatusSubresource(true).build());
        loop = new ResourceLoop(server::createClient, experiments, Duration.ofMillis(50));
    }

    @AfterEach
    void end() {
        loop.close();
    }

    private Resource<GenericKubernetesResource> named(String name) {
        return client.genericKubernetesResources(ExperimentResource.context()).inNamespace(client.getNamespace()).withName(name);
    }

    private void create(String name, String spec) {
        client.genericKubernetesResources(ExperimentResource.context()).inNamespace(client.getNamespace()).resource(Serialization.unmarshal("""
                apiVersion: foliofleet.org/v1alpha1
                kind: Experiment
                metadata: {name: %s}
                spec: %s
                """.formatted(name, spec), GenericKubernetesResource.class)).create();
    }

    private void edit(String name, String field, Object value) {
        named(name).edit(found -> {
            Map<String, Object> spec = found.get("spec");
            spec.put(field, value);
            return found;
        });
    }

    private GenericKubernetesResource await(String name, Predicate<GenericKubernetesResource> state) {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            GenericKubernetesResource found = named(name).get();
            if (state.test(found)) {
                return found;
            }
            assertTrue(System.nanoTime() < patience, () -> name + " is " + Serialization.asYaml(found));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private GenericKubernetesResource awaitState(String name, String state) {
        return await(name, found -> found != null && state.equals(found.get("status", "state")));
    }

    private ExperimentPhase phase(GenericKubernetesResource resource) {
        return experiments.get(resource.get("status", "experiment").toString()).toCompletableFuture().join().phase();
    }

    @Test
    void itIsSubmittedPausedResumedAndWithItsDeletionCancelled() {
        create("forks", "{bundled: fork-cow-storm, seed: 3}");
        GenericKubernetesResource running = awaitState("forks", "running");
        assertEquals("3", running.get("status", "epoch").toString());
        assertEquals("nothing", running.get("status", "message"));
        assertEquals("1", running.get("status", "machines", "all").toString());
        edit("forks", "paused", true);
        assertEquals(ExperimentPhase.PAUSED, phase(awaitState("forks", "paused")));
        edit("forks", "paused", false);
        assertEquals(ExperimentPhase.RUNNING, phase(awaitState("forks", "running")));
        named("forks").delete();
        await("forks", Objects::isNull);
        assertEquals(ExperimentPhase.CANCELLED, phase(running));
        create("forks", "{bundled: fork-cow-storm, seed: 3}");
        GenericKubernetesResource another = awaitState("forks", "running");
        assertTrue(!another.get("status", "experiment").equals(running.get("status", "experiment")), "of the same name, and another");
    }

    @Test
    void whatSomebodyElsePausedIsLeftAlone() {
        create("forks", "{bundled: fork-cow-storm, seed: 3}");
        String id = awaitState("forks", "running").get("status", "experiment");
        experiments.pause(id, "lunch");
        assertEquals("lunch; nothing", awaitState("forks", "paused").get("status", "message"));
        create("other", "{bundled: fork-cow-storm, seed: 4}");
        awaitState("other", "running");
        assertEquals(ExperimentPhase.PAUSED, phase(named("forks").get()));
    }

    @Test
    void whatCannotBeRunIsSaidInItsStatusUntilItIsMended() {
        create("wrong", "{seed: 3, experiment: {version: 1, name: w, machines: [{name: m, nodes: [{memory: 64MB}], processes: [{name: p, program: none}]}]}}");
        String message = awaitState("wrong", "refused").get("status", "message");
        assertTrue(message.contains("did you mean 64MiB?") && message.contains("unknown program 'none'"), message);
        create("neither", "{seed: 3}");
        assertEquals("write one of spec.experiment, as in a file, spec.file, the text of one, and spec.bundled, the name of a bundled one",
                awaitState("neither", "refused").get("status", "message"));
        create("path", "{bundled: ../../etc/passwd}");
        assertTrue(awaitState("path", "refused").get("status", "message").toString().startsWith("spec.bundled '../../etc/passwd' is no name"));
        edit("neither", "bundled", "pin-half-unmap");
        awaitState("neither", "running");
        edit("neither", "bundled", "fork-cow-storm");
        await("neither", found -> String.valueOf(found.<Object>get("status", "message")).startsWith("what is run was changed after it was submitted"));
    }
}
