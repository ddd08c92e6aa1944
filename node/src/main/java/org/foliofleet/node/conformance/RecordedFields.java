package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.protocol.BadInput;

/**
 * The fields of one JSON object of a recording, taken by name and type. A field that is missing although it must be
 * there is {@link BadInput}, unless the recorder removed it as unstable; it then has an empty value, which
 * {@link ObservationDiff} does not look at. Fields that nobody took are {@link BadInput} too.
 */
final class RecordedFields {
    /** Beyond this no number of a recording makes sense, and sums of them could overflow. */
    private static final long MAX_NUMBER = 1L << 50;
    private final String file;
    private final Set<String> unstable;
    private final String path;
    private final int line;
    private final Map<String, LocatedJson> fields;
    private final Set<String> taken = new LinkedHashSet<>();

    RecordedFields(String file, Set<String> unstable, String path, LocatedJson object) {
        this.file = file;
        this.unstable = unstable;
        this.path = path;
        this.line = object.line();
        this.fields = asObject(object, path.isEmpty() ? "the recording" : path);
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    int line() {
        return line;
    }

    /** file:line, to begin a complaint with. */
    String where() {
        return file + ":" + line;
    }

    String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    long number(String name, long min) {
        LocatedJson json = take(name);
        return json == null ? min : asNumber(json, name, min);
    }

    long number(String name, long min, long ifAbsent) {
        return has(name) ? number(name, min) : ifAbsent;
    }

    int smallNumber(String name, int min, int max, int ifAbsent) {
        long number = number(name, min, ifAbsent);
        if (number > max) {
            throw bad(fields.get(name), "'" + name + "' is " + number + ", more than " + max + " is impossible");
        }
        return (int) number;
    }

    /** A field that is either absent or 1. */
    boolean one(String name) {
        if (!has(name)) {
            return false;
        }
        if (number(name, 0) != 1) {
            throw bad(fields.get(name), "'" + name + "' must be 1, or left out");
        }
        return true;
    }

    String string(String name) {
        LocatedJson json = take(name);
        return json == null ? "" : asString(json, name);
    }

    /** A string that is one of these words. */
    String word(String name, Collection<String> words) {
        LocatedJson json = take(name);
        if (json == null) {
            return "";
        }
        String word = asString(json, name);
        if (!words.contains(word)) {
            throw bad(json, "'" + name + "' has the unknown value '" + word + "'" + KnownWords.hint(word, words));
        }
        return word;
    }

    List<LocatedJson> list(String name) {
        LocatedJson json = take(name);
        return json == null ? List.of() : asList(json, name);
    }

    List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        for (LocatedJson json : list(name)) {
            strings.add(asString(json, name));
        }
        return List.copyOf(strings);
    }

    /** A list of distinct words. */
    SortedSet<String> words(String name) {
        SortedSet<String> words = new TreeSet<>();
        for (LocatedJson json : list(name)) {
            if (!words.add(asString(json, name))) {
                throw bad(json, "'" + name + "' has '" + json.value() + "' twice");
            }
        }
        return words;
    }

    /** The elements of a list of objects. */
    List<RecordedFields> objects(String name) {
        List<RecordedFields> objects = new ArrayList<>();
        for (LocatedJson json : list(name)) {
            objects.add(new RecordedFields(file, unstable, pathOf(name) + "[" + objects.size() + "]", json));
        }
        return objects;
    }

    Map<String, LocatedJson> object(String name) {
        LocatedJson json = take(name);
        return json == null ? new LinkedHashMap<>() : asObject(json, name);
    }

    SortedMap<String, Long> numbers(String name, long min) {
        SortedMap<String, Long> numbers = new TreeMap<>();
        object(name).forEach((key, json) -> numbers.put(key, asNumber(json, key, min)));
        return numbers;
    }

    /** Complains about fields that nobody took. */
    void end() {
        for (Map.Entry<String, LocatedJson> field : fields.entrySet()) {
            if (!taken.contains(field.getKey())) {
                throw bad(field.getValue(), (path.isEmpty() ? "the recording" : path) + " has the unknown field '"
                        + field.getKey() + "'" + KnownWords.hint(field.getKey(), taken));
            }
        }
    }

    long asNumber(LocatedJson json, String name, long min) {
        if (!(json.value() instanceof Long number)) {
            throw bad(json, "'" + name + "' must be a whole number");
        }
        if (number < min || number > MAX_NUMBER || number < -MAX_NUMBER) {
            throw bad(json, "'" + name + "' is " + number + ", which is impossible" + (number < min
                    ? "; the least is " + min : ""));
        }
        return number;
    }

    String asString(LocatedJson json, String name) {
        if (!(json.value() instanceof String string)) {
            throw bad(json, "'" + name + "' must be a string");
        }
        return string;
    }

    @SuppressWarnings("unchecked") // LocatedJson makes no other lists
    List<LocatedJson> asList(LocatedJson json, String name) {
        if (!(json.value() instanceof List)) {
            throw bad(json, "'" + name + "' must be an array");
        }
        return (List<LocatedJson>) json.value();
    }

    @SuppressWarnings("unchecked") // LocatedJson makes no other maps
    private Map<String, LocatedJson> asObject(LocatedJson json, String name) {
        if (!(json.value() instanceof Map)) {
            throw bad(json, "'" + name + "' must be an object");
        }
        return (Map<String, LocatedJson>) json.value();
    }

    BadInput bad(LocatedJson json, String problem) {
        return new BadInput(file + ":" + json.line() + ": " + problem);
    }

    private LocatedJson take(String name) {
        taken.add(name);
        LocatedJson json = fields.get(name);
        if (json == null && !unstable.contains(pathOf(name))) {
            throw new BadInput(where() + ": " + (path.isEmpty() ? "the recording" : path) + " has no '" + name
                    + "'; record it again, or list the path under 'unstable'");
        }
        return json;
    }
}
