package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How bodies are written and read: records by their components, enums in lower case, nothing unknown. */
final class Json {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .addModule(new SimpleModule().addSerializer(new LowerCase()))
            .build();

    private Json() {}

    @SuppressWarnings("rawtypes")
    private static final class LowerCase extends StdSerializer<Enum> {
        LowerCase() {
            super(Enum.class);
        }

        @Override
        public void serialize(Enum value, JsonGenerator out, SerializerProvider provider) throws IOException {
            out.writeString(value.name().toLowerCase(Locale.ROOT));
        }
    }

    /**
     * A body that somebody sent; an empty one is an object without fields.
     *
     * @throws Unreadable if it is none of that type
     */
    static <T> T read(byte[] body, Class<T> type) {
        T value;
        try {
            String text = utf8(body);
            value = MAPPER.readValue(text.isBlank() ? "{}" : text, type);
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ": ";
            throw new Unreadable("the body cannot be read: " + place + e.getOriginalMessage().replaceAll("\\s*\\R\\s*", " ")
                    .replaceAll("\\s*[(`]?(class )?(org\\.foliofleet|java|com\\.fasterxml)[.$][^)`]*[)`]?(, not marked as ignorable)?", ""));
        }
        if (value == null) {
            throw new Unreadable("the body is null; send an object");
        }
        return value;
    }

    /** @throws Unreadable if the bytes are no UTF-8 */
    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new Unreadable("the body cannot be read: it is not UTF-8");
        }
    }

    /** What was sent is not what it should be. */
    static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient StatusCode status;

        Unreadable(String message) {
            this(StatusCodes.BAD_REQUEST, message);
        }

        Unreadable(StatusCode status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        Problem problem() {
            return Problem.of(status, getMessage());
        }
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record can be written", e);
        }
    }
}
