package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.foliofleet.protocol.program.Amount;

/** Reads single values; what can not be read is a problem, and something harmless is returned in its place. */
final class Values {
    static final String NAME_PATTERN = "[A-Za-z][A-Za-z0-9_.-]{0,63}";
    private static final Pattern NAME = Pattern.compile(NAME_PATTERN);
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,19}");

    /** Stands for an amount that could not be read: it might be anything, so no second problem follows from it. */
    static final Amount ANYTHING = new Amount.Uniform(0, (1L << 33) - 1, 1);

    private final Problems problems;

    Values(Problems problems) {
        this.problems = problems;
    }

    private String text(Yaml value, String what, String expected) {
        if (value instanceof Yaml.Scalar scalar && !scalar.isNothing()) {
            return scalar.text();
        }
        problems.add(value.at(), what + " is " + value.kind(), "write " + expected);
        return null;
    }

    String text(Yaml value, String what) {
        problems.reads(value.at(), ValueKind.TEXT);
        String text = text(value, what, "text");
        return text == null ? "" : text;
    }

    /** A name that other parts of the file may refer to; never empty. */
    String name(Yaml value, String what) {
        problems.reads(value.at(), ValueKind.NAME);
        String text = text(value, what, "a name");
        if (text == null) {
            return "unnamed";
        }
        if (!NAME.matcher(text).matches()) {
            problems.add(value.at(), what + " " + value.kind() + " is no name",
                "use at most 64 letters, digits, '-', '_' and '.', a letter first");
            return "unnamed";
        }
        return text;
    }

    /** One of some words. */
    String word(Yaml value, String what, Collection<String> words) {
        problems.reads(value.at(), ValueKind.word(words));
        String text = text(value, what, "one of " + String.join(", ", words));
        if (text != null && !words.contains(text)) {
            problems.unknown(value.at(), what, text, words);
            text = null;
        }
        return text == null ? words.iterator().next() : text;
    }

    boolean bool(Yaml value, String what) {
        problems.reads(value.at(), ValueKind.BOOL);
        if (value instanceof Yaml.Scalar scalar && scalar.plain()) {
            switch (scalar.text()) {
                case "true":
                    return true;
                case "false":
                    return false;
                default:
                    break;
            }
        }
        problems.add(value.at(), what + " is " + value.kind(), "write true or false");
        return false;
    }

    /** A whole number in a range. */
    long integer(Yaml value, String what, long min, long max) {
        problems.reads(value.at(), ValueKind.integer(min, max));
        String range = "write a whole number from " + min + " to " + max;
        if (!(value instanceof Yaml.Scalar scalar) || !WHOLE_NUMBER.matcher(scalar.text()).matches()) {
            problems.add(value.at(), what + " is " + value.kind(), range);
            return min;
        }
        try {
            long number = Long.parseLong(scalar.text());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // beyond 64 bits: out of range like any other
        }
        problems.add(value.at(), what + " is " + scalar.text(), range);
        return min;
    }

    /** A size or time that is always the same. */
    long fixed(Yaml value, String what, Units units, long min) {
        problems.reads(value.at(), ValueKind.fixed(units));
        Amount amount = parsed(value, what, units, List.of(), min);
        if (amount instanceof Amount.Constant constant) {
            return constant.value();
        }
        if (amount != null) {
            problems.add(value.at(), what + " is drawn at random", "write " + units.example());
        }
        return min;
    }

    /** An amount, possibly random, that is never below {@code min} as far as its constants say. */
    Amount amount(Yaml value, String what, Units units, List<String> loops, long min) {
        problems.reads(value.at(), ValueKind.amount(units));
        Amount amount = parsed(value, what, units, loops, min);
        return amount != null ? amount : units == Units.COUNT ? Amount.of(1) : ANYTHING;
    }

    /** The amount, or null if there is a problem with it. */
    private Amount parsed(Yaml value, String what, Units units, List<String> loops, long min) {
        String text = text(value, what, units.example());
        if (text == null) {
            return null;
        }
        try {
            Amount amount = AmountParser.parse(text, units, loops);
            long least = amount.least(new long[loops.size()]);
            if (least >= min) {
                return amount;
            }
            problems.add(value.at(), what + " is " + (least < 0 ? "negative" : "too small") + ": '" + text + "'",
                min == 0 ? "write " + units.example() : "write a greater one");
        } catch (Units.NumberException e) {
            problems.add(value.at(), what + ": " + e.getMessage(), e.remedy());
        }
        return null;
    }

    List<Yaml> list(Yaml value, String what) {
        if (value instanceof Yaml.Sequence sequence) {
            return sequence.items();
        }
        problems.add(value.at(), what + " is " + value.kind(), "write a list: one '- …' on each line, or [ … ]");
        return List.of();
    }

    List<String> words(Yaml value, String what, Collection<String> words) {
        problems.reads(value.at(), ValueKind.words(words));
        List<String> chosen = new ArrayList<>();
        for (Yaml item : value instanceof Yaml.Scalar ? List.of(value) : list(value, what)) {
            chosen.add(word(item, what, words));
        }
        return chosen;
    }
}
