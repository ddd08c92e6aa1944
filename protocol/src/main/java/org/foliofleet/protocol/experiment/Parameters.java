package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.SourceLine;

/**
 * Named amounts of an experiment or a workload, and the texts that name them: {@code $scale} is replaced by the value as it is
 * written, {@code $(scale * 2 + 1)} is calculated.
 */
final class Parameters {
    private static final Pattern USE = Pattern.compile("\\$\\(((?:[^()]|\\([^()]*\\))*)\\)|\\$([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    /**
     * A parameter.
     *
     * @param units of its default; null for a word
     * @param text  what it is now
     */
    record Parameter(String about, Units units, String text) {}

    private final Map<String, Parameter> all = new LinkedHashMap<>();
    private final Problems problems;

    Parameters(Problems problems) {
        this.problems = problems;
    }

    /** An experiment in which the parameters that it names stand for their values. */
    static Yaml resolve(Yaml root, Problems problems) {
        if (!(root instanceof Yaml.Mapping map) || map.get("parameters") == null) {
            if (root instanceof Yaml.Mapping map && map.get("set") != null) {
                problems.add(map.get("set").at(), "there are no parameters to set", "declare them, as in parameters: {scale: 10}");
            }
            return root;
        }
        Parameters parameters = new Parameters(problems);
        parameters.declare(map.get("parameters"));
        if (map.get("set") instanceof Yaml.Mapping given) {
            given.entries().forEach(entry -> parameters.set(entry.key(), entry.value()));
        } else if (map.get("set") != null) {
            problems.add(map.get("set").at(), "'set' is " + map.get("set").kind(), "write a map: set: {scale: 10}");
        }
        List<Yaml.Entry> entries = new ArrayList<>();
        for (Yaml.Entry entry : map.entries()) {
            boolean own = List.of("parameters", "set").contains(entry.key().text());
            entries.add(own ? entry : new Yaml.Entry(entry.key(), parameters.in(entry.value(), null)));
        }
        return new Yaml.Mapping(entries, map.size(), map.at());
    }

    /** @param written each name with its default, or with {@code {default: …, about: …}} */
    void declare(Yaml written) {
        if (!(written instanceof Yaml.Mapping map)) {
            problems.add(written.at(), "'parameters' is " + written.kind(), "write a map: parameters: {scale: 10}");
            return;
        }
        for (Yaml.Entry entry : map.entries()) {
            Yaml value = entry.value();
            String about = "";
            if (value instanceof Yaml.Mapping) {
                Fields f = new Fields(value, "a parameter", problems);
                Yaml line = f.optional("about");
                about = line instanceof Yaml.Scalar scalar ? scalar.text() : "";
                value = f.required("default", "write default: 10");
                f.finish();
            }
            if (!NAME.matcher(entry.key().text()).matches()) {
                problems.add(entry.key().at(), "parameter '" + entry.key().text() + "' is no name", "use letters, digits and '_', a letter first");
            } else if (value instanceof Yaml.Scalar scalar && !scalar.isNothing()) {
                all.put(entry.key().text(), new Parameter(about, unitsOf(scalar.text()), scalar.text()));
            } else if (value != null) {
                problems.add(value.at(), "parameter '" + entry.key().text() + "' is " + value.kind(), "write a number, size, time or word");
            }
        }
    }

    Map<String, Parameter> all() {
        return all;
    }

    /** Gives a parameter another value. */
    void set(Yaml.Scalar name, Yaml value) {
        Parameter old = all.get(name.text());
        if (old == null) {
            problems.unknown(name.at(), "parameter", name.text(), all.keySet());
            return;
        }
        Values values = new Values(problems);
        if (old.units() != null) {
            int before = problems.count();
            values.amount(value, "parameter '" + name.text() + "'", old.units(), List.of(), 0);
            if (problems.count() > before) {
                return;
            }
        }
        all.put(name.text(), new Parameter(old.about(), old.units(), values.text(value, "parameter '" + name.text() + "'")));
    }

    private static Units unitsOf(String text) {
        for (Units units : List.of(Units.COUNT, Units.PAGES, Units.NANOS)) {
            try {
                AmountParser.parse(text, units, List.of());
                return units;
            } catch (Units.NumberException e) {
                // other units, or a word
            }
        }
        return null;
    }

    /** @param place where all of it is said to stand, or null: where it does */
    Yaml in(Yaml tree, SourceLine place) {
        SourceLine at = place == null ? tree.at() : place;
        if (tree instanceof Yaml.Scalar scalar) {
            return scalar(scalar, at);
        } else if (tree instanceof Yaml.Sequence sequence) {
            return new Yaml.Sequence(sequence.items().stream().map(item -> in(item, place)).toList(), sequence.size(), at);
        }
        Yaml.Mapping map = (Yaml.Mapping) tree;
        return new Yaml.Mapping(map.entries().stream().map(entry -> new Yaml.Entry(new Yaml.Scalar(entry.key().text(), entry.key().plain(),
            place == null ? entry.key().at() : place), in(entry.value(), place))).toList(), map.size(), at);
    }

    private Yaml.Scalar scalar(Yaml.Scalar scalar, SourceLine at) {
        if (scalar.text().indexOf('$') < 0) {
            return new Yaml.Scalar(scalar.text(), scalar.plain(), at);
        }
        Matcher use = USE.matcher(scalar.text());
        StringBuilder text = new StringBuilder();
        while (use.find()) {
            use.appendReplacement(text, Matcher.quoteReplacement(value(use, at)));
        }
        return new Yaml.Scalar(use.appendTail(text).toString(), scalar.plain(), at);
    }

    private String value(Matcher use, SourceLine at) {
        try {
            if (use.group(1) != null) {
                return Expression.value(use.group(1), name -> constant(name, at));
            }
            Parameter parameter = all.get(use.group(2));
            if (parameter != null) {
                return parameter.text();
            }
            problems.unknown(at, "parameter", use.group(2), all.keySet());
        } catch (Units.NumberException e) {
            problems.add(at, "'" + use.group() + "': " + e.getMessage(), e.remedy());
        }
        return "0";
    }

    private Expression.Term constant(String name, SourceLine at) {
        Parameter parameter = all.get(name);
        if (parameter == null) {
            problems.unknown(at, "parameter", name, all.keySet());
            return new Expression.Term(0, Units.COUNT);
        }
        if (parameter.units() != null && AmountParser.parse(parameter.text(), parameter.units(), List.of()) instanceof Amount.Constant constant) {
            return new Expression.Term(constant.value(), parameter.units());
        }
        throw new Units.NumberException("parameter '" + name + "' is '" + parameter.text() + "', with which nothing can be calculated", "set it to one number");
    }
}
