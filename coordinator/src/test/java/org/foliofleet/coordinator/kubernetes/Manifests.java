package org.foliofleet.coordinator.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** What deploy/ gives to Kubernetes. */
final class Manifests {
    static final Path DEPLOY = Path.of("..", "deploy");
    private static final YAMLMapper YAML = new YAMLMapper(new YAMLFactory());
    /** Knows no fields but those of the model, which by itself keeps all others aside. */
    private static final ObjectMapper STRICT = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            }).build();
    private static final KubernetesSerialization MODEL = new KubernetesSerialization();

    private Manifests() {}

    /** All resources of a directory in deploy/, as kubectl kustomize makes them. */
    static List<JsonNode> of(String directory) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("kubectl", "kustomize", DEPLOY.resolve(directory).toString()).redirectErrorStream(true).start();
        } catch (IOException e) {
            Assumptions.abort("overlays were not checked: kubectl, which makes them, is not on this machine (" + e.getMessage() + ")");
            throw e;
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("kubectl kustomize " + directory + ": " + text);
        }
        return documents(text);
    }

    static List<JsonNode> documents(String text) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        YAML.readerFor(JsonNode.class).<JsonNode>readValues(text).forEachRemaining(documents::add);
        return documents;
    }

    static JsonNode yaml(String text) {
        try {
            return YAML.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The class of the fabric8 model, or that of resources that it does not know. */
    static Class<?> model(JsonNode resource) {
        return MODEL.<Object>unmarshal(resource.toString()).getClass();
    }

    /** @throws JsonProcessingException if it has a field that the model does not know */
    static Object strictly(JsonNode resource) throws JsonProcessingException {
        return STRICT.treeToValue(resource, model(resource));
    }

    static JsonNode find(List<JsonNode> resources, String kind, String name) {
        return resources.stream().filter(each -> each.path("kind").asText().equals(kind) && each.path("metadata").path("name").asText().startsWith(name))
                .findFirst().orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }
}
