package org.foliofleet.coordinator.embedded;

import java.util.function.Supplier;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.workload.ExperimentHost;
import org.foliofleet.node.workload.ExperimentRunner;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/** Runs an experiment in this JVM. */
public final class EmbeddedRun {
    /** Hears how far the experiment is. */
    @FunctionalInterface
    public interface Progress {
        void machinesDone(long machines, long of);
    }

    private final Supplier<? extends ExperimentHost> hosts;

    /** @param hosts gives each run a fresh maker of machines */
    public EmbeddedRun(Supplier<? extends ExperimentHost> hosts) {
        this.hosts = hosts;
    }

    /** Runs experiments on the machines of this JVM, one after the other, on the caller's thread. */
    public static EmbeddedRun onThisThread() {
        return new EmbeddedRun(LocalHost::new);
    }

    public ExperimentResult run(ExperimentSpec spec, Progress progress) {
        return ExperimentRunner.run(spec, hosts.get(), progress::machinesDone);
    }
}
