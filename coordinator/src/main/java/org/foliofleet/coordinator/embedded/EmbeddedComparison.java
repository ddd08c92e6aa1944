package org.foliofleet.coordinator.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.foliofleet.node.journal.EventWords;
import org.foliofleet.node.local.FirstParting;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.node.workload.MatrixRunner;
import org.foliofleet.node.workload.MatrixRunner.Differing;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.Parting;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/** Runs all variants of an experiment in this JVM, without a journal, and finds where they part. */
public final class EmbeddedComparison {
    private final Matrix matrix;
    private final int threads;
    private final EmbeddedRun.Progress progress;
    private final BooleanSupplier cancelled;

    /**
     * A comparison.
     *
     * @param threads   that run machines, at least 1
     * @param cancelled is asked on the way; once it holds, {@link #run} ends
     */
    public EmbeddedComparison(Matrix matrix, int threads, EmbeddedRun.Progress progress, BooleanSupplier cancelled) {
        this.matrix = matrix;
        this.threads = threads;
        this.progress = progress;
        this.cancelled = cancelled;
    }

    /**
     * Runs it.
     *
     * @throws CancellationException if that was wanted
     */
    public Compared run() {
        MatrixRunner runner = new MatrixRunner(matrix, new LocalHost(), threads, new ExperimentRunner.Progress() {
            @Override
            public void machinesDone(long machines, long of) {
                progress.machinesDone(machines, of);
            }

            @Override
            public void machineAt(String machineClass, int ordinal, long nanos) {
                progress.machineAt(machineClass, ordinal, nanos);
            }
        }, cancelled);
        List<List<ExperimentResult>> results = runner.run();
        List<Differing> differing = runner.differing();
        Parting[] partings = new Parting[differing.size()];
        List<Callable<Void>> jobs = new ArrayList<>();
        for (int i = 0; i < partings.length; i++) {
            int number = i;
            jobs.add(() -> {
                partings[number] = parting(differing.get(number));
                return null;
            });
        }
        if (!jobs.isEmpty()) {
            MatrixRunner.runAll(Math.min(threads, jobs.size()), jobs);
        }
        return new Compared(matrix, results, List.of(partings));
    }

    private Parting parting(Differing each) {
        long seed = matrix.seeds().get(0);
        ExperimentSpec first = matrix.variants().get(0).spec().withSeed(seed);
        ExperimentSpec other = matrix.variants().get(each.variant()).spec().withSeed(seed);
        FirstParting.Found found = FirstParting.find(first, other, each.machines(), each.ordinal(), cancelled);
        return new Parting(each.variant(), first.machines().get(each.machines()).name(), each.ordinal(), seed, found.tick(), found.nanos(),
                found.owner() == null ? "" : found.owner().toString(), words(found, found.ofOne()), words(found, found.ofOther()));
    }

    private static String words(FirstParting.Found found, FirstParting.Next next) {
        return next == null ? "" : (next.tick() == found.tick() ? "" : "nothing until tick " + next.tick() + ": ") + EventWords.of(next.event());
    }
}
