package org.foliofleet.protocol.experiment;

import java.util.LinkedHashSet;
import java.util.Set;
import org.foliofleet.protocol.program.SourceLine;

/**
 * A map with known keys. Ask for each key, then {@link #finish}: what was not asked for is unknown, and the nearest of
 * the keys that were is suggested.
 */
final class Fields {
    private final Problems problems;
    private final String what;
    private final Yaml.Mapping map;
    private final SourceLine at;
    private final Set<String> asked = new LinkedHashSet<>();

    /** @param what for messages: of what the keys are */
    Fields(Yaml value, String what, Problems problems) {
        this.problems = problems;
        this.what = what;
        this.at = value.at();
        problems.describes(at, what);
        if (value instanceof Yaml.Mapping mapping) {
            map = mapping;
        } else {
            map = null;
            problems.add(value.at(), what + " is " + value.kind(), "write a map: 'key: value' on each line, or { … }");
        }
    }

    /** Whether there is a map at all. */
    boolean isMap() {
        return map != null;
    }

    SourceLine at() {
        return at;
    }

    /** The value of a key, or null. */
    Yaml optional(String key) {
        return ask(key, false);
    }

    private Yaml ask(String key, boolean required) {
        asked.add(key);
        Yaml value = map == null ? null : map.get(key);
        problems.asked(what, key, required, value);
        return value;
    }

    boolean has(String key) {
        return optional(key) != null;
    }

    /** The value of a key; its absence is a problem. */
    Yaml required(String key, String remedy) {
        Yaml value = ask(key, true);
        if (value == null && map != null) {
            problems.add(at, what + " has no '" + key + "'", remedy);
        }
        return value;
    }

    void finish() {
        if (map == null) {
            return;
        }
        for (Yaml.Entry entry : map.entries()) {
            String key = entry.key().text();
            if (!asked.contains(key)) {
                if (key.endsWith(")") || key.endsWith("]")) {
                    problems.add(entry.key().at(), "a comma cut '" + key + "' off",
                        "inside of {…} put the amount in quotes, or write it without comma: uniform(a..b), one_of(a | b)");
                } else {
                    problems.unknown(entry.key().at(), "key in " + what, key, asked);
                }
            }
        }
    }
}
