package org.foliofleet.coordinator.kubernetes;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;

/** Makes an experiment be what its resource says, and says in the resource's status what it is. It may be done again at any time. */
final class Reconciler {
    /** Why it rests if its resource says so; those that somebody else paused are left alone. */
    static final String PAUSED = "spec.paused of its resource";
    private static final String DELETED = "its resource was deleted";
    private static final long PATIENCE_SECONDS = 30;
    private static final long ETA_SECONDS = 10;
    private static final int LONGEST_MESSAGE = 1000;

    private final Experiments experiments;
    private final Supplier<Instant> clock;

    Reconciler(Experiments experiments, Supplier<Instant> clock) {
        this.experiments = experiments;
        this.clock = clock;
    }

    /**
     * Ends the experiment of a resource that was deleted.
     *
     * @throws ExperimentProblem if that must be tried again
     */
    void delete(ExperimentResource resource) throws InterruptedException {
        try {
            if (!answer(experiments.get(resource.id())).phase().isOver()) {
                answer(experiments.cancel(resource.id(), DELETED));
            }
        } catch (ExperimentProblem e) {
            if (e.kind() == ExperimentProblem.Kind.UNAVAILABLE) {
                throw e;
            }
        }
    }

    /**
     * The status that the resource shall have.
     *
     * @throws ExperimentProblem if the experiments do not answer
     */
    Map<String, Object> reconcile(ExperimentResource resource) throws InterruptedException {
        ExperimentStatus status;
        try {
            status = answer(experiments.get(resource.id()));
        } catch (ExperimentProblem e) {
            if (e.kind() != ExperimentProblem.Kind.UNKNOWN) {
                throw e;
            }
            if (isRefused(resource)) {
                return copy(resource.status());
            }
            try {
                ExperimentSource source = resource.source();
                source.load();
                status = answer(experiments.submit(new Submission(resource.id(), source, null)));
            } catch (BadInput refused) {
                if (refused instanceof ExperimentProblem problem && problem.kind() != ExperimentProblem.Kind.INVALID) {
                    throw refused;
                }
                return refused(resource, refused.getMessage());
            }
        }
        boolean rests = status.phase() == ExperimentPhase.PAUSED;
        try {
            if (resource.isPaused() && status.phase().isActive() && !status.pausing()) {
                status = answer(experiments.pause(resource.id(), PAUSED));
            } else if (!resource.isPaused() && rests && status.reason().equals(PAUSED)) {
                status = answer(experiments.resume(resource.id(), null));
            }
        } catch (ExperimentProblem e) {
            // It came to its end meanwhile, which the next look will show.
            if (e.kind() != ExperimentProblem.Kind.CONFLICT) {
                throw e;
            }
        }
        return told(resource, status);
    }

    private static boolean isRefused(ExperimentResource resource) {
        Map<?, ?> before = resource.status();
        return "refused".equals(before.get("state")) && resource.written().equals(before.get("source"));
    }

    private static Map<String, Object> refused(ExperimentResource resource, String why) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("observedGeneration", resource.generation());
        status.put("source", resource.written());
        status.put("state", "refused");
        status.put("message", shortened(why));
        return status;
    }

    private Map<String, Object> told(ExperimentResource resource, ExperimentStatus now) {
        String source = Objects.toString(resource.status().get("source"), resource.written());
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("observedGeneration", resource.generation());
        status.put("experiment", now.id());
        status.put("source", "refused".equals(resource.status().get("state")) ? resource.written() : source);
        status.put("state", now.phase().word());
        if (now.epoch() >= 0) {
            status.put("epoch", now.epoch());
        }
        if (now.remainingSeconds() >= 0 && now.phase().isActive()) {
            // To ten seconds, so that the status is not written anew at every look.
            long ends = clock.get().getEpochSecond() + now.remainingSeconds();
            status.put("eta", Instant.ofEpochSecond((ends + ETA_SECONDS - 1) / ETA_SECONDS * ETA_SECONDS).toString());
        }
        if (!now.digest().isEmpty()) {
            status.put("digest", now.digest());
        }
        status.put("message", shortened(message(resource, now, status.get("source"))));
        status.put("stepBacks", now.machines().stepBacks());
        ExperimentStatus.Machines machines = now.machines();
        status.put("machines", new LinkedHashMap<>(Map.of("all", machines.all(), "running", machines.running(), "paused", machines.paused(),
                "ended", machines.ended(), "failed", machines.failed())));
        return status;
    }

    private static String message(ExperimentResource resource, ExperimentStatus now, Object source) {
        if (!resource.written().equals(source)) {
            return "what is run was changed after it was submitted, which has no effect; make a new resource, or restore this one";
        }
        List<String> troubles = now.troubles();
        String trouble = troubles.isEmpty() ? "" : troubles.get(troubles.size() - 1);
        return now.reason().isEmpty() || now.reason().equals(PAUSED) ? trouble : trouble.isEmpty() ? now.reason() : now.reason() + "; " + trouble;
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE - 2) + " …";
    }

    private static Map<String, Object> copy(Map<?, ?> status) {
        Map<String, Object> copy = new LinkedHashMap<>();
        status.forEach((name, value) -> copy.put(name.toString(), value));
        return copy;
    }

    private static <T> T answer(CompletionStage<T> stage) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException && e.getCause().getCause() != null ? e.getCause().getCause() : e.getCause();
            if (cause instanceof BadInput problem) {
                throw problem;
            }
            throw new IllegalStateException(cause);
        } catch (TimeoutException e) {
            throw new ExperimentProblem(ExperimentProblem.Kind.UNAVAILABLE, "no answer within " + PATIENCE_SECONDS + " s");
        }
    }
}
