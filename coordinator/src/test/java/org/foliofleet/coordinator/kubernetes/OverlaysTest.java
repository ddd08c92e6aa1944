package org.foliofleet.coordinator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: Kubernetes takes what deploy/ gives it. Method: kubectl makes every overlay, and the fabric8 model reads it without mercy. */
class OverlaysTest {
    /** Kinds of operators, which the model does not hold. */
    private static final Set<String> OF_OPERATORS = Set.of("PodMonitor", "PrometheusRule", "Cluster", "Certificate", "Issuer");

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/try", "overlays/production", "overlays/production-cloudnative-pg", "job"})
    void everyOverlayIsReadWithoutAnUnknownField(String overlay) throws Exception {
        List<JsonNode> resources = Manifests.of(overlay);
        assertTrue(resources.size() > 1 || overlay.equals("job"), overlay);
        for (JsonNode resource : resources) {
            String name = resource.path("kind").asText() + " " + resource.path("metadata").path("name").asText();
            if (Manifests.model(resource) == GenericKubernetesResource.class) {
                assertTrue(OF_OPERATORS.contains(resource.path("kind").asText()), name);
            } else {
                assertDoesNotThrow(() -> Manifests.strictly(resource), name);
            }
            JsonNode pod = resource.at("/spec/template/spec");
            if (!pod.isMissingNode()) {
                requireHarmless(name, pod);
            }
        }
    }

    /** As the namespace demands of all pods, and a bit more. */
    private static void requireHarmless(String name, JsonNode pod) {
        assertTrue(pod.at("/securityContext/runAsNonRoot").asBoolean(), name);
        assertEquals("RuntimeDefault", pod.at("/securityContext/seccompProfile/type").asText(), name);
        List<JsonNode> containers = new ArrayList<>();
        pod.path("containers").forEach(containers::add);
        pod.path("initContainers").forEach(containers::add);
        for (JsonNode container : containers) {
            assertTrue(container.at("/securityContext/readOnlyRootFilesystem").asBoolean(), name);
            assertEquals("false", container.at("/securityContext/allowPrivilegeEscalation").asText(), name);
            assertEquals("ALL", container.at("/securityContext/capabilities/drop/0").asText(), name);
            assertFalse(container.at("/resources/limits/memory").isMissingNode(), name);
            Set<String> volumes = new TreeSet<>();
            pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
            container.path("volumeMounts").forEach(mount -> assertTrue(volumes.contains(mount.path("name").asText())
                    || mount.path("name").asText().equals("data"), name + ": " + mount));
            container.path("env").forEach(variable -> assertFalse(variable.toString().contains("secretKeyRef"), name + ": secrets are files"));
        }
    }

    @Test
    void aFieldThatTheModelDoesNotKnowIsFound() throws Exception {
        JsonNode node = Manifests.find(Manifests.of("base"), "StatefulSet", "foliofleet-node");
        ((ObjectNode) node.at("/spec/template/spec/containers/0")).put("memroy", "1Gi");
        assertThrows(UnrecognizedPropertyException.class, () -> Manifests.strictly(node));
    }

    @Test
    void productionSecuresItsMembersAndIsWatched() throws Exception {
        List<JsonNode> resources = Manifests.of("overlays/production-cloudnative-pg");
        assertEquals("/run/secrets/foliofleet/tls", Manifests.find(resources, "ConfigMap", "foliofleet").at("/data/FOLIOFLEET_TLS").asText());
        for (String kind : List.of("StatefulSet/foliofleet-node", "Deployment/foliofleet-coordinator")) {
            JsonNode pod = Manifests.find(resources, kind.split("/")[0], kind.split("/")[1]).at("/spec/template/spec");
            assertTrue(pod.path("volumes").toString().contains("foliofleet-tls"), kind);
            assertTrue(pod.path("volumes").toString().contains("foliofleet-postgresql-app"), kind);
            assertTrue(pod.at("/containers/0/volumeMounts").toString().contains("/run/secrets/foliofleet/tls"), kind);
        }
        JsonNode dashboards = Manifests.find(resources, "ConfigMap", "foliofleet-dashboards");
        Set<String> files = new TreeSet<>();
        try (Stream<Path> all = Files.list(Path.of("..", "grafana", "dashboards"))) {
            all.forEach(file -> files.add(file.getFileName().toString()));
        }
        Set<String> packed = new TreeSet<>();
        dashboards.path("data").fieldNames().forEachRemaining(packed::add);
        assertEquals(files, packed, "grafana/kustomization.yaml names all dashboards");
    }

    @Test
    void rulesForTheOperatorAreThoseThatAreTested() throws IOException {
        List<JsonNode> groups = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("..", "grafana", "prometheus", "rules"))) {
            for (Path file : files.sorted().toList()) {
                Manifests.yaml(Files.readString(file)).path("groups").forEach(groups::add);
            }
        }
        List<JsonNode> given = new ArrayList<>();
        Manifests.yaml(Files.readString(Manifests.DEPLOY.resolve("components/monitoring/prometheus-rule.yaml"))).at("/spec/groups").forEach(given::add);
        assertEquals(groups, given, "run deploy/rules.sh");
    }
}
