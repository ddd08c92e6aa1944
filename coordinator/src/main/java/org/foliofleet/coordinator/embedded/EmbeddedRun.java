package org.foliofleet.coordinator.embedded;

import java.util.function.Supplier;
import org.foliofleet.node.local.DeterminismCheck;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/** Runs an experiment in this JVM. */
public final class EmbeddedRun {
    /** Hears how far the experiment is. */
    public interface Progress {
        /** So many machines of all are done. */
        void machinesDone(long machines, long of);

        /** One machine has simulated that much; called often. */
        void machineAt(String machineClass, int ordinal, long nanos);
    }

    /**
     * Whether two runs that were hosted differently are equal.
     *
     * @param text what to tell a person, without the last line's end
     */
    public record Determinism(boolean holds, String text) {}

    private final Supplier<? extends ExperimentHost> hosts;

    /** @param hosts gives each run a fresh maker of machines */
    public EmbeddedRun(Supplier<? extends ExperimentHost> hosts) {
        this.hosts = hosts;
    }

    /** Runs the machines of experiments on the cores of this JVM. */
    public static EmbeddedRun inThisJvm() {
        return new EmbeddedRun(LocalHost::new);
    }

    /** @param threads that run machines, at least 1 */
    public ExperimentResult run(ExperimentSpec spec, int threads, Progress progress) {
        return ExperimentRunner.run(spec, hosts.get(), threads, forNode(progress));
    }

    /** Runs each machine twice, bare on one thread and with an actor for every owner, and compares them on the way. */
    public Determinism checkDeterminism(ExperimentSpec spec, Progress progress) {
        DeterminismCheck.Outcome outcome = DeterminismCheck.run(spec, forNode(progress));
        return outcome.isDeterministic()
                ? new Determinism(true, "deterministic: " + outcome.machines() + (outcome.machines() == 1 ? " machine" : " machines")
                        + ", digest " + outcome.digest())
                : new Determinism(false, "not deterministic: " + outcome.difference());
    }

    private static ExperimentRunner.Progress forNode(Progress progress) {
        return new ExperimentRunner.Progress() {
            @Override
            public void machinesDone(long machines, long of) {
                progress.machinesDone(machines, of);
            }

            @Override
            public void machineAt(String machineClass, int ordinal, long nanos) {
                progress.machineAt(machineClass, ordinal, nanos);
            }
        };
    }
}
