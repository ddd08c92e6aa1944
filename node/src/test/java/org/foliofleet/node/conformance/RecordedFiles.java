package org.foliofleet.node.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The recordings and scenarios among the test resources. */
final class RecordedFiles {
    private static final Path ROOT = Path.of("src", "test", "resources", "kernel-truth");

    private RecordedFiles() {}

    static List<Path> recordings() {
        return files(".json");
    }

    static List<Path> scenarios() {
        return files(".scn");
    }

    static Path root() {
        return ROOT;
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(String suffix) {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
