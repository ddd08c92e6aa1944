package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.nio.charset.StandardCharsets;
import org.foliofleet.protocol.program.SourceLine;

/**
 * Finds out what experiment files may say by having the readers read one that says nothing: every map that they know is in
 * it, first empty, then with a value at every key that they asked for. So the grammar is written nowhere but in the readers.
 */
final class GrammarProbe extends Problems {
    /** How often a map may be in a map, and more. */
    private static final String MAPS = """
        {parameters: {p: {}}, machines: [{disturb: [{take: {}}], like: {}, swap: {}, nodes: [{}], files: [{}], cgroups: [{}], costs: {}, processes: [{arrival: {}, program: [%s]}]}],
         stop: {}, assert: [{}], run: {placement: {}}}
        """;
    private static final int DUMMIES = 1_000_000;

    /** A key of a kind of map. */
    record Key(String what, String key) {}

    private final Map<String, Map<String, Boolean>> keys = new LinkedHashMap<>();
    private final Map<Key, ValueKind> kinds = new HashMap<>();
    private final Map<Long, String> maps = new HashMap<>();
    private final Map<Long, Key> places = new HashMap<>();
    private int dummies;

    private GrammarProbe() {
        super("grammar");
    }

    /** What the readers ask for. */
    static GrammarProbe run() {
        List<String> steps = new ArrayList<>();
        for (String step : CallParser.CALLS) {
            steps.add("{" + step + ": " + (step.equals("uffd-move") ? "{to: {}}" : "{}") + "}");
        }
        steps.addAll(List.of("{repeat: {}}", "{choose: [{}]}", "{fork: {}}", "{thread: {}}", "{split-file: {}}"));
        Yaml empty = YamlReader.read(String.format(Locale.ROOT, MAPS, String.join(", ", steps)).getBytes(StandardCharsets.UTF_8), "grammar");
        GrammarProbe probe = new GrammarProbe();
        SpecLoader.read(empty, probe);
        Yaml full = probe.filled(empty);
        probe.places.clear();
        SpecLoader.read(full, probe);
        return probe;
    }

    /** The maps, by what messages call them, with their keys and whether each is required. */
    Map<String, Map<String, Boolean>> keys() {
        return keys;
    }

    /** How the value of a key is read, or null if it is a list or map. */
    ValueKind kind(String what, String key) {
        return kinds.get(new Key(what, key));
    }

    private Yaml filled(Yaml tree) {
        if (tree instanceof Yaml.Sequence sequence) {
            return new Yaml.Sequence(sequence.items().stream().map(this::filled).toList(), sequence.size(), sequence.at());
        }
        if (!(tree instanceof Yaml.Mapping map)) {
            return tree;
        }
        List<Yaml.Entry> entries = new ArrayList<>();
        map.entries().forEach(entry -> entries.add(new Yaml.Entry(entry.key(), filled(entry.value()))));
        SortedSet<String> missing = new TreeSet<>(keys.getOrDefault(maps.getOrDefault(id(map.at()), ""), Map.of()).keySet());
        map.entries().forEach(entry -> missing.remove(entry.key().text()));
        for (String key : missing) {
            SourceLine at = new SourceLine(DUMMIES + ++dummies, 1);
            entries.add(new Yaml.Entry(new Yaml.Scalar(key, true, at), new Yaml.Scalar("?", true, at)));
        }
        return new Yaml.Mapping(List.copyOf(entries), map.size(), map.at());
    }

    /** All lines are equal; these are not. */
    private static long id(SourceLine at) {
        return at.line() * 1_000_000L + at.column();
    }

    @Override
    void describes(SourceLine at, String what) {
        maps.putIfAbsent(id(at), what);
    }

    @Override
    void asked(String what, String key, boolean required, Yaml value) {
        keys.computeIfAbsent(what, name -> new LinkedHashMap<>()).merge(key, required, Boolean::logicalOr);
        if (value instanceof Yaml.Scalar && value.at().line() > DUMMIES) {
            places.put(id(value.at()), new Key(what, key));
        }
    }

    @Override
    void reads(SourceLine at, ValueKind kind) {
        Key key = places.get(id(at));
        if (key != null) {
            kinds.putIfAbsent(key, kind);
        }
    }
}
