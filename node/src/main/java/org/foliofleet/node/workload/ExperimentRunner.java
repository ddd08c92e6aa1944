package org.foliofleet.node.workload;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MetricValues;

/**
 * Runs an experiment: its machines, which never meet, on as many threads as it is given. Results are folded in the order of
 * the machines, whichever ends first, so that they do not depend on the threads.
 */
public final class ExperimentRunner {
    /** Hears how far the experiment is; is called by several threads, one at a time. */
    public interface Progress {
        Progress NONE = new Progress() { };

        /** So many machines of all are done. */
        default void machinesDone(long machines, long of) {}

        /** One machine got that far; called every {@link #SLICE} ticks. */
        default void machineAt(String machineClass, int ordinal, long nanos) {}
    }

    /** Ticks after which progress is told. */
    public static final long SLICE = 256;

    private final ExperimentSpec spec;
    private final ExperimentHost host;
    private final Progress progress;
    private final int threads;
    private final List<Unmet> unmet = new ArrayList<>();
    private final MessageDigest digest;
    private final long machines;
    private long done;

    private ExperimentRunner(ExperimentSpec spec, ExperimentHost host, int threads, Progress progress) {
        this.spec = spec;
        this.host = host;
        this.threads = threads;
        this.progress = progress;
        machines = spec.machines().stream().mapToLong(MachineClass::count).sum();
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Runs an experiment on one thread of its own. */
    public static ExperimentResult run(ExperimentSpec spec, ExperimentHost host, Progress progress) {
        return run(spec, host, 1, progress);
    }

    /** @param threads at least 1 */
    public static ExperimentResult run(ExperimentSpec spec, ExperimentHost host, int threads, Progress progress) {
        return new ExperimentRunner(spec, host, threads, progress).run();
    }

    private ExperimentResult run() {
        addToDigest(spec.digest());
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<ClassResult> classes = new ArrayList<>();
        try {
            for (MachineClass each : spec.machines()) {
                classes.add(run(each, pool));
            }
        } finally {
            pool.shutdownNow();
        }
        List<AssertionResult> assertions = spec.assertions().stream().map(assertion -> evaluate(assertion, classes)).toList();
        return new ExperimentResult(spec, HexFormat.of().formatHex(digest.digest()), classes, assertions, unmet);
    }

    private ClassResult run(MachineClass each, ExecutorService pool) {
        ClassFold fold = new ClassFold(each);
        ArrayDeque<Future<MachineResult>> underWay = new ArrayDeque<>();
        int next = 0;
        while (next < each.count() || !underWay.isEmpty()) {
            while (next < each.count() && underWay.size() < 2 * threads) {
                int ordinal = next++;
                underWay.add(pool.submit(() -> run(each, ordinal)));
            }
            MachineResult ended = await(underWay.remove());
            fold.add(ended);
            ended.unmet().stream().limit(ExperimentResult.MOST_UNMET - unmet.size()).forEach(one -> unmet.add(one.in(each.name())));
            addToDigest(ended.digest());
        }
        return fold.result();
    }

    private MachineResult run(MachineClass each, int ordinal) {
        try (SimulatedMachine machine = host.create(spec, each, ordinal)) {
            while (!machine.run(SLICE)) {
                synchronized (progress) {
                    progress.machineAt(each.name(), ordinal, machine.nanos());
                }
            }
            MachineResult result = MachineResult.of(machine);
            synchronized (progress) {
                progress.machinesDone(++done, machines);
            }
            return result;
        }
    }

    private static MachineResult await(Future<MachineResult> machine) {
        try {
            return machine.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while machines were running", e);
        }
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
