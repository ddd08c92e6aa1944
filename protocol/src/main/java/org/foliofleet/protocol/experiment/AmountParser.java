package org.foliofleet.protocol.experiment;

import org.foliofleet.protocol.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.program.Amount;

/**
 * Reads an amount:
 * <pre>
 *   amount := term (("+" | "-") term)*
 *   term   := number | loop | number "*" loop | loop "*" number
 *           | uniform(a..b [step s]) | zipf(a..b [step s]) | one_of(a | b | …) | exponential(mean)
 * </pre>
 * A comma does as well as {@code ..} and {@code |}, but needs quotes inside of {@code {…}}.
 */
final class AmountParser {
    private static final Pattern TOKEN =
        Pattern.compile("\\s*(?:(\\d+(?:\\.\\d+)?)([A-Za-z%]*)|([A-Za-z_][A-Za-z_0-9]*)|(\\.\\.|[-+*()\\[\\],|]))");
    static final List<String> FUNCTIONS = List.of("uniform", "zipf", "one_of", "exponential");
    private static final int MAX_TERMS = 64;

    private enum Kind { NUMBER, NAME, SIGN, END }

    private record Token(Kind kind, String text, String unit) {}

    private final List<Token> tokens = new ArrayList<>();
    private final String text;
    private final Units units;
    private final List<String> loops;
    private int next;

    private AmountParser(String text, Units units, List<String> loops) {
        this.text = text;
        this.units = units;
        this.loops = loops;
    }

    /**
     * @param loops names of the enclosing loops, outermost first; a loop without a name is empty text
     * @throws Units.NumberException if it can not be read
     */
    static Amount parse(String text, Units units, List<String> loops) {
        AmountParser parser = new AmountParser(text, units, loops);
        parser.tokenize();
        Amount amount = parser.sum();
        if (parser.peek().kind != Kind.END) {
            throw parser.unexpected();
        }
        return amount;
    }

    private void tokenize() {
        Matcher matcher = TOKEN.matcher(text);
        int at = 0;
        String trimmed = text.stripTrailing();
        if (trimmed.length() > 1000) {
            throw new Units.NumberException("an amount of " + trimmed.length() + " letters", "write " + units.example());
        }
        while (at < trimmed.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new Units.NumberException("can not read '" + shortened(trimmed.substring(at)) + "'",
                    "write " + units.example());
            }
            at = matcher.end();
            if (matcher.group(1) != null) {
                tokens.add(new Token(Kind.NUMBER, matcher.group(1), matcher.group(2)));
            } else if (matcher.group(3) != null) {
                tokens.add(new Token(Kind.NAME, matcher.group(3), ""));
            } else {
                tokens.add(new Token(Kind.SIGN, matcher.group(4), ""));
            }
        }
        if (tokens.size() > MAX_TERMS * 4) {
            throw new Units.NumberException("an amount of " + tokens.size() + " parts", "write a shorter one");
        }
    }

    private static String shortened(String part) {
        return part.length() > 40 ? part.substring(0, 40) + "…" : part;
    }

    private Token peek() {
        return next < tokens.size() ? tokens.get(next) : new Token(Kind.END, "", "");
    }

    private boolean takeSign(String sign) {
        if (peek().kind == Kind.SIGN && peek().text.equals(sign)) {
            next++;
            return true;
        }
        return false;
    }

    private Units.NumberException unexpected() {
        Token token = peek();
        boolean cut = token.kind == Kind.END && text.contains("(") && !text.contains(")");
        String what = token.kind == Kind.END ? "'" + shortened(text) + "' ends too early"
            : "'" + token.text + token.unit + "' can not stand there in '" + shortened(text) + "'";
        return new Units.NumberException(what, cut
            ? "inside of {…} put it in quotes, or write it without comma: uniform(a..b), one_of(a | b)"
            : "write " + units.example() + ", or uniform(a..b), zipf(a..b), one_of(a | b), exponential(mean)");
    }

    private Amount sum() {
        List<Amount> terms = new ArrayList<>();
        boolean minus = takeSign("-");
        terms.add(term(minus));
        while (peek().kind == Kind.SIGN && (peek().text.equals("+") || peek().text.equals("-"))) {
            terms.add(term(tokens.get(next++).text.equals("-")));
        }
        if (terms.stream().allMatch(Amount::isConstant)) {
            return Amount.of(terms.stream().mapToLong(term -> ((Amount.Constant) term).value()).sum());
        }
        return terms.size() == 1 ? terms.get(0) : new Amount.Sum(terms);
    }

    private Amount term(boolean minus) {
        Token token = peek();
        if (token.kind == Kind.NUMBER) {
            long value = number() * (minus ? -1 : 1);
            return takeSign("*") ? new Amount.Indexed(loop(), value) : Amount.of(value);
        }
        if (token.kind != Kind.NAME) {
            throw unexpected();
        }
        if (FUNCTIONS.contains(token.text)) {
            if (minus) {
                throw new Units.NumberException("a random amount is subtracted", "only numbers and loops can be subtracted");
            }
            return function();
        }
        int level = loop();
        if (takeSign("*")) {
            return new Amount.Indexed(level, number() * (minus ? -1 : 1));
        }
        if (units != Units.COUNT) {
            throw new Units.NumberException("loop '" + token.text + "' has no unit",
                "multiply it: " + token.text + " * " + (units == Units.PAGES ? "4MiB" : "1ms"));
        }
        return new Amount.Indexed(level, minus ? -1 : 1);
    }

    private long number() {
        if (peek().kind != Kind.NUMBER) {
            throw unexpected();
        }
        Token token = tokens.get(next++);
        return units.value(token.text, token.unit);
    }

    private int loop() {
        if (peek().kind != Kind.NAME) {
            throw unexpected();
        }
        String name = tokens.get(next++).text;
        int level = loops.lastIndexOf(name);
        if (level >= 0) {
            return level;
        }
        List<String> known = new ArrayList<>(FUNCTIONS);
        loops.stream().filter(loop -> !loop.isEmpty()).forEach(known::add);
        throw new Units.NumberException("'" + name + "' is neither a loop around this step nor a distribution",
            NearestName.of(name, known).map(near -> "did you mean '" + near + "'?")
                .orElse("name a loop with 'repeat: {index: " + name + ", …}', or use " + String.join(", ", FUNCTIONS)));
    }

    private Amount function() {
        String name = tokens.get(next++).text;
        boolean square = peek().text.equals("[");
        if (!takeSign("(") && !takeSign("[")) {
            throw unexpected();
        }
        Amount amount = switch (name) {
            case "one_of" -> oneOf();
            case "exponential" -> new Amount.Exponential(positive(number(), "the mean"));
            default -> range(name);
        };
        if (!takeSign(square ? "]" : ")")) {
            throw unexpected();
        }
        return amount;
    }

    private Amount oneOf() {
        List<Amount> choices = new ArrayList<>();
        do {
            choices.add(Amount.of(number()));
        } while (takeSign("|") || takeSign(","));
        return new Amount.OneOf(choices);
    }

    private Amount range(String name) {
        long min = number();
        if (!takeSign("..") && !takeSign(",")) {
            throw unexpected();
        }
        long max = number();
        long step = 1;
        if (takeSign(",")) {
            step = positive(number(), "the step");
        } else if (peek().kind == Kind.NAME && peek().text.equals("step")) {
            next++;
            step = positive(number(), "the step");
        }
        if (max < min) {
            throw new Units.NumberException("the range of '" + shortened(text) + "' is empty", "write the smaller bound first");
        }
        return name.equals("zipf") ? new Amount.Zipf(min, max, step) : new Amount.Uniform(min, max, step);
    }

    private long positive(long value, String what) {
        if (value < 1) {
            throw new Units.NumberException(what + " of '" + shortened(text) + "' is 0", "write a greater one");
        }
        return value;
    }
}
