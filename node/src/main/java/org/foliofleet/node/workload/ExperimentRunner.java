package org.foliofleet.node.workload;

import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.foliofleet.protocol.experiment.ExperimentFold;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MachineResult;

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
    private final ExperimentFold fold;
    private long done;

    private ExperimentRunner(ExperimentSpec spec, ExperimentHost host, int threads, Progress progress) {
        this.spec = spec;
        this.host = host;
        this.threads = threads;
        this.progress = progress;
        fold = new ExperimentFold(spec);
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
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (MachineClass each : spec.machines()) {
                run(each, pool);
            }
        } finally {
            pool.shutdownNow();
        }
        return fold.result();
    }

    private void run(MachineClass each, ExecutorService pool) {
        ArrayDeque<Future<MachineResult>> underWay = new ArrayDeque<>();
        int next = 0;
        for (int ordinal = 0; ordinal < each.count(); ordinal++) {
            while (next < each.count() && underWay.size() < 2 * threads) {
                int started = next++;
                underWay.add(pool.submit(() -> run(each, started)));
            }
            fold.add(each.name(), ordinal, await(underWay.remove()));
        }
    }

    private MachineResult run(MachineClass each, int ordinal) {
        try (SimulatedMachine machine = host.create(spec, each, ordinal)) {
            while (!machine.run(SLICE)) {
                synchronized (progress) {
                    progress.machineAt(each.name(), ordinal, machine.nanos());
                }
            }
            MachineResult result = machine.result();
            synchronized (progress) {
                progress.machinesDone(++done, fold.machines());
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
}
