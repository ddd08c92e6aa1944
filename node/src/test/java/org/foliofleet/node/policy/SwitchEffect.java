package org.foliofleet.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.SwitchOverrides;

/**
 * What another value of a switch changes in an experiment: the metrics at its end and at its marks, the kernel's behaviour
 * against the other one, of the same workload.
 */
final class SwitchEffect {
    private final String yaml;
    private final Map<String, String> kernel;
    private final Map<String, String> other;
    private final TreeSet<String> told = new TreeSet<>();

    private SwitchEffect(String yaml, Map<String, String> kernel, Map<String, String> other) {
        this.yaml = yaml;
        this.kernel = kernel;
        this.other = other;
    }

    /** One machine class with one node of 1 GiB and swap of 256 MiB; one process with these steps, written as YAML list items. */
    static SwitchEffect of(String steps, String key, String value) {
        return ofExperiment(experiment(steps), Map.of(), Map.of(key, value));
    }

    /** The experiment of one process with these steps. */
    static String experiment(String steps) {
        return "version: 1\nname: effect\ntick: 1us\nmachines:\n  - name: host\n    nodes: [{memory: 1GiB, cpus: 2}]\n"
            + "    swap: 256MiB\n    kernel: {thp: madvise}\n    processes: [{name: p, program: p}]\nprograms:\n  p:\n"
            + steps.strip().indent(4) + "stop: {when: idle}\n";
    }

    /** @param given switches of both runs, @param changed those of the second alone */
    static SwitchEffect ofExperiment(String yaml, Map<String, String> given, Map<String, String> changed) {
        TreeMap<String, String> second = new TreeMap<>(given);
        second.putAll(changed);
        return new SwitchEffect(yaml, values(yaml, given), values(yaml, second));
    }

    /** Metrics by name, those at marks as {@code name@mark}; 0 is left out, as are ticks, messages, times, and what follows from folios_live. */
    static Map<String, String> values(String yaml, Map<String, String> switches) {
        ExperimentSpec spec = SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "effect.yaml").withSwitches(SwitchOverrides.read(switches));
        ExperimentResult result = ExperimentRunner.run(spec, new LocalHost(), ExperimentRunner.Progress.NONE);
        assertTrue(result.passed(), () -> "the experiment does not pass under " + switches + ": " + result.unmet() + result.assertions()
            + result.classes().get(0).failures() + "\n" + yaml);
        TreeMap<String, String> values = new TreeMap<>();
        ClassResult machines = result.classes().get(0);
        put(machines.metrics().values(), "", values);
        for (MarkResult mark : machines.marks()) {
            put(mark.metrics().values(), "@" + mark.label(), values);
        }
        return values;
    }

    private static void put(Map<MetricKey, Long> metrics, String suffix, Map<String, String> values) {
        metrics.forEach((key, value) -> {
            if (value != 0 && !key.toString().startsWith("ticks") && !key.toString().startsWith("messages")
                && !key.toString().equals("mean_order") && key.metric() != Metric.OVERRUNS && !key.metric().isDistribution()
                && key.metric().unit() != Metric.Unit.NANOS) {
                values.put(key + suffix, value.toString());
            }
        });
    }

    /** What the metric that the switch is about is under the kernel's value and under the other; they differ. */
    SwitchEffect changes(String metric, long from, long to) {
        assertEquals(from + " -> " + to, kernel.getOrDefault(metric, "0") + " -> " + other.getOrDefault(metric, "0"), metric + "\n" + differences());
        assertTrue(from != to, "nothing changes");
        told.add(metric);
        return this;
    }

    /** Metrics that may change as a consequence, at the end and at every mark; nothing else may. */
    void andOnly(String... metrics) {
        TreeSet<String> others = new TreeSet<>(differences().keySet());
        others.removeAll(told);
        others.removeIf(key -> Arrays.stream(metrics).anyMatch(metric -> key.equals(metric) || key.startsWith(metric + "@")
            || key.startsWith(metric + "{")));
        assertTrue(others.isEmpty(), () -> "these change too: " + others + "\nall: " + differences());
    }

    private Map<String, String> differences() {
        TreeMap<String, String> all = new TreeMap<>();
        TreeSet<String> keys = new TreeSet<>(kernel.keySet());
        keys.addAll(other.keySet());
        for (String key : keys) {
            String before = kernel.getOrDefault(key, "0");
            String after = other.getOrDefault(key, "0");
            if (!before.equals(after)) {
                all.put(key, before + " -> " + after);
            }
        }
        return all;
    }
}
