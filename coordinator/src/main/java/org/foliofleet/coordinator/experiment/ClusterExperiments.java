package org.foliofleet.coordinator.experiment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.foliofleet.coordinator.experiment.DirectoryCommand.DirectoryReply;
import org.foliofleet.coordinator.experiment.ExperimentCommand.ExperimentReply;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.report.Provenance;
import org.foliofleet.coordinator.report.ReportDocument;
import org.foliofleet.coordinator.report.ResultDocument;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ControlMessage;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.ExperimentFold;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MachineResult;

/** The experiments of a cluster, as its coordinators have them: by asking the sharded entities and their list. */
public final class ClusterExperiments implements Experiments {
    /** The role of JVMs that have experiments. */
    public static final String ROLE = "coordinator";
    private static final EntityTypeKey<ControlMessage> KEY = EntityTypeKey.create(ControlMessage.class, MachineNews.ENTITY_TYPE);
    private static final int MACHINES_ASKED = 16;
    /** Journals are read by few at a time. */
    private static final int LOOKS = 8;
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");

    private final ActorSystem<?> system;
    private final Duration patience;
    private final MachineJournals journals;
    private final AtomicInteger looking = new AtomicInteger();
    private final ActorRef<ShardingEnvelope<ControlMessage>> experiments;
    private final ActorRef<ControlMessage> directory;

    private ClusterExperiments(ActorSystem<?> system, ExperimentSettings settings, Consumer<MachineOrder> machines,
            MachineJournals journals, MeterRegistry registry) {
        this.system = system;
        patience = settings.answer();
        ExperimentMeters meters = new ExperimentMeters(registry);
        this.journals = journals;
        directory = ClusterSingleton.get(system).init(SingletonActor.of(ExperimentDirectory.create(this::tell), "experiments")
                .withSettings(ClusterSingletonSettings.create(system).withRole(ROLE)));
        experiments = ClusterSharding.get(system).init(Entity.of(KEY, entity -> ExperimentEntity.create(entity.getEntityId(), settings,
                        new ExperimentEntity.Surroundings(machines, status -> {
                            meters.heard(status);
                            directory.tell(new DirectoryCommand.Report(status));
                        },
                                self -> entity.getShard().tell(new ClusterSharding.Passivate<>(self)))))
                .withRole(ROLE));
    }

    /**
     * Makes this JVM one of those that have experiments, if it has the role {@value #ROLE}, and gives it their commands.
     *
     * @param machines     passes an order on to a machine of the cluster
     * @param journals     of machines
     * @param registry     gets meters of the experiments
     */
    public static ClusterExperiments init(ActorSystem<?> system, ExperimentSettings settings, Consumer<MachineOrder> machines,
            MachineJournals journals, MeterRegistry registry) {
        return new ClusterExperiments(system, settings, machines, journals, registry);
    }

    private void tell(String id, ExperimentCommand command) {
        experiments.tell(new ShardingEnvelope<>(id, command));
    }

    @Override
    public CompletionStage<List<ExperimentSummary>> list() {
        return askDirectory(DirectoryCommand.GetAll::new).thenApply(reply -> ((DirectoryCommand.Listing) reply).experiments());
    }

    @Override
    public CompletionStage<ExperimentStatus> get(String id) {
        return status(id, ExperimentCommand.GetStatus::new);
    }

    @Override
    public CompletionStage<ExperimentStatus> pause(String id, String reason) {
        return status(id, replyTo -> new ExperimentCommand.Pause(reason, replyTo));
    }

    @Override
    public CompletionStage<ExperimentStatus> resume(String id, Execution execution) {
        return status(id, replyTo -> new ExperimentCommand.Resume(execution, replyTo));
    }

    @Override
    public CompletionStage<ExperimentStatus> cancel(String id, String reason) {
        return status(id, replyTo -> new ExperimentCommand.Cancel(reason, replyTo));
    }

    @Override
    public CompletionStage<ExperimentStatus> submit(Submission submission) {
        ExperimentSpec spec;
        try {
            spec = submission.source().load();
        } catch (BadInput e) {
            return CompletableFuture.failedStage(new ExperimentProblem(Kind.INVALID, e.getMessage()));
        }
        if (submission.id() != null && !ID.matcher(submission.id()).matches()) {
            return CompletableFuture.failedStage(new ExperimentProblem(Kind.INVALID, "experiment '" + submission.id()
                    + "' can not be called so; use at most 63 lower-case letters, digits and dashes, a letter first"));
        }
        Execution execution = submission.execution() == null ? spec.execution() : submission.execution();
        return askDirectory(replyTo -> new DirectoryCommand.Submit(submission.id(), spec.name(), submission.source(), execution, replyTo))
                .thenCompose(reply -> {
                    if (reply instanceof DirectoryCommand.Taken taken) {
                        throw new ExperimentProblem(Kind.CONFLICT, "experiment " + taken.id() + " exists already and is " + taken.phase().word()
                                + "; give another id, or none");
                    }
                    return get(((DirectoryCommand.Accepted) reply).id());
                });
    }

    @Override
    public CompletionStage<ExperimentStatus> branch(String id, long epoch, Map<String, String> switches, String newId) {
        return source(id).thenCombine(get(id), (source, status) -> {
            long every = status.execution().branchEvery();
            if (every == 0) {
                throw new ExperimentProblem(Kind.CONFLICT, "experiment " + id + " keeps no branch points; submit it with run: {branch_points: 10}");
            }
            if (epoch < 1 || epoch % every != 0) {
                throw new ExperimentProblem(Kind.INVALID, "epoch " + epoch + " of experiment " + id + " is no branch point; they are the multiples of " + every);
            }
            requireBranchPoint(id, source.source().load(), epoch);
            return new Submission(newId, source.source().withSwitches(switches).from(new ExperimentSource.Origin(id, epoch)), source.execution());
        }).thenCompose(this::submit);
    }

    /** Asks the journals of some machines; of all of a large fleet it would take too long, and the others fail by themselves. */
    private void requireBranchPoint(String id, ExperimentSpec spec, long epoch) {
        for (MachineClass each : spec.machines()) {
            for (int ordinal = 0; ordinal < each.count(); ordinal += Math.max(1, each.count() / MACHINES_ASKED)) {
                String machine = new MachineName(id, each.name(), ordinal).toString();
                List<Long> points = journals.branchPoints(machine);
                if (!points.contains(epoch)) {
                    throw new ExperimentProblem(Kind.CONFLICT, "machine " + machine + " has no branch point " + epoch + (points.isEmpty()
                            ? "; it has none yet" : "; its latest is " + points.get(points.size() - 1)) + ", wait, or name another epoch");
                }
            }
        }
    }

    @Override
    public CompletionStage<FleetView> fleet(String id) {
        return ask(id, ExperimentCommand.GetFleet::new).thenApply(reply -> ((ExperimentCommand.Fleet) reply).fleet());
    }

    @Override
    public CompletionStage<FailuresView> failures(String id) {
        return ask(id, ExperimentCommand.GetFailures::new).thenApply(reply -> ((ExperimentCommand.Failures) reply).failures());
    }

    @Override
    public CompletionStage<FoliosView> folios(String id, String machine, int most) {
        return look(id, machine, FleetView.MachineView::references, chosen -> journals.folios(id, chosen, most));
    }

    @Override
    public CompletionStage<DeferredView> deferred(String id, String machine, int most) {
        return look(id, machine, FleetView.MachineView::deferred, chosen -> journals.deferred(id, chosen, most));
    }

    /** @param machine or null: the one in which that is greatest */
    private <T> CompletionStage<T> look(String id, String machine, ToLongFunction<FleetView.MachineView> greatest, Function<String, T> look) {
        return fleet(id).thenComposeAsync(fleet -> {
            String chosen = fleet.machine(machine, greatest);
            if (looking.incrementAndGet() > LOOKS) {
                looking.decrementAndGet();
                throw new ExperimentProblem(Kind.BUSY, LOOKS + " others look into machines now; try again in a few seconds");
            }
            try {
                return CompletableFuture.completedStage(look.apply(chosen));
            } finally {
                looking.decrementAndGet();
            }
        }, system.dispatchers().lookup(DispatcherSelector.blocking()));
    }

    @Override
    public CompletionStage<ResultDocument> result(String id) {
        return completed(id, (source, status, result) -> ResultDocument.of(result));
    }

    @Override
    public CompletionStage<ReportDocument> report(String id) {
        return completed(id, (source, status, result) -> ReportDocument.of(result,
                new Provenance(id, source.source(), status.execution(), status.submittedMillis(), status.changedMillis())));
    }

    /** Makes something of what came out of a completed experiment. */
    private interface Maker<T> {
        T of(ExperimentCommand.Source source, ExperimentStatus status, ExperimentResult result);
    }

    private <T> CompletionStage<T> completed(String id, Maker<T> maker) {
        return source(id).thenCombine(get(id), (source, status) -> {
            if (status.phase() != ExperimentPhase.COMPLETED) {
                throw new ExperimentProblem(Kind.CONFLICT, "experiment " + id + " is " + status.phase().word() + (status.reason().isEmpty() ? ""
                        : " (" + status.reason() + ")") + "; only a completed one has a result");
            }
            return results(id, 0, new ArrayList<>()).thenApply(results -> maker.of(source, status, folded(source.source().load(), results)));
        }).thenCompose(Function.identity());
    }

    private static ExperimentResult folded(ExperimentSpec spec, List<byte[]> results) {
        ExperimentFold fold = new ExperimentFold(spec);
        int next = 0;
        for (MachineClass each : spec.machines()) {
            for (int i = 0; i < each.count(); i++) {
                fold.add(each.name(), i, MachineResult.of(results.get(next++)));
            }
        }
        return fold.result();
    }

    private CompletionStage<List<byte[]>> results(String id, int from, List<byte[]> before) {
        return ask(id, replyTo -> new ExperimentCommand.GetResults(from, replyTo)).thenCompose(reply -> {
            ExperimentCommand.Results results = (ExperimentCommand.Results) reply;
            before.addAll(results.results());
            return results.next() < 0 ? CompletableFuture.completedStage(before) : results(id, results.next(), before);
        });
    }

    private CompletionStage<ExperimentCommand.Source> source(String id) {
        return ask(id, ExperimentCommand.GetSource::new).thenApply(reply -> (ExperimentCommand.Source) reply);
    }

    private CompletionStage<ExperimentStatus> status(String id, Function<ActorRef<ExperimentReply>, ExperimentCommand> command) {
        return ask(id, command).thenApply(reply -> ((ExperimentCommand.Answer) reply).status());
    }

    /** The answer, if it is one that was hoped for. */
    private CompletionStage<ExperimentReply> ask(String id, Function<ActorRef<ExperimentReply>, ExperimentCommand> command) {
        if (!ID.matcher(id).matches()) {
            return CompletableFuture.failedStage(unknown(id));
        }
        CompletionStage<ExperimentReply> answer = AskPattern.<ShardingEnvelope<ControlMessage>, ExperimentReply>ask(experiments,
                replyTo -> new ShardingEnvelope<>(id, command.apply(replyTo)), patience, system.scheduler());
        return answer.exceptionallyCompose(failure -> CompletableFuture.failedStage(away(failure))).thenApply(reply -> {
            if (reply instanceof ExperimentCommand.Unknown) {
                throw unknown(id);
            } else if (reply instanceof ExperimentCommand.Refused refused) {
                throw new ExperimentProblem(Kind.CONFLICT, "experiment " + id + " " + refused.why());
            }
            return reply;
        });
    }

    private CompletionStage<DirectoryReply> askDirectory(Function<ActorRef<DirectoryReply>, DirectoryCommand> command) {
        CompletionStage<DirectoryReply> answer = AskPattern.ask(directory, command::apply, patience, system.scheduler());
        return answer.exceptionallyCompose(failure -> CompletableFuture.failedStage(away(failure)));
    }

    private static ExperimentProblem unknown(String id) {
        return new ExperimentProblem(Kind.UNKNOWN, "experiment " + id + " is not known here; foliofleet list shows those that are");
    }

    private ExperimentProblem away(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return new ExperimentProblem(Kind.UNAVAILABLE, cause instanceof TimeoutException
                ? "no answer within " + patience.toSeconds() + " s: the database or a coordinator of the cluster may be away; try again later"
                : "no answer: " + cause.getMessage());
    }
}
