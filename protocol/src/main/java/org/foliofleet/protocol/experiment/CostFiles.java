package org.foliofleet.protocol.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import org.foliofleet.protocol.BadInput;

/**
 * Puts the figures of cost tables into an experiment that names their files, in place of the names: what is sent to a cluster
 * needs no other file.
 */
final class CostFiles {
    private record Named(Yaml.Scalar name, String figures) {}

    private CostFiles() {}

    static boolean isFile(String name) {
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }

    /**
     * The text with figures instead of files.
     *
     * @param file of the experiment; other files are looked for beside it
     * @throws BadInput if one can not be read or used; what else is wrong with the experiment is left to who reads it
     */
    static byte[] include(byte[] yaml, Path file) {
        List<Named> named = new ArrayList<>();
        Problems problems = new Problems(file.toString());
        if (!new String(yaml, StandardCharsets.UTF_8).contains("costs") || !(YamlReader.read(yaml, file.toString()) instanceof Yaml.Mapping root)
            || !(root.get("machines") instanceof Yaml.Sequence classes)) {
            return yaml;
        }
        for (Yaml each : classes.items()) {
            if (each instanceof Yaml.Mapping machines && machines.get("costs") instanceof Yaml.Scalar name && isFile(name.text())) {
                named.add(new Named(name, figures(name, file, problems)));
            }
        }
        problems.throwIfAny();
        if (named.isEmpty()) {
            return yaml;
        }
        named.sort(Comparator.comparing((Named each) -> each.name().at().line()).thenComparing(each -> each.name().at().column()).reversed());
        String[] lines = new String(yaml, StandardCharsets.UTF_8).split("\n", -1);
        for (Named each : named) {
            int line = each.name().at().line() - 1;
            lines[line] = replaced(lines[line], each);
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    private static String replaced(String line, Named each) {
        int from = line.offsetByCodePoints(0, each.name().at().column() - 1);
        int to = line.indexOf(each.name().text(), from) + each.name().text().length();
        return line.substring(0, from) + each.figures() + line.substring(each.name().plain() ? to : to + 1);
    }

    private static String figures(Yaml.Scalar name, Path file, Problems problems) {
        String remedy = "name one beside this file, or one of " + String.join(", ", CostReader.BUNDLED);
        try {
            Path table = file.toAbsolutePath().resolveSibling(name.text());
            if (!Files.isRegularFile(table)) {
                problems.add(name.at(), "there is no cost table " + table, remedy);
                return "{}";
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(table)) {
                bytes = in.readNBytes(YamlReader.MAX_BYTES + 1);
            }
            Problems its = new Problems(name.text());
            SortedMap<String, String> settings = new CostReader(its).figures(YamlReader.read(bytes, name.text()));
            its.throwIfAny();
            return CostReader.inline(settings);
        } catch (InvalidPathException | IOException e) {
            problems.add(name.at(), "the cost table '" + name.text() + "' can not be read (" + e.getMessage() + ")", remedy);
            return "{}";
        }
    }
}
