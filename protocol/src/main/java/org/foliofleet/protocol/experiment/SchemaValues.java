package org.foliofleet.protocol.experiment;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.policy.SwitchValues;

/** Single values in the schema of experiment files. */
final class SchemaValues {
    /** A parameter of the file stands for the value, as it is or in an expression. */
    static final String PARAMETER = "\\$[(A-Za-z]";
    private static final String DIGITS = "[0-9]{1,19}(\\.[0-9]+)?";

    private SchemaValues() {}

    /** What other parts refer to. */
    static Map<String, Object> definitions() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", Map.of("anyOf", List.of(pattern("^" + Values.NAME_PATTERN + "$"), pattern(PARAMETER))));
        all.put("text", Map.of("type", List.of("string", "number", "boolean")));
        all.put("boolean", Map.of("anyOf", List.of(Map.of("type", "boolean"), pattern(PARAMETER))));
        all.put("integer", integer(Long.MIN_VALUE, Long.MAX_VALUE));
        for (Units units : Units.values()) {
            String name = switch (units) {
                case PAGES -> "size";
                case NANOS -> "time";
                case COUNT -> "number";
            };
            all.put(name, number(units, "^\\s*" + DIGITS + suffix(units) + "\\s*$", units.example()));
            String term = "\\s*(" + DIGITS + suffix(units) + "|" + DIGITS + suffix(units) + "\\s*\\*\\s*[A-Za-z_][A-Za-z_0-9]*|[A-Za-z_][A-Za-z_0-9]*(\\s*\\*\\s*"
                + DIGITS + suffix(units) + ")?|(" + String.join("|", AmountParser.FUNCTIONS) + ")\\s*[(\\[][^()]*[)\\]])\\s*";
            all.put(name + "Amount", number(units, "^" + term + "([-+]" + term + ")*$", units.example() + ", or a distribution such as uniform(a..b), zipf(a..b),"
                + " one_of(a | b), exponential(mean); sums, and numbers of rounds of loops"));
        }
        return all;
    }

    private static String suffix(Units units) {
        return units == Units.COUNT ? "" : "\\s*(" + String.join("|", units.suffixes()) + ")";
    }

    private static Map<String, Object> number(Units units, String pattern, String description) {
        Map<String, Object> plain = units == Units.COUNT ? Map.of("type", "integer", "minimum", 0) : Map.of("const", 0);
        Map<String, Object> definition = new LinkedHashMap<>();
        definition.put("anyOf", List.of(plain, pattern(units == Units.COUNT ? pattern : pattern.replace(DIGITS + suffix(units), "(0|" + DIGITS + suffix(units) + ")")),
            pattern(PARAMETER)));
        definition.put("description", description);
        return definition;
    }

    private static Map<String, Object> pattern(String pattern) {
        return new LinkedHashMap<>(Map.of("type", "string", "pattern", pattern));
    }

    private static Map<String, Object> integer(long min, long max) {
        Map<String, Object> number = new LinkedHashMap<>();
        number.put("type", "integer");
        number.put("minimum", min);
        number.put("maximum", max);
        return new LinkedHashMap<>(Map.of("anyOf", List.of(number, pattern("^-?[0-9]{1,19}$"), pattern(PARAMETER))));
    }

    static Map<String, Object> words(List<String> words) {
        return new LinkedHashMap<>(Map.of("enum", words));
    }

    /** @param place for the fault that nothing is known of it */
    static Map<String, Object> of(ValueKind kind, String place) {
        if (kind == null) {
            throw new IllegalStateException("the schema does not say how " + place + " is written");
        }
        return switch (kind.kind()) {
            case TEXT -> ExperimentSchema.ref("text");
            case NAME -> ExperimentSchema.ref("name");
            case BOOL -> ExperimentSchema.ref("boolean");
            case WORD -> words(kind.words());
            case WORDS -> new LinkedHashMap<>(Map.of("anyOf", List.of(words(kind.words()), ExperimentSchema.listOf(words(kind.words())))));
            case INTEGER -> kind.max() <= kind.min() ? ExperimentSchema.ref("integer") : integer(kind.min(), kind.max());
            case FIXED, AMOUNT -> ExperimentSchema.ref(switch (kind.units()) {
                case PAGES -> "size";
                case NANOS -> "time";
                case COUNT -> "number";
            } + (kind.kind() == ValueKind.Kind.AMOUNT ? "Amount" : ""));
        };
    }

    static Map<String, Object> of(Switch each) {
        SwitchValues values = each.accepted();
        List<Object> options = new ArrayList<>();
        if (values.subset()) {
            options.add(ExperimentSchema.listOf(words(values.words())));
            String word = "(" + String.join("|", values.words()) + ")";
            options.add(pattern("^[{\\[]?\\s*(" + word + "\\s*(,\\s*" + word + "\\s*)*)?[}\\]]?$"));
        } else {
            options.add(words(values.words()));
            List<Object> others = new ArrayList<>();
            for (String word : values.words()) {
                if (word.matches("[0-9]{1,9}")) {
                    others.add(Long.parseLong(word));
                } else if (word.equals("true") || word.equals("false")) {
                    others.add(Boolean.parseBoolean(word));
                } else if (word.matches("[0-9]+\\.[0-9]+")) {
                    others.add(new BigDecimal(word));
                }
            }
            if (!others.isEmpty()) {
                options.add(new LinkedHashMap<>(Map.of("enum", others)));
            }
        }
        values.withCount().forEach(word -> options.add(pattern("^" + word + "\\(\\s*[0-9]{1,6}\\s*\\)$")));
        if (values.rate()) {
            options.add(pattern("^" + SwitchValues.RATE_PATTERN + "$"));
        }
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("description", each.about() + "; thread " + each.group() + "; Linux 6.18: " + each.defaultValue());
        value.put("default", each.defaultValue());
        value.put("anyOf", options);
        return value;
    }

    static Map<String, Object> setting(SettingCatalog.Setting setting) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("description", setting.describe() + "; default " + setting.defaultValue() + (setting.modelled() ? "" : "; not modelled"));
        if (setting.words().isEmpty()) {
            value.putAll(integer(setting.min(), setting.max()));
        } else {
            List<Object> words = new ArrayList<>(setting.words());
            setting.words().stream().filter(word -> word.equals("true") || word.equals("false")).map(Boolean::parseBoolean).forEach(words::add);
            value.put("enum", words);
        }
        return value;
    }
}
