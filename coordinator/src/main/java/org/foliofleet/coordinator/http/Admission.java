package org.foliofleet.coordinator.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;

/** How many experiments may run at once. Those that are being let in count as if they ran. */
final class Admission {
    private final Experiments experiments;
    private final int most;
    private final AtomicInteger entering = new AtomicInteger();

    Admission(Experiments experiments, int most) {
        this.experiments = experiments;
        this.most = most;
    }

    /** Begins an experiment, or goes on with one, if there is room. */
    CompletionStage<ExperimentStatus> enter(Supplier<CompletionStage<ExperimentStatus>> begin) {
        int others = entering.getAndIncrement();
        CompletionStage<ExperimentStatus> entered;
        try {
            entered = experiments.list().thenCompose(all -> {
                long active = all.stream().filter(each -> each.phase().isActive()).count();
                if (active + others >= most) {
                    return CompletableFuture.failedStage(new ExperimentProblem(Kind.CONFLICT, active + " experiments run, and no more than " + most
                            + " may; wait for one to end, pause or cancel one, or start the coordinator with a higher --max-experiments"));
                }
                return begin.get();
            });
        } catch (RuntimeException e) {
            entered = CompletableFuture.failedStage(e);
        }
        return entered.whenComplete((status, failure) -> entering.decrementAndGet());
    }
}
