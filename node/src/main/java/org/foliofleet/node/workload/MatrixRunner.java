package org.foliofleet.node.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.ExperimentFold;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MachineResult;

/**
 * Runs every machine of every variant of a matrix with every seed, on as many threads as it is given. Seed by seed and in
 * a seed machine by machine, so that what is compared runs at about the same time; results do not depend on that.
 */
public final class MatrixRunner {
    private final Matrix matrix;
    private final ExperimentHost host;
    private final int threads;
    private final ExperimentRunner.Progress progress;
    private final BooleanSupplier cancelled;
    private final List<List<ExperimentSpec>> specs = new ArrayList<>();
    private final List<List<ExperimentFold>> folds = new ArrayList<>();
    /** What came of each machine of the first seed without its digest, which the policies are part of, as a hash: by variant. */
    private final List<int[]> first = new ArrayList<>();
    private final long all;
    private long done;

    /**
     * A runner.
     *
     * @param threads   at least 1
     * @param cancelled is asked by all of them; once it holds, they end
     */
    public MatrixRunner(Matrix matrix, ExperimentHost host, int threads, ExperimentRunner.Progress progress, BooleanSupplier cancelled) {
        this.matrix = matrix;
        this.host = host;
        this.threads = threads;
        this.progress = progress;
        this.cancelled = cancelled;
        for (Variant variant : matrix.variants()) {
            List<ExperimentSpec> ofSeeds = matrix.seeds().stream().map(seed -> variant.spec().withSeed(seed)).toList();
            specs.add(ofSeeds);
            folds.add(ofSeeds.stream().map(ExperimentFold::new).toList());
            first.add(new int[Math.toIntExact(variant.spec().machineCount())]);
        }
        all = matrix.spec().machineCount() * matrix.runs();
    }

    /**
     * Runs them all.
     *
     * @return of each variant, of each seed
     * @throws CancellationException if that was wanted
     */
    public List<List<ExperimentResult>> run() {
        runAll(threads, jobs());
        return folds.stream().map(seeds -> seeds.stream().map(ExperimentFold::result).toList()).toList();
    }

    /** The machines of the first seed whose results differ from those of the first variant: of each class the first such. */
    public List<Differing> differing() {
        List<Differing> differing = new ArrayList<>();
        for (int variant = 1; variant < first.size(); variant++) {
            int number = 0;
            for (int machines = 0; machines < matrix.spec().machines().size(); machines++) {
                int count = matrix.spec().machines().get(machines).count();
                for (int ordinal = 0; ordinal < count; ordinal++) {
                    if (first.get(variant)[number + ordinal] != first.get(0)[number + ordinal]) {
                        differing.add(new Differing(variant, machines, ordinal));
                        break;
                    }
                }
                number += count;
            }
        }
        return differing;
    }

    /**
     * A machine of the first seed in which a variant differs from the first.
     *
     * @param machines number of the class
     * @param ordinal  in the class
     */
    public record Differing(int variant, int machines, int ordinal) {}

    private List<Callable<Void>> jobs() {
        List<Callable<Void>> jobs = new ArrayList<>();
        for (int seed = 0; seed < matrix.seeds().size(); seed++) {
            int number = 0;
            for (int machines = 0; machines < matrix.spec().machines().size(); machines++) {
                for (int ordinal = 0; ordinal < matrix.spec().machines().get(machines).count(); ordinal++, number++) {
                    for (int variant = 0; variant < specs.size(); variant++) {
                        jobs.add(job(variant, seed, machines, ordinal, number));
                    }
                }
            }
        }
        return jobs;
    }

    private Callable<Void> job(int variant, int seed, int machines, int ordinal, int number) {
        return () -> {
            ExperimentSpec spec = specs.get(variant).get(seed);
            MachineClass each = spec.machines().get(machines);
            MachineResult result = run(spec, each, ordinal);
            synchronized (this) {
                folds.get(variant).get(seed).add(each.name(), ordinal, result);
                if (seed == 0) {
                    first.get(variant)[number] = result.withDigest("").hashCode();
                }
                progress.machinesDone(++done, all);
            }
            return null;
        };
    }

    private MachineResult run(ExperimentSpec spec, MachineClass each, int ordinal) {
        try (SimulatedMachine machine = host.create(spec, each, ordinal)) {
            while (!machine.run(ExperimentRunner.SLICE)) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the comparison was cancelled");
                }
                synchronized (this) {
                    progress.machineAt(each.name(), ordinal, machine.nanos());
                }
            }
            return machine.result();
        }
    }

    /** Runs jobs in their order on threads; the first that fails ends them. */
    public static void runAll(int threads, List<Callable<Void>> jobs) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (Callable<Void> job : jobs) {
                running.add(pool.submit(job));
            }
            for (Future<Void> each : running) {
                each.get();
            }
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
        } finally {
            pool.shutdownNow();
        }
    }
}
