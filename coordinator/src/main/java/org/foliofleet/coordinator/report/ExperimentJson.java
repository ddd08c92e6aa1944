package org.foliofleet.coordinator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.foliofleet.protocol.experiment.Distribution;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.message.LatencyKind;

/**
 * The summary of an experiment for programs. Sizes are in pages or bytes as {@code Metric} says, percentages in
 * hundredths of a percent, times in simulated nanoseconds.
 */
public final class ExperimentJson {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ExperimentJson() {}

    public static String of(ExperimentResult result) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("digest", result.digest());
        root.put("name", result.spec().name());
        root.put("spec", result.spec().digest());
        root.put("seed", result.spec().seed());
        root.put("passed", result.passed());
        ArrayNode classes = root.putArray("machines");
        for (ClassResult machines : result.classes()) {
            ObjectNode node = classes.addObject();
            node.put("name", machines.name()).put("count", machines.machines()).put("nanos", machines.nanos());
            node.put("end", machines.end());
            metrics(machines.metrics(), node.putObject("metrics"));
            latencies(machines.metrics(), node.putArray("latencies"));
            ArrayNode marks = node.putArray("marks");
            for (MarkResult mark : machines.marks()) {
                ObjectNode one = marks.addObject();
                one.put("label", mark.label()).put("machines", mark.machines()).put("nanos", mark.nanos());
                metrics(mark.metrics(), one.putObject("metrics"));
            }
            ArrayNode times = node.putArray("times");
            for (CallTime time : machines.times()) {
                times.addObject().put("call", time.call()).put("calls", time.calls()).put("nanos", time.nanos())
                    .put("maxNanos", time.maxNanos());
            }
            ArrayNode failures = node.putArray("failures");
            for (FailureGroup group : machines.failures()) {
                failures.addObject().put("call", group.call()).put("error", group.error()).put("count", group.count())
                    .put("firstNanos", group.nanos()).put("firstMachine", group.machine())
                    .put("firstProcess", group.process()).put("line", group.line())
                    .put("firstVmas", group.vmas());
            }
        }
        ArrayNode assertions = root.putArray("assertions");
        for (AssertionResult assertion : result.assertions()) {
            ObjectNode node = assertions.addObject();
            node.put("that", assertion.assertion().text()).put("at", assertion.assertion().mark());
            node.put("machines", assertion.assertion().machines()).put("holds", assertion.holds());
            if (assertion.value().isPresent()) {
                node.put("value", assertion.value().getAsLong());
            } else {
                node.putNull("value");
            }
        }
        ArrayNode unmet = root.putArray("unmet");
        for (Unmet one : result.unmet()) {
            unmet.addObject().put("machines", one.machines()).put("machine", one.machine()).put("process", one.process())
                .put("line", one.line()).put("call", one.call()).put("expected", one.expected()).put("was", one.was());
        }
        try {
            return MAPPER.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of values can be written", e);
        }
    }

    private static void metrics(MetricValues values, ObjectNode node) {
        values.values().forEach((key, value) -> {
            if (!key.metric().isDistribution()) {
                node.put(key.toString(), value);
            }
        });
        quantiles(values, node);
    }

    /** Of distributions those quantiles that metrics can be asked for. */
    private static void quantiles(MetricValues values, ObjectNode node) {
        for (Metric metric : Metric.values()) {
            if (metric.isDistribution()) {
                for (LatencyKind kind : Distribution.kinds(metric)) {
                    for (String label : Distribution.quantiles()) {
                        MetricKey key = MetricKey.of(metric, kind.word(), label);
                        values.get(key).ifPresent(value -> node.put(key.toString(), value));
                    }
                }
            }
        }
    }

    /** Whole distributions: pairs of a bucket's highest value and how many are in it. */
    private static void latencies(MetricValues values, ArrayNode node) {
        for (LatencyKind kind : LatencyKind.values()) {
            Distribution distribution = Distribution.of(values, kind.isStall() ? Metric.STALL_LATENCY : Metric.FAULT_LATENCY, kind.word());
            if (distribution.count() > 0) {
                ObjectNode one = node.addObject().put("kind", kind.word()).put("stall", kind.isStall()).put("count", distribution.count());
                one.put("nanos", values.get(MetricKey.of(kind.isStall() ? Metric.STALL_TIME : Metric.FAULT_TIME, kind.word())).orElse(0));
                ArrayNode buckets = one.putArray("buckets");
                distribution.counts().forEach((highest, count) -> buckets.addArray().add(highest).add(count));
            }
        }
    }
}
