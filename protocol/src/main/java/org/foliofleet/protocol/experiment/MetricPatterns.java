package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Regular expressions for metrics and for comparisons of them. */
final class MetricPatterns {
    private static final String LABELS = "(\\{[^{}]*\\})?";
    private static final String NUMBER = "[0-9]{1,15}(\\.[0-9]{1,9})?\\s*";

    private MetricPatterns() {}

    static String metric() {
        return "^\\s*(" + String.join("|", Metric.keys()) + ")" + LABELS + "\\s*$";
    }

    /** Each metric is compared with a number in its unit. */
    static String comparison() {
        List<String> options = new ArrayList<>();
        for (Metric.Unit unit : Metric.Unit.values()) {
            String names = Arrays.stream(Metric.values()).filter(metric -> metric.unit() == unit).map(Metric::key).collect(Collectors.joining("|"));
            if (!names.isEmpty()) {
                options.add("(" + names + ")" + LABELS + "\\s*(<|<=|==|!=|>=|>)\\s*" + switch (unit) {
                    case COUNT, DECIMAL -> NUMBER;
                    case PAGES, BYTES -> "(0|" + NUMBER + "(" + String.join("|", Units.PAGES.suffixes()) + "))";
                    case NANOS -> "(0|" + NUMBER + "(" + String.join("|", Units.NANOS.suffixes()) + "))";
                    case PERCENT -> NUMBER + "%";
                });
            }
        }
        return "^\\s*(" + AssertionReader.FAILURE + "\\s*)?(" + String.join("|", options) + ")\\s*$";
    }
}
