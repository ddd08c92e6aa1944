package org.foliofleet.node.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;

/** The way in from outside: replays recordings on models. */
public final class Conformance {
    private final Supplier<? extends ModelUnderTest> models;

    /** @param models makes a fresh, not yet started model for each scenario */
    public Conformance(Supplier<? extends ModelUnderTest> models) {
        this.models = models;
    }

    /**
     * Replays recordings. All files are read before the first one is replayed.
     *
     * @param paths    recordings, or directories that are searched for them
     * @param family   only scenarios of this family, if given
     * @param progress told of each result as soon as it is there
     * @return the results in the order of the files
     * @throws BadInput if a file cannot be used, or there is none
     */
    public List<ScenarioResult> replay(List<Path> paths, Optional<String> family, Consumer<ScenarioResult> progress) {
        List<Recording> recordings = new ArrayList<>();
        TreeSet<String> families = new TreeSet<>();
        for (Path path : files(paths)) {
            Recording recording = RecordingReader.read(path);
            String itsFamily = Families.of(recording.header().name());
            families.add(itsFamily);
            if (family.isEmpty() || family.get().equals(itsFamily)) {
                recordings.add(recording);
            }
        }
        if (recordings.isEmpty()) {
            throw new BadInput("--family: no recording is of the family '" + family.orElse("") + "'"
                    + KnownWords.hint(family.orElse(""), families));
        }
        List<ScenarioResult> results = new ArrayList<>();
        for (Recording recording : recordings) {
            ScenarioResult result = new ScenarioReplay(recording, models.get()).run();
            progress.accept(result);
            results.add(result);
        }
        return List.copyOf(results);
    }

    /** The recordings that paths name: files as they are, of directories all {@code *.json}, by name. */
    private static List<Path> files(List<Path> paths) {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new BadInput(path + ": is not there; give a recording, or a directory of them");
            }
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            List<Path> found = below(path);
            if (found.isEmpty()) {
                throw new BadInput(path + ": holds no recordings (*.json); give a directory that does");
            }
            files.addAll(found);
        }
        return files;
    }

    private static List<Path> below(Path directory) {
        try (Stream<Path> all = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file)).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new BadInput(directory + ": cannot be listed; check that it is readable");
        }
    }
}
