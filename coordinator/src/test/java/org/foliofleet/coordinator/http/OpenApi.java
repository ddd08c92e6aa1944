package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The description of the API, and whether answers are as it says. */
final class OpenApi {
    private static final String PROBLEM = "application/problem+json";

    private static final String HERE = "#/components/schemas/";

    private final JsonNode description;
    private final JsonNode definitions;
    private final JsonSchemaFactory schemas = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    private final Set<String> exercised = new TreeSet<>();

    OpenApi(String yaml) throws Exception {
        description = Json.MAPPER.readTree(Json.write(new Load(LoadSettings.builder().build()).loadFromString(yaml)));
        definitions = Json.MAPPER.readTree(description.at("/components/schemas").toString().replace(HERE, "#/$defs/"));
    }

    /** {@code METHOD PATH} of all that is described. */
    Set<String> operations() {
        Set<String> all = new TreeSet<>();
        description.get("paths").fields().forEachRemaining(path -> path.getValue().fieldNames().forEachRemaining(method -> all.add(method + " " + path.getKey())));
        return all;
    }

    /** Those of which an answer was checked that was no problem. */
    Set<String> exercised() {
        return exercised;
    }

    /** The answer to a request is one that is described; to one that is not described, it is a problem. */
    void check(String method, String target, int status, String contentType, String body) throws Exception {
        String what = method + " " + target + ": " + status + " " + contentType + " " + body;
        String mediaType = contentType.replaceFirst(";.*", "");
        String path = target.replaceFirst("\\?.*", "");
        String template = template(path);
        JsonNode operation = template == null ? null : description.get("paths").get(template).get(method.toLowerCase(Locale.ROOT));
        if (operation == null) {
            assertTrue(status == 404 || status == 405 || status == 401 || status == 400 || status == 403, what);
            assertEquals(PROBLEM, mediaType, what);
            validate(description.at("/components/schemas/Problem"), body, what);
            return;
        }
        JsonNode response = resolved(operation.get("responses").get(Integer.toString(status)));
        assertNotNull(response, "not described: " + what);
        JsonNode content = response.get("content").get(mediaType);
        assertNotNull(content, "of a kind that is not described: " + what);
        if (mediaType.endsWith("json")) {
            validate(content.get("schema"), body, what);
        } else {
            assertEquals(TextNode.valueOf("string"), content.get("schema").get("type"), what);
        }
        if (status < 300) {
            exercised.add(method.toLowerCase(Locale.ROOT) + " " + template);
        }
    }

    /** A request is as described. */
    void checkRequest(String method, String template, String json) throws Exception {
        validate(description.get("paths").get(template).get(method).at("/requestBody/content/application~1json/schema"), json, method + " " + template);
    }

    private JsonNode resolved(JsonNode node) {
        return node != null && node.has("$ref") ? description.at(node.get("$ref").textValue().substring(1)) : node;
    }

    private String template(String path) {
        String found = null;
        for (Iterator<String> names = description.get("paths").fieldNames(); names.hasNext();) {
            String template = names.next();
            if (path.matches(template.replace("{id}", "[a-z][a-z0-9-]{0,62}").replace(".", "\\."))) {
                found = template;
            }
        }
        return found;
    }

    private void validate(JsonNode schema, String body, String what) throws Exception {
        ObjectNode whole = Json.MAPPER.createObjectNode();
        whole.set("$defs", definitions);
        whole.putArray("allOf").add(Json.MAPPER.readTree(schema.toString().replace(HERE, "#/$defs/")));
        Set<ValidationMessage> wrong = schemas.getSchema(whole).validate(Json.MAPPER.readTree(body));
        assertTrue(wrong.isEmpty(), () -> wrong + " in " + what);
    }
}
