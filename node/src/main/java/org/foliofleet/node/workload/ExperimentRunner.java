package org.foliofleet.node.workload;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MetricValues;

/**
 * Runs an experiment on one thread: machine after machine, since machines never meet, keeping of each only what the
 * result needs.
 */
public final class ExperimentRunner {
    /** Hears how far the experiment is. */
    public interface Progress {
        Progress NONE = (machines, of) -> { };

        /** So many machines of all are done. */
        void machinesDone(long machines, long of);
    }

    private final ExperimentSpec spec;
    private final ExperimentHost host;
    private final Progress progress;
    private final List<Unmet> unmet = new ArrayList<>();
    private final MessageDigest digest;
    private long done;

    private ExperimentRunner(ExperimentSpec spec, ExperimentHost host, Progress progress) {
        this.spec = spec;
        this.host = host;
        this.progress = progress;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public static ExperimentResult run(ExperimentSpec spec, ExperimentHost host, Progress progress) {
        return new ExperimentRunner(spec, host, progress).run();
    }

    private ExperimentResult run() {
        addToDigest(spec.digest());
        List<ClassResult> classes = new ArrayList<>();
        for (MachineClass machines : spec.machines()) {
            classes.add(run(machines));
        }
        List<AssertionResult> assertions = spec.assertions().stream().map(assertion -> evaluate(assertion, classes)).toList();
        return new ExperimentResult(spec, HexFormat.of().formatHex(digest.digest()), classes, assertions, unmet);
    }

    private ClassResult run(MachineClass machines) {
        MetricValues metrics = MetricValues.NONE;
        Map<String, MarkResult> marks = new LinkedHashMap<>();
        FailureTable failures = new FailureTable();
        long nanos = 0;
        String end = "";
        for (int ordinal = 0; ordinal < machines.count(); ordinal++) {
            try (SimulatedMachine machine = host.create(spec, machines, ordinal)) {
                // Draws are keyed by the number in the class: classes that differ in a policy see the same workload.
                MachineRun run = new MachineRun(spec, machines, ordinal, ordinal, machine);
                run.run();
                metrics = metrics.and(run.metrics());
                run.marks().forEach(mark -> marks.merge(mark.label(), mark, ExperimentRunner::merge));
                run.failures().forEach(failures::add);
                run.unmet().stream().limit(ExperimentResult.MOST_UNMET - unmet.size()).forEach(unmet::add);
                nanos = Math.max(nanos, run.nanos());
                end = end.isEmpty() || end.equals(run.end()) ? run.end() : "for different reasons";
                addToDigest(machine.digest());
            }
            progress.machinesDone(++done, spec.machines().stream().mapToLong(MachineClass::count).sum());
        }
        List<FailureGroup> groups = failures.groups();
        return new ClassResult(machines.name(), machines.count(), nanos, end, metrics, new ArrayList<>(marks.values()), groups);
    }

    private static MarkResult merge(MarkResult a, MarkResult b) {
        return new MarkResult(a.label(), a.machines() + b.machines(), Math.min(a.nanos(), b.nanos()),
                a.metrics().and(b.metrics()));
    }

    private void addToDigest(String part) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }

    private static AssertionResult evaluate(Assertion assertion, List<ClassResult> classes) {
        MetricValues values = MetricValues.NONE;
        for (ClassResult result : classes) {
            if (!assertion.machines().isEmpty() && !assertion.machines().equals(result.name())) {
                continue;
            }
            if (assertion.mark().isEmpty()) {
                values = values.and(result.metrics());
            }
            for (MarkResult mark : result.marks()) {
                if (mark.label().equals(assertion.mark())) {
                    values = values.and(mark.metrics());
                }
            }
        }
        OptionalLong value = values.get(assertion.metric());
        return new AssertionResult(assertion, value,
                value.isPresent() && assertion.comparison().holds(value.getAsLong(), assertion.value()));
    }
}
