package org.foliofleet.node.journal;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;

/** A PostgreSQL server for a test: of the machine, or unpacked from a jar. */
public final class TestPostgres {
    private TestPostgres() {}

    /** @throws IllegalStateException if neither can be had, with the reason */
    public static PostgresServer start() {
        return PostgresServer.temporary(binaries());
    }

    private static Path binaries() {
        try {
            return PostgresBinaries.find();
        } catch (BadInput none) {
            return unpacked(none);
        }
    }

    /** The library unpacks its programs when it starts a server. */
    private static Path unpacked(BadInput none) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), "foliofleet-postgresql-programs");
        try {
            EmbeddedPostgres.builder().setOverrideWorkingDirectory(directory.toFile()).start().close();
        } catch (IOException e) {
            throw new UncheckedIOException(none.getMessage() + "; nor can the one for tests be unpacked", e);
        }
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.map(version -> version.resolve("bin")).filter(Files::isDirectory).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
