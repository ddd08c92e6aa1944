package org.foliofleet.protocol.experiment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.policy.Switch;

/**
 * The JSON Schema of experiment files, by which editors complete and check them. It is made of what the readers ask for and
 * of the tables of switches, settings and metrics, so it says what they say.
 *
 * <p>What depends on other parts of a file is left to {@link SpecLoader}: names that exist, places that are mapped.
 */
public final class ExperimentSchema {
    /** Where the schema says that it is. */
    public static final String ID = "urn:foliofleet:experiment:1";

    private final GrammarProbe grammar = GrammarProbe.run();
    private final Map<String, Map<String, String>> about = about();
    private final Map<String, Object> definitions = new LinkedHashMap<>();

    private ExperimentSchema() {}

    /** The schema, as text. */
    public static String json() {
        return JsonText.of(new ExperimentSchema().root());
    }

    private Map<String, Object> root() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("$id", ID);
        root.put("title", "FolioFleet experiment");
        definitions.putAll(SchemaValues.definitions());
        definitions.put("program", program());
        definitions.put("steps", Map.of("type", "array", "items", ref("step")));
        definitions.put("step", step());
        definitions.put("settings", settings(false));
        definitions.put("policies", policies());
        definitions.put("metric", Map.of("type", "string", "pattern", MetricPatterns.metric()));
        definitions.put("comparison", Map.of("type", "string", "pattern", MetricPatterns.comparison(),
            "description", about("keys", "that")));
        root.putAll(map("the experiment"));
        root.put("$defs", definitions);
        return root;
    }

    static Map<String, Object> ref(String definition) {
        return new LinkedHashMap<>(Map.of("$ref", "#/$defs/" + definition));
    }

    static Map<String, Object> listOf(Object items) {
        return new LinkedHashMap<>(Map.of("type", "array", "items", items));
    }

    private static Map<String, Object> anyOf(Object... options) {
        return new LinkedHashMap<>(Map.of("anyOf", List.of(options)));
    }

    /** One of the maps that readers know. */
    private Map<String, Object> map(String what) {
        Map<String, Boolean> keys = grammar.keys().get(what);
        if (keys == null) {
            throw new IllegalStateException("no reader asks for " + what);
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        keys.forEach((key, isRequired) -> {
            Map<String, Object> value = new LinkedHashMap<>(value(what, key));
            value.put("description", description(what, key));
            properties.put(key, value);
            boolean unlessLike = what.equals("a machine class") && !key.equals("name");
            if (isRequired && !unlessLike && !key.equals("nodes")) {
                required.add(key);
            }
        });
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "object");
        if (about.get("maps").containsKey(what)) {
            map.put("description", about.get("maps").get(what));
        }
        map.put("properties", properties);
        if (!required.isEmpty()) {
            map.put("required", required);
        }
        map.put("additionalProperties", false);
        alternatives(what, keys, map);
        return map;
    }

    /** Keys of which one is needed. */
    private static void alternatives(String what, Map<String, Boolean> keys, Map<String, Object> map) {
        if (what.equals("a machine class")) {
            map.put("anyOf", List.of(Map.of("required", List.of("nodes", "processes")), Map.of("required", List.of("like"))));
        } else if (what.equals("a file")) {
            map.put("oneOf", List.of(Map.of("required", List.of("size")), Map.of("required", List.of("pages"))));
        } else if (what.equals("'arrival'")) {
            map.put("oneOf", List.of(Map.of("required", List.of("at")), Map.of("required", List.of("every"))));
        } else if (what.equals("'fork'") || what.equals("'thread'")) {
            map.put("oneOf", List.of(Map.of("required", List.of("program")), Map.of("required", List.of("steps"))));
        } else if (what.equals("'mmap'")) {
            map.put("anyOf", List.of(Map.of("required", List.of("name")), Map.of("required", List.of("at"))));
        } else if (keys.containsKey("in")) {
            map.put("anyOf", List.of(Map.of("required", List.of("in")), Map.of("required", List.of("at", "size"))));
        }
    }

    private Map<String, Object> value(String what, String key) {
        return switch (what + "/" + key) {
            case "the experiment/version" -> Map.of("const", 1);
            case "the experiment/machines" -> listOf(map("a machine class"), 1);
            case "the experiment/programs" -> Map.of("type", "object", "propertyNames", ref("name"), "additionalProperties", ref("program"));
            case "the experiment/stop" -> map("'stop'");
            case "the experiment/assert" -> listOf(anyOf(ref("comparison"), map("an assertion")));
            case "the experiment/summary" -> listOf(ref("metric"));
            case "the experiment/parameters" -> Map.of("type", "object", "additionalProperties", anyOf(ref("text"), map("a parameter")));
            case "the experiment/set" -> Map.of("type", "object", "additionalProperties", ref("text"));
            case "a parameter/default", "a parameter/about" -> ref("text");
            case "a machine class/disturb" -> listOf(map("a disturbance"));
            case "a disturbance/take" -> map("'take'");
            case "'take'/memory" -> ref("size");
            case "the experiment/run" -> map("'run'");
            case "an assertion/that" -> ref("comparison");
            case "a machine class/like", "'mmap'/device" -> ref("name");
            case "a machine class/nodes" -> listOf(map("a node"), 1);
            case "a machine class/distances" -> listOf(listOf(ref("integer")));
            case "a machine class/swap" -> anyOf(Map.of("const", "none"), ref("size"), map("a swap device"));
            case "a machine class/costs" -> anyOf(Map.of("type", "string", "anyOf", List.of(Map.of("enum", CostReader.BUNDLED),
                Map.of("pattern", "\\.ya?ml$"))), map("a cost table"));
            case "a machine class/kernel" -> ref("settings");
            case "a machine class/policies" -> ref("policies");
            case "a machine class/files" -> listOf(map("a file"));
            case "a machine class/cgroups" -> listOf(map("a cgroup"));
            case "a machine class/processes" -> listOf(map("a process group"), 1);
            case "a file/size" -> ref("size");
            case "a process group/arrival" -> anyOf(Map.of("const", "at once"), map("'arrival'"));
            case "a process group/program", "'fork'/program", "'thread'/program" -> ref("program");
            case "a process group/node" -> anyOf(Map.of("const", "spread"), ref("integer"));
            case "'arrival'/at" -> ref("time");
            case "'mempolicy'/nodes", "'mbind'/nodes", "'migrate-pages'/from", "'migrate-pages'/to" -> listOf(ref("integer"));
            case "'uffd-move'/to" -> anyOf(ref("sizeAmount"), map("'to'"));
            case "'mremap'/may_move" -> ref("boolean");
            case "'run'/placement" -> anyOf(Map.of("const", "colocated"), map("'placement'"));
            case "'run'/epoch" -> anyOf(ref("time"), Map.of("type", "string", "pattern", "^[0-9]{1,13} ticks?$"));
            case "'run'/commit_every" -> anyOf(Map.of("const", "epoch"), ref("time"));
            default -> key.equals("steps") ? ref("steps") : SchemaValues.of(grammar.kind(what, key), what + "/" + key);
        };
    }

    private static Map<String, Object> listOf(Object items, int least) {
        Map<String, Object> list = listOf(items);
        list.put("minItems", least);
        return list;
    }

    private Map<String, Object> program() {
        List<Object> options = new ArrayList<>(List.of(ref("name"), ref("steps")));
        for (String name : WorkloadLibrary.NAMES) {
            Map<String, Object> properties = new LinkedHashMap<>();
            properties.put("workload", Map.of("const", name, "description", WorkloadLibrary.about(name)));
            WorkloadLibrary.declared(name).forEach((key, parameter) -> {
                Map<String, Object> value = parameter.units() == null ? ref("text") : SchemaValues.of(ValueKind.amount(parameter.units()), key);
                value.put("description", parameter.about());
                value.put("default", parameter.text());
                properties.put(key, value);
            });
            Map<String, Object> workload = new LinkedHashMap<>(Map.of("type", "object", "properties", properties, "additionalProperties", false));
            workload.put("required", List.of("workload"));
            options.add(workload);
        }
        return anyOf(options.toArray());
    }

    /** A word, or a map of a step and perhaps what is expected of it. */
    private Map<String, Object> step() {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(CallParser.CALLS);
        names.addAll(ProgramParser.CONTROLS);
        for (String name : names) {
            Map<String, Object> value = stepValue(name);
            value.put("description", about("steps", name));
            properties.put(name, value);
        }
        Map<String, Object> expect = SchemaValues.words(ProgramParser.expectations());
        expect.put("description", "how it ends; otherwise the run fails");
        properties.put("expect", expect);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "object");
        map.put("properties", properties);
        map.put("additionalProperties", false);
        map.put("minProperties", 1);
        map.put("maxProperties", 2);
        map.put("if", Map.of("minProperties", 2));
        map.put("then", Map.of("required", List.of("expect")));
        map.put("else", Map.of("not", Map.of("required", List.of("expect"))));
        return anyOf(Map.of("enum", ProgramParser.WITHOUT_VALUE), map);
    }

    private Map<String, Object> stepValue(String name) {
        switch (name) {
            case "wait":
                return ref("timeAmount");
            case "mark":
                return ref("text");
            case "program":
                return ref("program");
            case "set":
                return settings(true);
            case "choose":
                return listOf(map("an option of 'choose'"), 1);
            case "fork", "thread":
                return anyOf(ref("name"), map("'" + name + "'"));
            case "ksm-scan", "khugepaged-scan":
                return anyOf(Map.of("type", "null"), ref("integer"));
            case "free-device":
                return ref("name");
            default:
                break;
        }
        boolean known = grammar.keys().containsKey("'" + name + "'");
        if (CallParser.OF_REGION.contains(name) || CallParser.OF_HANDLE.contains(name)) {
            return anyOf(ref("name"), map("'" + name + "'"));
        }
        if (name.equals("cpu")) {
            return anyOf(ref("integer"), map("'cpu'"));
        }
        if (ProgramParser.WITHOUT_VALUE.contains(name) || !known) {
            return anyOf(Map.of("type", "null"), Map.of("type", "object", "maxProperties", 0));
        }
        return name.equals("uffd-monitor") ? anyOf(Map.of("type", "null"), map("'uffd-monitor'")) : map("'" + name + "'");
    }

    /** Kernel settings, flat or in maps. */
    private static Map<String, Object> settings(boolean one) {
        Map<String, Object> properties = new TreeMap<>();
        Map<String, Map<String, Object>> nested = new TreeMap<>();
        for (String key : SettingCatalog.keys()) {
            Map<String, Object> value = SchemaValues.setting(SettingCatalog.named(key).orElseThrow());
            properties.put(key, value);
            int cut = key.indexOf(' ') >= 0 ? key.indexOf(' ') : key.indexOf('.');
            if (cut >= 0) {
                nested.computeIfAbsent(key.substring(0, cut), group -> new TreeMap<>()).put(key.substring(cut + 1), value);
            }
        }
        nested.forEach((group, inner) -> properties.put(group, new LinkedHashMap<>(Map.of("type", "object", "properties", inner,
            "additionalProperties", false))));
        Map<String, Object> map = new LinkedHashMap<>(Map.of("type", "object", "properties", properties, "additionalProperties", false));
        if (one) {
            map.put("minProperties", 1);
            map.put("maxProperties", 1);
        }
        return map;
    }

    private static Map<String, Object> policies() {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Switch each : Switch.values()) {
            properties.put(each.key(), SchemaValues.of(each));
        }
        return new LinkedHashMap<>(Map.of("type", "object", "properties", properties, "additionalProperties", false));
    }

    private String description(String what, String key) {
        if (what.equals("a cost table") && !about.get("keys").containsKey(what + "/" + key) && !key.equals("about")) {
            return "simulated time of " + key.replace('_', ' ') + ", as CostTable says";
        }
        String own = about.get("keys").get(what + "/" + key);
        return own != null ? own : about("keys", key);
    }

    private String about(String group, String name) {
        String line = about.get(group).get(name);
        if (line == null) {
            throw new IllegalStateException("schema/about.yaml does not say what '" + name + "' is");
        }
        return line;
    }

    private static Map<String, Map<String, String>> about() {
        try (InputStream in = ExperimentSchema.class.getResourceAsStream("/schema/about.yaml")) {
            Map<String, Map<String, String>> about = new TreeMap<>();
            for (Yaml.Entry group : ((Yaml.Mapping) YamlReader.read(in.readAllBytes(), "about.yaml")).entries()) {
                Map<String, String> lines = new TreeMap<>();
                ((Yaml.Mapping) group.value()).entries().forEach(entry ->
                    lines.put(entry.key().text(), ((Yaml.Scalar) entry.value()).text()));
                about.put(group.key().text(), lines);
            }
            return about;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
