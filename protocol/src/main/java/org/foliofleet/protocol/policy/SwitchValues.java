package org.foliofleet.protocol.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values a switch accepts, and the one spelling under which each is kept.
 *
 * @param words     plain values
 * @param withCount values that carry a count, written {@code word(n)}
 * @param subset    whether a value is a list of words rather than one of them
 * @param rate      whether a value may be {@code (probability, hold)}
 */
public record SwitchValues(List<String> words, List<String> withCount, boolean subset, boolean rate) {
    private static final Pattern COUNTED = Pattern.compile("([a-z_0-9]+)\\(\\s*([0-9]{1,6})\\s*\\)");
    /** How a rate is written. */
    public static final String RATE_PATTERN = "\\(\\s*(0?\\.[0-9]{1,9}|0|1)\\s*,\\s*([0-9]{1,9}(?:ns|us|ms|s))\\s*\\)";
    private static final Pattern RATE = Pattern.compile(RATE_PATTERN);

    static SwitchValues words(String... words) {
        return new SwitchValues(List.of(words), List.of(), false, false);
    }

    static SwitchValues bool() {
        return words("true", "false");
    }

    static SwitchValues subsetOf(String... words) {
        return new SwitchValues(List.of(words), List.of(), true, false);
    }

    static SwitchValues zeroOrRate() {
        return new SwitchValues(List.of("0"), List.of(), false, true);
    }

    SwitchValues orCounted(String... counted) {
        return new SwitchValues(words, List.of(counted), subset, rate);
    }

    /** The one spelling of a value, or empty if it is none of this switch. */
    public Optional<String> canonical(String written) {
        String value = written.strip();
        if (subset) {
            return canonicalSubset(value);
        }
        if (words.contains(value)) {
            return Optional.of(value);
        }
        Matcher counted = COUNTED.matcher(value);
        if (counted.matches() && withCount.contains(counted.group(1)) && Integer.parseInt(counted.group(2)) > 0) {
            return Optional.of(counted.group(1) + "(" + Integer.parseInt(counted.group(2)) + ")");
        }
        Matcher rated = RATE.matcher(value);
        return rate && rated.matches()
            ? Optional.of("(" + rated.group(1) + "," + rated.group(2) + ")")
            : Optional.empty();
    }

    private Optional<String> canonicalSubset(String value) {
        TreeSet<String> chosen = new TreeSet<>();
        for (String word : value.replaceAll("[{}\\[\\]]", "").split(",")) {
            if (!word.isBlank()) {
                chosen.add(word.strip());
            }
        }
        return words.containsAll(chosen) ? Optional.of("{" + String.join(",", chosen) + "}") : Optional.empty();
    }

    /** For messages: what may be written. */
    public String describe() {
        List<String> all = new ArrayList<>(words);
        withCount.forEach(word -> all.add(word + "(n)"));
        if (rate) {
            all.add("(probability, hold time)");
        }
        return (subset ? "a list of " : "") + String.join(", ", all);
    }
}
