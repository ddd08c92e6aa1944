package org.foliofleet.node.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.foliofleet.node.journal.DatabaseAddress;

/**
 * The class path of this JVM in jars, and an archive of loaded classes on it, with which a JVM begins in half the time. Made
 * once, by a JVM that runs a short storm; where that does not work, JVMs begin without it.
 */
final class ClassArchive {
    private static ClassArchive made;

    private final Path directory;
    private final String classPath;

    private ClassArchive(Path directory) throws IOException {
        this.directory = directory;
        List<String> entries = new ArrayList<>();
        ToolProvider jar = ToolProvider.findFirst("jar").orElse(null);
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (entry.isEmpty()) {
                continue;
            }
            if (jar != null && Files.isDirectory(path)) {
                Path packed = directory.resolve(entries.size() + ".jar");
                jar.run(System.out, System.err, "--create", "--no-compress", "--file", packed.toString(), "-C", path.toString(), ".");
                path = packed;
            }
            if (Files.exists(path)) {
                entries.add(path.toAbsolutePath().toString());
            }
        }
        classPath = String.join(File.pathSeparator, entries);
    }

    private Path file() {
        return directory.resolve("classes.jsa");
    }

    String classPath() {
        return classPath;
    }

    /** What a JVM is to be told, if it is one of those that use the archive. */
    List<String> options() {
        return Files.exists(file()) ? List.of("-XX:SharedArchiveFile=" + file(), "-Xshare:auto") : List.of();
    }

    /** The archive; made at the first call. */
    static synchronized ClassArchive get() {
        if (made == null) {
            try {
                Path directory = Files.createTempDirectory("foliofleet-classes");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
                made = new ClassArchive(directory);
                made.make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return made;
    }

    private void make() {
        JavaProcess.Start start = JavaProcess.Start.of("archive", StormRun.class, "1", "owner", "1/1000")
                .with(DatabaseAddress.ofFile(directory.resolve("journal"))).with("-XX:ArchiveClassesAtExit=" + file());
        try (JavaProcess jvm = JavaProcess.start(start, directory)) {
            jvm.say("1000");
            jvm.await(line -> line.contains(" finished "));
            jvm.say(Told.EXIT);
            jvm.awaitEnd();
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // It is in the directory for temporary files.
        }
        directory.toFile().delete();
    }
}
