package org.foliofleet.node.conformance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.BadInput;

/**
 * A JSON value that remembers its line. Kept apart from data binding, because every complaint about a recording names
 * the line.
 *
 * @param value a {@code Long}, {@code String}, {@code List<LocatedJson>} or {@code Map<String, LocatedJson>}, or null for
 *              what recordings never hold: fractions, true, false, null
 */
record LocatedJson(Object value, int line) {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    /** Reads a whole text; what is not one JSON value is {@link BadInput}. */
    static LocatedJson read(String file, String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new BadInput(file + ": is empty; give a recording in JSON");
            }
            LocatedJson root = value(parser);
            if (parser.nextToken() != null) {
                throw new BadInput(file + ":" + line(parser) + ": goes on after the end of the recording; keep one "
                        + "recording in a file");
            }
            return root;
        } catch (JsonProcessingException e) {
            String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw new BadInput(file + line + ": is not JSON, or is cut off: " + e.getOriginalMessage().lines().findFirst()
                    .orElse("") + "; record it again or restore the file");
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be read: " + e.getMessage());
        }
    }

    private static LocatedJson value(JsonParser parser) throws IOException {
        int line = line(parser);
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> {
                Map<String, LocatedJson> fields = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    fields.put(name, value(parser));
                }
                yield new LocatedJson(fields, line);
            }
            case START_ARRAY -> {
                List<LocatedJson> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(parser));
                }
                yield new LocatedJson(elements, line);
            }
            case VALUE_STRING -> new LocatedJson(parser.getText(), line);
            case VALUE_NUMBER_INT -> new LocatedJson(
                    parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? null : parser.getLongValue(), line);
            default -> new LocatedJson(null, line);
        };
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }
}
