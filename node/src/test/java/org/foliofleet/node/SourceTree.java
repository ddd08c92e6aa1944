package org.foliofleet.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The checked-out project as tests see it: its text files, without what a build or an editor left there. */
final class SourceTree {
    private static final List<String> TEXT_SUFFIXES =
            List.of(".java", ".xml", ".md", ".properties", ".conf", ".yaml", ".yml", ".json", ".sh", ".sql", ".html");

    private SourceTree() {}

    /** The top directory; tests run in a module's directory. */
    static Path root() {
        Path root = Path.of("").toAbsolutePath().getParent();
        if (!Files.isDirectory(root.resolve("protocol/src")) || !Files.isRegularFile(root.resolve("pom.xml"))) {
            throw new IllegalStateException("tests must run in the directory of their module, not in " + Path.of("").toAbsolutePath());
        }
        return root;
    }

    /** Every text file that people wrote, by path; recordings among test resources say what they saw and are left out. */
    static List<Path> writtenFiles() {
        try (Stream<Path> files = Files.walk(root())) {
            return files.filter(Files::isRegularFile).filter(SourceTree::isWritten).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> javaFiles() {
        return writtenFiles().stream().filter(file -> file.toString().endsWith(".java")).toList();
    }

    static List<String> packagesWithoutInfo() {
        TreeSet<Path> packages = new TreeSet<>();
        Path mainSources = Path.of("src", "main", "java");
        javaFiles().stream().map(Path::getParent).filter(dir -> dir.toString().contains(mainSources.toString()))
                .forEach(packages::add);
        List<String> without = new ArrayList<>();
        for (Path directory : packages) {
            Path info = directory.resolve("package-info.java");
            if (!Files.isRegularFile(info) || !text(info).startsWith("/**")) {
                without.add(root().relativize(directory).toString());
            }
        }
        return without;
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static boolean isWritten(Path file) {
        Path relative = root().relativize(file);
        String top = relative.getName(0).toString();
        if (top.equals(".ci")) {
            return true;
        }
        for (Path name : relative) {
            if (name.toString().equals("target") || name.toString().startsWith(".")) {
                return false;
            }
        }
        return !relative.toString().contains(Path.of("src", "test", "resources").toString())
                && TEXT_SUFFIXES.stream().anyMatch(file.toString()::endsWith);
    }
}
