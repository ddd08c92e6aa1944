package org.foliofleet.node.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Counters that a scenario cannot record: only the scenario says it, the recording does not repeat it. */
final class NoisyCounters {
    private NoisyCounters() {}

    /** For {@code D/truth/NAME.json}, the {@code noisy} lines of {@code D/scenarios/NAME.scn}; none if that is not there. */
    static Set<String> beside(Path recording) {
        Path truth = recording.toAbsolutePath().normalize().getParent();
        Path fileName = recording.getFileName();
        Set<String> noisy = new TreeSet<>();
        if (truth == null || truth.getParent() == null || fileName == null) {
            return noisy;
        }
        Path scenario = truth.getParent().resolve("scenarios").resolve(fileName.toString().replaceAll("\\.json$", ".scn"));
        if (!Files.isRegularFile(scenario)) {
            return noisy;
        }
        try {
            // ISO-8859-1 decodes anything; a damaged scenario must not spoil a sound recording.
            for (String line : Files.readAllLines(scenario, StandardCharsets.ISO_8859_1)) {
                String[] words = line.replaceAll("#.*", "").strip().split("\\s+");
                if (words[0].equals("noisy")) {
                    noisy.addAll(List.of(words).subList(1, words.length));
                }
            }
        } catch (IOException e) {
            return noisy;
        }
        return noisy;
    }
}
