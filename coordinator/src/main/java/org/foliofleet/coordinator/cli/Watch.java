package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;

/** Follows an experiment until it is over or rests, and shows how far it is. */
final class Watch {
    private static final long BETWEEN_LOOKS_MILLIS = 200;

    private final Experiments experiments;
    private final LiveLine line;
    private final CompletableFuture<Void> wakeUp;
    private final Set<String> told = new LinkedHashSet<>();

    /** @param wakeUp completed by whoever wants it to stop looking */
    Watch(Experiments experiments, PrintWriter err, boolean terminal, CompletableFuture<Void> wakeUp) {
        this.experiments = experiments;
        this.wakeUp = wakeUp;
        line = new LiveLine(err, terminal);
    }

    /** The status when it is over or paused, or the last one if looking was interrupted. */
    ExperimentStatus follow(String id) {
        while (true) {
            ExperimentStatus status = get(experiments.get(id));
            if (status.phase().isOver() || status.phase() == ExperimentPhase.PAUSED || wakeUp.isDone()) {
                line.clear();
                return status;
            }
            show(status);
            sleep(wakeUp);
        }
    }

    /** The status when it rests or is over, however long that takes; shows only what is in the way. */
    ExperimentStatus untilRest(String id) {
        while (true) {
            ExperimentStatus status = get(experiments.get(id));
            if (status.phase().isOver() || status.phase() == ExperimentPhase.PAUSED) {
                line.clear();
                return status;
            }
            if (line.isDue()) {
                line.show(StatusText.line(status));
            }
            sleep(new CompletableFuture<>());
        }
    }

    private void show(ExperimentStatus status) {
        List<String> troubles = status.troubles();
        for (String trouble : troubles) {
            if (told.add(trouble)) {
                line.note(trouble);
            }
        }
        if (line.isDue()) {
            line.show(StatusText.line(status));
        }
    }

    /** Waits for the next look, or for whoever completes {@code early}. */
    private static void sleep(CompletableFuture<Void> early) {
        try {
            early.get(BETWEEN_LOOKS_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while watching", e);
        }
    }

    /** What the stage ends with; a failure as it was thrown. */
    static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
