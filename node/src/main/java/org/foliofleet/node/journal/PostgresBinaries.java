package org.foliofleet.node.journal;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;

/** The programs of PostgreSQL on this machine. */
public final class PostgresBinaries {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    /** Nobody's number on Linux. */
    private static final String NOBODY = "65534";

    private PostgresBinaries() {}

    /**
     * Their directory: that of the newest version that the system has, or one on the path.
     *
     * @throws BadInput if there are none
     */
    public static Path find() {
        List<Path> candidates = new ArrayList<>();
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                versions.filter(version -> version.getFileName().toString().matches("\\d+"))
                        .sorted(Comparator.comparingInt((Path version) -> Integer.parseInt(version.getFileName().toString())).reversed())
                        .forEach(version -> candidates.add(version.resolve("bin")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            candidates.add(Path.of(directory));
        }
        return candidates.stream().filter(PostgresBinaries::areIn).findFirst().orElseThrow(() -> new BadInput(
                "there is no PostgreSQL server on this machine, neither in " + DEBIAN + " nor on the PATH; install it (Debian: apt install postgresql)"));
    }

    private static boolean areIn(Path directory) {
        return Files.isExecutable(directory.resolve("postgres")) && Files.isExecutable(directory.resolve("initdb"));
    }

    /**
     * What goes before a command, so that the server does not find itself running as root, which it refuses: a user
     * namespace of its own, or the user nobody, who is then given the directory.
     */
    static List<String> prefix(Path directory) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        if (succeeds("unshare", "-U", "true")) {
            return List.of("unshare", "-U");
        }
        if (succeeds("chown", "-R", NOBODY, directory.toString())) {
            List<String> prefix = List.of("setpriv", "--reuid=" + NOBODY, "--clear-groups");
            if (succeeds(Stream.concat(prefix.stream(), Stream.of("true")).toArray(String[]::new))) {
                return prefix;
            }
        }
        throw new BadInput("PostgreSQL does not run as root, and neither unshare nor setpriv can give it another user; run this as another user");
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
