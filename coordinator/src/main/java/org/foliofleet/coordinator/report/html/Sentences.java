package org.foliofleet.coordinator.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** A result in three sentences: what ran, what was found, whether it is what was asked for. */
final class Sentences {
    private static final int MOST_NAMED = 3;

    private Sentences() {}

    static List<String> of(ExperimentResult result) {
        return List.of(ran(result), found(result), holds(result));
    }

    private static String ran(ExperimentResult result) {
        ExperimentSpec spec = result.spec();
        List<String> classes = new ArrayList<>();
        spec.machines().forEach(each -> classes.add(Quantities.grouped(each.count()) + " × " + each.name()));
        long nanos = result.classes().stream().mapToLong(ClassResult::nanos).max().orElse(0);
        return spec.name() + " ran " + counted(spec.machineCount(), "machine") + " (" + shortened(classes) + ") with "
            + counted(sum(result, Metric.PROCESSES), "process") + " for " + Quantities.time(nanos) + " of simulated time: "
            + counted(sum(result, Metric.CALLS), "call") + ", " + counted(sum(result, Metric.FAULTS), "page fault") + ", "
            + counted(sum(result, Metric.FORKS), "fork") + ".";
    }

    private static String found(ExperimentResult result) {
        List<String> parts = new ArrayList<>();
        long failed = sum(result, Metric.CALLS_FAILED);
        Map<String, Long> causes = causes(result);
        if (causes.isEmpty() && failed == 0) {
            parts.add("no call failed");
        } else {
            List<String> words = new ArrayList<>();
            causes.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(each -> words.add(each.getKey() + " " + Quantities.grouped(each.getValue())));
            parts.add(counted(failed, "call") + " failed" + (words.isEmpty() ? "" : " (" + shortened(words) + ")"));
        }
        List<String> limits = Limits.reached(result);
        parts.add(limits.isEmpty() ? "no limit was reached" : "limits were reached: " + String.join(", ", limits));
        OptionalLong headroom = least(result, Metric.REFCOUNT_HEADROOM);
        if (headroom.isPresent()) {
            parts.add("at its highest a reference count was " + Quantities.grouped(most(result, Metric.REFS_PEAK)) + ", which left "
                + Quantities.of(headroom.getAsLong(), Metric.Unit.PERCENT) + " of what its bits can hold");
        }
        long peak = most(result, Metric.DEFERRED_PEAK);
        parts.add(peak == 0 ? "nothing waited on deferred split queues" : "deferred split queues held at most " + counted(peak, "folio")
            + " in a machine, and " + Quantities.grouped(sum(result, Metric.DEFERRED_LENGTH)) + " in all in the end");
        long killed = sum(result, Metric.OOM_KILLS);
        parts.add(killed == 0 ? "nothing was killed for want of memory" : counted(killed, "process") + " killed for want of memory");
        String text = String.join("; ", parts);
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    private static String holds(ExperimentResult result) {
        List<AssertionResult> all = result.assertions();
        List<String> broken = all.stream().filter(each -> !each.holds()).map(each -> each.assertion().text()).toList();
        String asserted = all.isEmpty() ? "Nothing was asserted"
            : broken.isEmpty() ? all.size() == 1 ? "The one assertion holds" : "All " + all.size() + " assertions hold"
            : broken.size() + " of " + counted(all.size(), "assertion") + " failed: " + shortened(broken);
        String unmet = result.unmet().isEmpty() ? "" : ", and " + (result.unmet().size() == ExperimentResult.MOST_UNMET ? "at least " : "")
            + counted(result.unmet().size(), "step") + " ended otherwise than expected";
        return asserted + unmet + (result.isIncomplete() ? "; but some calls are not modelled, so this says nothing about a kernel" : "") + ".";
    }

    /** How often calls failed, by error. */
    static Map<String, Long> causes(ExperimentResult result) {
        Map<String, Long> causes = new TreeMap<>();
        for (ClassResult machines : result.classes()) {
            for (FailureGroup group : machines.failures()) {
                causes.merge(group.error(), group.count(), Long::sum);
            }
        }
        return causes;
    }

    static String shortened(List<String> words) {
        return String.join(", ", words.subList(0, Math.min(MOST_NAMED, words.size())))
            + (words.size() > MOST_NAMED ? " and " + (words.size() - MOST_NAMED) + " more" : "");
    }

    static String counted(long count, String what) {
        return Quantities.grouped(count) + " " + what + (count == 1 ? "" : what.endsWith("s") ? "es" : "s");
    }

    static long sum(ExperimentResult result, Metric metric) {
        return result.classes().stream().mapToLong(each -> each.metrics().get(MetricKey.of(metric)).orElse(0)).sum();
    }

    static long most(ExperimentResult result, Metric metric) {
        return result.classes().stream().mapToLong(each -> each.metrics().get(MetricKey.of(metric)).orElse(0)).max().orElse(0);
    }

    static OptionalLong least(ExperimentResult result, Metric metric) {
        return result.classes().stream().map(each -> each.metrics().get(MetricKey.of(metric))).filter(OptionalLong::isPresent)
            .mapToLong(OptionalLong::getAsLong).min();
    }
}
