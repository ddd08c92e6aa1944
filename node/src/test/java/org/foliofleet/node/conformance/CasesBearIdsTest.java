package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Goal: no case of MM-SEMANTICS goes without a test. Method: the list of their ids against what test sources bear. */
class CasesBearIdsTest {
    private static final Path SOURCES = Path.of("src", "test", "java");

    @Test
    void everyCaseIsBorneByATest() throws IOException {
        List<String> cases = Files.readAllLines(Path.of("src", "test", "resources", "conformance", "cases.txt"));
        String tests = tests();

        List<String> missing = cases.stream().filter(id -> !bears(id).matcher(tests).find()).toList();

        assertEquals(List.of(), missing, "cases that no test names");
        assertEquals(113, cases.size());
    }

    /** The id in a display name or comment ({@code C6.c}), or in a name of a method ({@code c6c}, {@code AndC6cHalves}). */
    private static Pattern bears(String id) {
        String number = id.substring(1, id.indexOf('.'));
        String letters = id.substring(id.indexOf('.') + 1);
        return Pattern.compile("\\bC" + number + "\\." + letters + "\\b|(?:\\bc|[a-z0-9]C)" + number + letters + "(?![a-z0-9])");
    }

    private static String tests() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).sorted().toList()) {
                all.append(Files.readString(file)).append('\n');
            }
        }
        return all.toString();
    }
}
