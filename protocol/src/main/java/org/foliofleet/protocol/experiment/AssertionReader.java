package org.foliofleet.protocol.experiment;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.Comparison;
import org.foliofleet.protocol.program.SourceLine;

/** Reads {@code split_fail{pinned} > 0}, alone or as {@code {that: …, at: MARK, machines: CLASS}}, and metric names. */
final class AssertionReader {
    private static final Pattern COMPARED = Pattern.compile("\\s*(.*?)\\s*(<=|>=|==|!=|<|>|=)\\s*(.*?)\\s*", Pattern.DOTALL);
    /** Before a comparison: what must not be. */
    static final String FAILURE = "fail if ";
    private static final Pattern METRIC = Pattern.compile("([a-zA-Z_0-9.-]+)(?:\\{([^{}]*)\\})?");
    private static final Pattern NUMBER = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*([A-Za-z%]*)");

    private final Problems problems;
    private final Values values;

    AssertionReader(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    /** An assertion, or null if it can not be read. */
    Assertion assertion(Yaml written, List<String> classes, Collection<String> marks) {
        if (written instanceof Yaml.Scalar) {
            return comparison(written, "", "");
        }
        Fields f = new Fields(written, "an assertion", problems);
        Yaml that = f.required("that", "write that: 'split_fail > 0'");
        Yaml at = f.optional("at");
        Yaml machines = f.optional("machines");
        f.finish();
        String mark = at == null ? "" : values.text(at, "'at'");
        if (!mark.isEmpty() && !marks.contains(mark)) {
            problems.unknown(at.at(), "mark", mark, marks);
        }
        String of = machines == null ? "" : values.text(machines, "'machines'");
        if (!of.isEmpty() && !classes.contains(of)) {
            problems.unknown(machines.at(), "machine class", of, classes);
        }
        return that == null ? null : comparison(that, mark, of);
    }

    private Assertion comparison(Yaml written, String mark, String machines) {
        String text = values.text(written, "an assertion");
        boolean failure = text.strip().startsWith(FAILURE);
        Matcher matcher = COMPARED.matcher(failure ? text.strip().substring(FAILURE.length()) : text);
        if (!matcher.matches()) {
            problems.add(written.at(), "'" + text + "' compares nothing", "write METRIC, one of < <= == != >= >, and a number");
            return null;
        }
        if (matcher.group(2).equals("=")) {
            problems.add(written.at(), "'=' is no comparison", "write '=='");
            return null;
        }
        MetricKey key = metric(matcher.group(1), written.at());
        if (key == null) {
            return null;
        }
        Comparison comparison = Arrays.stream(Comparison.values()).filter(c -> c.sign().equals(matcher.group(2)))
            .findFirst().orElseThrow();
        Long value = value(matcher.group(3), key.metric().unit(), written.at());
        return value == null ? null
            : new Assertion(key, failure ? comparison.opposite() : comparison, value, mark, machines, text.strip(), written.at());
    }

    /** A metric with labels, or null. */
    MetricKey metric(String written, SourceLine at) {
        Matcher matcher = METRIC.matcher(written.strip());
        if (!matcher.matches()) {
            problems.add(at, "'" + written + "' is no metric", "write a name such as split_fail or split_fail{pinned}");
            return null;
        }
        Optional<Metric> metric = Metric.named(matcher.group(1));
        if (metric.isEmpty()) {
            problems.unknown(at, "metric", matcher.group(1), Metric.keys());
            return null;
        }
        List<String> labels = new ArrayList<>();
        if (matcher.group(2) != null) {
            for (String label : matcher.group(2).split(",")) {
                labels.add(label.strip());
            }
        }
        if (metric.get() == Metric.COUNTER && labels.size() != 1) {
            problems.add(at, "'counter' does not say which", "write counter{thp_split_page}");
        }
        MetricKey key = new MetricKey(metric.get(), labels);
        String wrong = metric.get().isDistribution() ? Distribution.wrong(key) : "";
        if (!wrong.isEmpty()) {
            problems.add(at, "'" + written.strip() + "' does not say of what, and which quantile", wrong);
            return null;
        }
        return key;
    }

    private Long value(String written, Metric.Unit unit, SourceLine at) {
        Matcher matcher = NUMBER.matcher(written);
        String remedy = "compare with " + switch (unit) {
            case COUNT -> "a plain number";
            case PAGES, BYTES -> "a size such as 2MiB";
            case PERCENT -> "a percentage such as 10%";
            case DECIMAL -> "a number such as 8.5";
            case NANOS -> "a time such as 2us";
        };
        if (!matcher.matches()) {
            problems.add(at, "'" + written + "' is no number", remedy);
            return null;
        }
        String digits = matcher.group(1);
        String suffix = matcher.group(2);
        try {
            return switch (unit) {
                case COUNT -> Units.COUNT.value(digits, suffix);
                case PAGES -> Units.PAGES.value(digits, suffix);
                case BYTES -> Units.PAGES.value(digits, suffix) * 4096;
                case NANOS -> Units.NANOS.value(digits, suffix);
                case PERCENT -> {
                    if (!suffix.equals("%")) {
                        throw new Units.NumberException("'" + written + "' is no percentage", remedy);
                    }
                    yield new BigDecimal(digits).movePointRight(2).longValue();
                }
                case DECIMAL -> {
                    if (!suffix.isEmpty()) {
                        throw new Units.NumberException("'" + written + "' is no plain number", remedy);
                    }
                    yield new BigDecimal(digits).movePointRight(2).longValue();
                }
            };
        } catch (Units.NumberException e) {
            problems.add(at, e.getMessage(), e.remedy());
            return null;
        }
    }
}
