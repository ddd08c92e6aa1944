package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.BadInput;

/** Reads scenarios as people write them ({@code *.scn}). */
final class ScenarioReader {
    private final String file;
    private String name;
    private String about;
    private final List<String> requires = new ArrayList<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, Long> memfds = new LinkedHashMap<>();
    private OptionalInt fillNode = OptionalInt.empty();
    private final Set<String> noisy = new TreeSet<>();
    private final List<Line> body = new ArrayList<>();

    /** A scenario: its header (no kernel, no nodes), its statements, and the lines of its body in order. */
    record Scenario(RecordingHeader header, List<Statement> statements, List<String> lines) {}

    private record Line(int number, String text) {}

    private ScenarioReader(String file) {
        this.file = file;
    }

    static Scenario parse(String file, String text) {
        ScenarioReader reader = new ScenarioReader(file);
        int number = 0;
        for (String raw : text.lines().toList()) {
            number++;
            String line = raw.replaceAll("#.*", "").strip();
            if (!line.isEmpty()) {
                reader.line(number, line);
            }
        }
        return reader.finish();
    }

    private void line(int number, String text) {
        Words words = new Words(text, file + ":" + number);
        switch (words.word("a statement")) {
            case "name" -> name = text.substring("name".length()).strip();
            case "about" -> about = text.substring("about".length()).strip();
            case "require" -> require(words);
            case "fill-node" -> fillNode = OptionalInt.of(words.node("a node"));
            case "noisy" -> {
                while (words.more()) {
                    noisy.add(words.word("a counter"));
                }
            }
            case "memfd" -> memfds.put(words.word("a name"), words.pages("a number of pages"));
            case "set" -> {
                if (body.isEmpty()) {
                    settings.put(Settings.key(words), words.word("a value"));
                    words.end();
                } else {
                    body.add(new Line(number, text));
                }
            }
            default -> body.add(new Line(number, text));
        }
    }

    private void require(Words words) {
        while (words.more()) {
            String word = words.word("a requirement");
            if (word.equals("numa")) {
                requires.add("numa " + words.number("a number of nodes", 9));
            } else if (List.of("swap", "memcg", "split", "tier").contains(word)) {
                requires.add(word);
            } else {
                throw words.unknown("requirement", word, List.of("swap", "memcg", "split", "tier", "numa"));
            }
        }
    }

    private Scenario finish() {
        if (name == null || about == null) {
            throw new BadInput(file + ": has no '" + (name == null ? "name" : "about") + "' line; add one");
        }
        StatementParser parser = new StatementParser(memfds.keySet());
        List<Statement> statements = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (Line line : body) {
            lines.add(String.join(" ", line.text.split("\\s+")));
            if (!line.text.split("\\s+")[0].equals("observe")) {
                statements.add(parser.parse(line.text, statements.size() + 1, file + ":" + line.number));
            }
        }
        RecordingHeader header = new RecordingHeader(name, about, "", List.copyOf(requires), settings, memfds, List.of(),
                fillNode, noisy, Set.of());
        return new Scenario(header, List.copyOf(statements), List.copyOf(lines));
    }
}
