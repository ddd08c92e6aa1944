package org.foliofleet.node.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/** Goal: processes come, act, wait and go as the experiment says. Method: processes that write down what they are asked. */
class ExperimentRunnerTest {
    private static final BiFunction<String, Object, CallResult> OK = (process, call) -> CallResult.OK;

    /** Ticks from a call to its answer. */
    private static final long ANSWER = 1;
    /** Ticks that a shrinker takes which finds nothing on two nodes. */
    private static final long SHRINK = 14;

    private final List<String> log = new ArrayList<>();

    private ExperimentResult run(String yaml, BiFunction<String, Object, CallResult> answers) {
        return ExperimentRunner.run(SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "test.yaml"),
                (spec, machines, ordinal) -> ScriptedProcess.machine(spec, machines, ordinal, log, answers), ExperimentRunner.Progress.NONE);
    }

    /** What processes were asked, without the time. */
    private List<String> calls() {
        return log.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }

    /** Ticks after the programs began at which a process was asked. */
    private long tick(int line) {
        return Long.parseLong(log.get(line).substring(0, log.get(line).indexOf(' ')));
    }

    private static String experiment(String processes, String more) {
        return "version: 1\nname: test\ntick: 1us\nmachines:\n  - name: host\n    nodes: [{memory: 1GiB}, {memory: 1GiB}]\n"
                + "    processes:\n" + processes.strip().indent(6) + more;
    }

    @Test
    void stepsFollowEachOtherTickByTick() {
        ExperimentResult result = run(experiment("- {name: p, program: [numa-scan, {wait: 5us}, shrink, numa-scan]}", ""), OK);
        assertEquals(List.of("p on node 0", "p NumaScan", "p NumaScan", "p Exit"), calls());
        assertEquals(5 + 1, tick(2) - tick(1) - ANSWER - SHRINK, "the pause, and the way of the next call");
        assertEquals(ANSWER + 1, tick(3) - tick(2));
        ClassResult host = result.classes().get(0);
        assertEquals("all programs are over", host.end());
        assertEquals((tick(3) + ANSWER) * 1_000, host.nanos());
        assertTrue(result.passed());
    }

    @Test
    void groupsArriveInTheirOrderAndSpreadOverNodes() {
        run(experiment("""
            - {name: late, arrival: {at: 3us}, node: 1, program: [exit]}
            - {name: many, count: 3, node: spread, program: [exit]}
            """, ""), OK);
        assertEquals(List.of("many-0 on node 0", "many-1 on node 1", "many-2 on node 0", "many-0 Exit", "many-1 Exit", "many-2 Exit",
                "late on node 1", "late Exit"), calls().stream().sorted((a, b) -> Boolean.compare(a.startsWith("late"), b.startsWith("late"))).toList());
        assertEquals(tick(0) + 2, tick(calls().indexOf("late on node 1")), "those of tick 0 begin a tick after the machine");
    }

    @Test
    void arrivalsAndLifetimesAreDrawnFromTheSeed() {
        String yaml = experiment("- {name: p, count: 20, arrival: {every: exponential(10us)}, lifetime: uniform(5us..50us),"
                + " program: [{repeat: {times: 1000, steps: [numa-scan]}}]}", "");
        ExperimentResult first = run(yaml, OK);
        List<String> firstLog = List.copyOf(log);
        log.clear();
        ExperimentResult again = run(yaml, OK);
        assertEquals(firstLog, log);
        assertEquals(first.digest(), again.digest());
        log.clear();
        assertNotEquals(first.digest(), run("seed: 2\n" + yaml, OK).digest());
        assertEquals(20, firstLog.stream().filter(line -> line.endsWith("Exit")).count(), "all were ended before their time");
        assertTrue(firstLog.size() < 20 * 60);
    }

    @Test
    void parentsJoinTheirChildren() {
        run(experiment("- {name: p, program: [{fork: {name: c, steps: [{wait: 4us}]}}, {fork: {name: c, steps: [exit]}}, "
                + "join, numa-scan]}", ""), OK);
        assertEquals(List.of("p on node 0", "p Fork", "p Fork", "p.c-0 Exit", "p.c-1 Exit", "p NumaScan", "p Exit"), calls());
    }

    @Test
    void aLifetimeEndsAProcessThatJoinsOrWaits() {
        run(experiment("""
            - {name: p, lifetime: 50us, program: [{fork: {name: c, steps: [{wait: 200us}]}}, join, numa-scan]}
            - {name: q, lifetime: 30us, program: [{wait: 1s}, numa-scan]}
            - {name: r, lifetime: 90us, program: [{fork: {name: c, steps: [{wait: 40us}]}}, join, numa-scan]}
            """, ""), OK);
        assertEquals(List.of("q Exit", "p Exit", "r NumaScan", "r Exit", "p.c-0 Exit"),
                calls().stream().filter(line -> line.endsWith("Exit") && !line.contains("r.c") || line.endsWith("Scan")).toList());
    }

    @Test
    void aChildThatIsNotBornDoesNothing() {
        ExperimentResult result = run(experiment("- {name: p, program: [{fork: {name: c, steps: [numa-scan]}}, join]}", ""),
                (process, call) -> call instanceof MemoryCall.Fork ? new CallResult.Failed(Errno.ENOMEM) : CallResult.OK);
        assertEquals(List.of("p on node 0", "p Fork", "p Exit"), calls());
        assertEquals(OptionalLong.of(0), result.classes().get(0).metrics().get(MetricKey.of(Metric.FORKS)));
    }

    @Test
    void failuresAreGroupedAndTheFirstIsNamed() {
        ExperimentResult result = run(experiment("""
            - name: p
              count: 2
              program:
                - repeat:
                    times: 3
                    steps:
                      - munmap: {at: 0, size: 4KiB}
                      - {read: {at: 0, size: 4KiB}, expect: ok}
            """, "assert: ['calls_failed{munmap} == 6', 'calls_failed{munmap,EINVAL} == 5', calls_failed == 7]\n"),
                (process, call) -> call instanceof MemoryCall.Munmap ? new CallResult.Failed(Errno.EINVAL)
                    : call instanceof MemoryCall.Read && process.equals("p-1") && log.size() == 6
                        ? new CallResult.Signal(true, 0) : CallResult.OK);
        List<FailureGroup> groups = result.classes().get(0).failures();
        assertEquals(new FailureGroup("munmap", "EINVAL", 6, groups.get(0).nanos(), 0, "p-0", 14, 0), groups.get(0));
        assertEquals(2, groups.size(), () -> groups + " " + log);
        assertEquals("read", groups.get(1).call());
        assertEquals("SIGBUS", groups.get(1).error());
        assertEquals(List.of(true, false, true), result.assertions().stream().map(a -> a.holds()).toList());
        assertEquals(1, result.unmet().size());
        assertEquals("ok", result.unmet().get(0).expected());
        assertEquals("SIGBUS", result.unmet().get(0).was());
        assertFalse(result.passed());
    }

    @Test
    void marksShowHowItWasWhenFirstReached() {
        ExperimentResult result = run(experiment("- {name: p, program: [{repeat: {times: 2, steps: [numa-scan, mark: here]}}]}",
                "assert: [{that: calls == 1, at: here}, calls == 3]\n"), OK);
        assertEquals((tick(1) + ANSWER) * 1_000, result.classes().get(0).marks().get(0).nanos());
        assertTrue(result.passed(), () -> result.assertions().toString());
    }

    @Test
    void whatCannotBeModelledIsNoPass() {
        ExperimentResult result = run(experiment("- {name: p, program: [numa-scan]}", ""),
                (process, call) -> call instanceof MemoryCall.NumaScan ? new CallResult.Unsupported("NumaScan") : CallResult.OK);
        assertTrue(result.isIncomplete());
        assertFalse(result.passed());
    }

    @Test
    void timeAndTicksStopAMachine() {
        String processes = "- {name: p, program: [{repeat: {times: 1000000, steps: [numa-scan]}}]}";
        ExperimentResult byTime = run(experiment(processes, "stop: {at: 50us}\n"), OK);
        assertEquals("the time is over", byTime.classes().get(0).end());
        assertEquals(50_000, byTime.classes().get(0).nanos());
        ExperimentResult byTicks = run(experiment(processes, "stop: {ticks: 10}\n"), OK);
        assertEquals("the ticks are over", byTicks.classes().get(0).end());
        assertEquals(OptionalLong.of(10), byTicks.classes().get(0).metrics().get(MetricKey.of(Metric.TICKS)));
    }

    @Test
    void machinesOfAClassFoldAsEachMetricSays() {
        ExperimentResult result = run(experiment("- {name: p, program: [numa-scan]}", "assert: [calls == 6, "
                + "processes_peak == 1, 'split_fail{spec} == 0', free == 2GiB, processes == 3]\n")
                .replace("- name: host\n", "- name: host\n    count: 3\n"), OK);
        assertTrue(result.passed(), () -> result.assertions().toString());
        assertEquals(3, result.classes().get(0).machines());
    }

    @Test
    void aMetricThatNobodyMeasuresFailsItsAssertion() {
        ExperimentResult result = run(experiment("- {name: p, lifetime: 50us, program: [{wait: 1s}, mark: late]}",
                "assert: [{that: calls == 1, at: late}]\n"), OK);
        assertFalse(result.passed());
        assertTrue(result.assertions().get(0).value().isEmpty());
    }

    /** Two classes that differ only in a policy see the same workload. */
    @Test
    void classesThatDifferInAPolicyDrawTheSame() {
        run(experiment("- {name: p, count: 5, arrival: {every: exponential(10us)}, program: [numa-scan]}",
                "  - {name: other, like: host, policies: {refcount_bits: 64}}\n"), OK);
        assertEquals(log.subList(0, log.size() / 2), log.subList(log.size() / 2, log.size()));
    }
}
