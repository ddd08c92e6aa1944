package org.foliofleet.coordinator.comparison;

import java.time.Duration;
import java.util.List;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.ExperimentSize;
import org.foliofleet.protocol.experiment.ExperimentSize.ClassSize;

/**
 * How much a coordinator compares beside its experiments.
 *
 * @param waiting  comparisons that may wait or run; one runs at a time
 * @param runs     of one comparison, variants times seeds
 * @param machines of one comparison, in all of its runs
 * @param heap     in bytes, that its machines may take, as it is estimated
 * @param threads  that run machines, at least 1
 * @param time     after which one is ended
 * @param kept     that are over and can be asked for; older ones are forgotten
 */
public record ComparisonLimits(int waiting, int runs, long machines, long heap, int threads, Duration time, int kept) {
    private static final int USUAL_WAITING = 4;
    private static final int RUNS = 256;
    private static final int MACHINES = 4096;
    private static final int KEPT = 8;
    private static final int MIB = 20;

    /** Half of the cores, a quarter of the heap, an hour. */
    public static ComparisonLimits usual() {
        return new ComparisonLimits(USUAL_WAITING, RUNS, MACHINES, Runtime.getRuntime().maxMemory() / 4,
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2), Duration.ofHours(1), KEPT);
    }

    public ComparisonLimits withWaiting(int most) {
        return new ComparisonLimits(most, runs, machines, heap, threads, time, kept);
    }

    public ComparisonLimits withSize(int mostRuns, long mostMachines, long mostHeap) {
        return new ComparisonLimits(waiting, mostRuns, mostMachines, mostHeap, threads, time, kept);
    }

    public ComparisonLimits withTime(Duration most) {
        return new ComparisonLimits(waiting, runs, machines, heap, threads, most, kept);
    }

    /** @throws ExperimentProblem if it is too large to be run beside experiments */
    void require(Matrix matrix) {
        if (matrix.runs() > runs) {
            throw tooLarge(matrix.variants().size() + " variants with " + matrix.seeds().size() + " seeds are " + matrix.runs() + " runs, and no more than "
                    + runs + " are run here; ask for fewer");
        }
        long all = matrix.spec().machineCount() * matrix.runs();
        if (all > machines) {
            throw tooLarge(matrix.runs() + " runs of " + matrix.spec().machineCount() + " machines are " + all + ", and no more than " + machines
                    + " are run here; ask for fewer");
        }
        long needed = matrix.variants().stream().map(Variant::spec).map(ExperimentSize::of).mapToLong(this::atOnce).max().orElse(0);
        if (needed > heap) {
            throw tooLarge("its machines take about " + (needed >> MIB) + " MiB, and " + (heap >> MIB) + " MiB are set aside for that here; make the experiment smaller");
        }
    }

    private static ExperimentProblem tooLarge(String what) {
        return new ExperimentProblem(Kind.INVALID, what + ", or use the command foliofleet compare, which has a machine for itself");
    }

    /** As many machines run as there are threads, each with its share of the state of all. */
    private long atOnce(ExperimentSize size) {
        List<ClassSize> classes = size.classes();
        long vmas = Math.max(1, classes.stream().mapToLong(ClassSize::vmas).sum());
        long largest = classes.stream().mapToLong(each -> each.vmas() / Math.max(1, each.machines())).max().orElse(0);
        return (long) ((double) size.heapBytes() * Math.min(vmas, threads * largest) / vmas);
    }
}
