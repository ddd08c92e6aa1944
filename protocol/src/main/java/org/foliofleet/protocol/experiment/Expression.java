package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Calculates with numbers, sizes and times: {@code (scale + 1) * 2MiB / 4}. Divisions are rounded down. */
final class Expression {
    private static final Pattern TOKEN = Pattern.compile("\\s*(?:(\\d+(?:\\.\\d+)?)([A-Za-z]*)|([A-Za-z_][A-Za-z_0-9]*)|([-+*/()]))\\s*");

    /** @param value in these units */
    record Term(long value, Units units) {}

    private final List<String> tokens = new ArrayList<>();
    private final String text;
    private final Function<String, Term> names;
    private int next;

    private Expression(String text, Function<String, Term> names) {
        this.text = text;
        this.names = names;
        Matcher token = TOKEN.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!token.find(at) || token.start() != at) {
                throw wrong();
            }
            tokens.add(token.group().strip());
            at = token.end();
        }
    }

    /**
     * The value, as it is written in a file.
     *
     * @throws Units.NumberException if it can not be calculated
     */
    static String value(String text, Function<String, Term> names) {
        try {
            Expression expression = new Expression(text, names);
            Term result = expression.sum();
            if (expression.next < expression.tokens.size()) {
                throw expression.wrong();
            }
            if (result.value < 0) {
                throw new Units.NumberException("'" + text.strip() + "' is negative", "set parameters that fit together");
            }
            return result.value + switch (result.units) {
                case PAGES -> "pages";
                case NANOS -> "ns";
                case COUNT -> "";
            };
        } catch (ArithmeticException e) {
            throw new Units.NumberException("'" + text.strip() + "' can not be calculated (" + e.getMessage() + ")", "set other parameters");
        }
    }

    private Units.NumberException wrong() {
        return new Units.NumberException("can not calculate '" + text.strip() + "'", "write parameters, numbers, sizes and times with + - * / ( )");
    }

    private String peek() {
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private Term sum() {
        Term left = product();
        while (peek().equals("+") || peek().equals("-")) {
            boolean plus = tokens.get(next++).equals("+");
            Term right = product();
            if (left.units != right.units) {
                throw new Units.NumberException("'" + text.strip() + "' adds what has different units", "write sizes with sizes, times with times");
            }
            left = new Term(plus ? Math.addExact(left.value, right.value) : Math.subtractExact(left.value, right.value), left.units);
        }
        return left;
    }

    private Term product() {
        Term left = factor();
        while (peek().equals("*") || peek().equals("/")) {
            boolean times = tokens.get(next++).equals("*");
            Term right = factor();
            if (times && left.units != Units.COUNT && right.units != Units.COUNT || !times && right.units != Units.COUNT && right.units != left.units) {
                throw new Units.NumberException("'" + text.strip() + "' multiplies or divides by what has units", "write a plain number there");
            }
            left = times ? new Term(Math.multiplyExact(left.value, right.value), left.units == Units.COUNT ? right.units : left.units)
                : new Term(left.value / right.value, right.units == Units.COUNT ? left.units : Units.COUNT);
        }
        return left;
    }

    private Term factor() {
        String token = peek();
        next++;
        if (token.equals("(")) {
            Term inner = sum();
            if (!peek().equals(")")) {
                throw wrong();
            }
            next++;
            return inner;
        }
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches() || parts.group(4) != null) {
            throw wrong();
        }
        if (parts.group(3) != null) {
            return names.apply(parts.group(3));
        }
        String suffix = parts.group(2);
        Units units = suffix.isEmpty() ? Units.COUNT : Units.NANOS.suffixes().contains(suffix) ? Units.NANOS : Units.PAGES;
        return new Term(units.value(parts.group(1), suffix), units);
    }
}
