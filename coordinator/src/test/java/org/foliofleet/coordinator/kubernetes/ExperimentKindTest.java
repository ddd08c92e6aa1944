package org.foliofleet.coordinator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: any experiment file is an Experiment, and fields that are none are refused. Method: the schema of the resource is read as
 * the API server reads it, on all bundled experiments, whole and with a mistake.
 */
class ExperimentKindTest {
    private static final Path BUNDLED = Path.of("..", "protocol", "src", "main", "resources", "experiments");

    static Stream<Path> bundled() throws IOException {
        try (Stream<Path> files = Files.list(BUNDLED)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    private static JsonNode schema() {
        try {
            return Manifests.yaml(Files.readString(Manifests.DEPLOY.resolve("base/experiment-crd.yaml"))).at("/spec/versions/0/schema/openAPIV3Schema");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode resource(JsonNode experiment) {
        ObjectNode resource = (ObjectNode) Manifests.yaml("{apiVersion: foliofleet.org/v1alpha1, kind: Experiment, metadata: {name: a, namespace: b}}");
        resource.putObject("spec").set("experiment", experiment);
        return resource;
    }

    /** What the API server has against it; structural schemas have no more than this. */
    private static List<String> against(JsonNode schema, JsonNode value, String where) {
        List<String> found = new ArrayList<>();
        if (!schema.has("type") && schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            return found;
        }
        JsonNode properties = schema.path("properties");
        if (value.isObject() && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            value.fields().forEachRemaining(field -> {
                JsonNode inner = properties.has(field.getKey()) ? properties.get(field.getKey()) : schema.path("additionalProperties");
                if (inner.isMissingNode() && !where.equals(".metadata")) {
                    found.add(where + "." + field.getKey() + ": unknown field");
                } else if (!inner.isMissingNode()) {
                    found.addAll(against(inner, field.getValue(), where + "." + field.getKey()));
                }
            });
        }
        schema.path("required").forEach(name -> {
            if (!value.has(name.asText())) {
                found.add(where + "." + name.asText() + ": required");
            }
        });
        if (value.isArray()) {
            value.forEach(each -> found.addAll(against(schema.path("items"), each, where + "[]")));
        }
        String type = schema.path("type").asText();
        boolean right = switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        };
        if (!right) {
            found.add(where + ": not of type " + type);
        }
        return found;
    }

    /** As the API server gives it back: names in order. */
    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode other = object.objectNode();
            TreeSet<String> names = new TreeSet<>();
            object.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> other.set(name, sorted(object.get(name))));
            return other;
        } else if (node instanceof ArrayNode array) {
            ArrayNode other = array.arrayNode();
            array.forEach(each -> other.add(sorted(each)));
            return other;
        }
        return node;
    }

    @ParameterizedTest
    @MethodSource("bundled")
    void everyBundledExperimentIsAResourceAndCanBeRead(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        JsonNode experiment = Manifests.yaml(text);
        assertEquals(List.of(), against(schema(), resource(experiment), ""), file + ": keys that experiment-crd.yaml does not know");
        ExperimentSpec wanted = new ExperimentSource("file", text, null, Map.of(), null).load();
        String ordered = Serialization.asYaml(Serialization.unmarshal(sorted(experiment).toString(), Map.class));
        ExperimentSpec read = new ExperimentSource("resource", ordered, null, Map.of(), null).load();
        assertEquals(wanted.machines().size(), read.machines().size(), ordered);
        assertEquals(wanted.stop(), read.stop(), ordered);
    }

    @Test
    void unknownFieldsAreRefusedAtEveryLevel() throws IOException {
        JsonNode experiment = Manifests.yaml(Files.readString(BUNDLED.resolve("fork-cow-storm.yaml")));
        ((ObjectNode) experiment).put("machnes", 1);
        ((ObjectNode) experiment.at("/machines/0")).put("cuont", 1);
        ((ObjectNode) experiment.at("/machines/0/nodes/0")).put("memroy", "1GiB");
        ((ObjectNode) experiment.at("/machines/0/processes/0")).put("porgram", "a");
        ((ObjectNode) experiment.at("/stop")).put("whne", "idle");
        ObjectNode resource = resource(experiment);
        ((ObjectNode) resource.path("spec")).put("pause", true);
        assertEquals(List.of(".spec.experiment.machines[].nodes[].memroy: unknown field", ".spec.experiment.machines[].processes[].porgram: unknown field",
                ".spec.experiment.machines[].cuont: unknown field", ".spec.experiment.stop.whne: unknown field", ".spec.experiment.machnes: unknown field",
                ".spec.pause: unknown field").stream().sorted().toList(), against(schema(), resource, "").stream().sorted().toList());
    }
}
