package org.foliofleet.node.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** A machine without memory: writes down what is asked of it and answers, after some ticks, as it is told. */
final class ScriptedMachine implements SimulatedMachine {
    private record Asked(String process, Object call) {}

    private record Answer(long tick, String process, CallResult result) {}

    private final List<String> log;
    private final BiFunction<String, Object, CallResult> answers;
    private final int ticksPerCall;
    private final List<Asked> submitted = new ArrayList<>();
    private final List<Answer> underWay = new ArrayList<>();
    private long calls;

    /** @param answers from process and call to the result */
    ScriptedMachine(List<String> log, int ticksPerCall, BiFunction<String, Object, CallResult> answers) {
        this.log = log;
        this.ticksPerCall = ticksPerCall;
        this.answers = answers;
    }

    @Override
    public void spawn(String process, int node) {
        submitted.add(new Asked(process, "on node " + node));
    }

    @Override
    public void submit(String process, MemoryCall call) {
        submitted.add(new Asked(process, call));
    }

    @Override
    public void submit(String process, MachineCall call) {
        submitted.add(new Asked(process, call));
    }

    @Override
    public long nextTick() {
        return underWay.stream().mapToLong(Answer::tick).min().orElse(Long.MAX_VALUE);
    }

    @Override
    public boolean isQuiet() {
        return underWay.isEmpty();
    }

    @Override
    public void execute(long tick, Listener listener) {
        for (Asked asked : submitted) {
            if (asked.call instanceof String words) {
                log.add(tick + " " + asked.process + " " + words);
            } else {
                calls++;
                log.add(tick + " " + asked.process + " " + asked.call.getClass().getSimpleName());
                underWay.add(new Answer(tick + ticksPerCall - 1, asked.process, answers.apply(asked.process, asked.call)));
            }
        }
        submitted.clear();
        List<Answer> due = underWay.stream().filter(answer -> answer.tick <= tick).toList();
        underWay.removeAll(due);
        due.forEach(answer -> listener.completed(answer.process, answer.result, 0));
    }

    @Override
    public MetricValues metrics() {
        return MetricValues.of(new TreeMap<>(Map.of(MetricKey.of(Metric.MESSAGES), calls, MetricKey.of(Metric.FREE), 100 - calls,
                MetricKey.of(Metric.SPLIT_FAIL, "pinned"), 2L, MetricKey.of(Metric.SPLIT_FAIL, "locked"), 1L)));
    }

    @Override
    public String digest() {
        return Integer.toHexString(log.hashCode());
    }
}
