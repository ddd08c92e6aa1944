package org.foliofleet.coordinator.experiment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.foliofleet.coordinator.experiment.DirectoryCommand.Accepted;
import org.foliofleet.coordinator.experiment.DirectoryCommand.DirectoryReply;
import org.foliofleet.coordinator.experiment.DirectoryCommand.GetAll;
import org.foliofleet.coordinator.experiment.DirectoryCommand.Listing;
import org.foliofleet.coordinator.experiment.DirectoryCommand.Report;
import org.foliofleet.coordinator.experiment.DirectoryCommand.Submit;
import org.foliofleet.coordinator.experiment.DirectoryCommand.Taken;
import org.foliofleet.coordinator.experiment.DirectoryEvent.Added;
import org.foliofleet.coordinator.experiment.DirectoryEvent.Moved;
import org.foliofleet.coordinator.experiment.DirectoryState.Entry;
import org.foliofleet.protocol.control.ControlMessage;

/**
 * The list of all experiments of a database; there is one in a cluster. A submission is in its journal before the experiment
 * hears of it, and is told to it until it answers, so that none is half there. It wakes experiments that are not over: after a
 * restart of everything they go on by themselves.
 */
final class ExperimentDirectory extends EventSourcedBehavior<ControlMessage, DirectoryEvent, DirectoryState> {
    private static final Duration BEAT = Duration.ofSeconds(3);

    private enum Beat implements ControlMessage { BEAT }

    /** An experiment has heard that it is to begin. */
    private record Begun(ExperimentCommand.ExperimentReply reply) implements ControlMessage {}

    private final ActorContext<ControlMessage> context;
    private final BiConsumer<String, ExperimentCommand> experiments;
    private final Map<String, ExperimentStatus> latest = new HashMap<>();
    private final Map<String, ActorRef<DirectoryReply>> waiting = new HashMap<>();

    private ExperimentDirectory(ActorContext<ControlMessage> context, TimerScheduler<ControlMessage> timers,
            BiConsumer<String, ExperimentCommand> experiments) {
        super(PersistenceId.of("experiments", "all"), SupervisorStrategy.restartWithBackoff(Duration.ofMillis(500), Duration.ofSeconds(15), 0.2));
        this.context = context;
        this.experiments = experiments;
        timers.startTimerWithFixedDelay(Beat.BEAT, Duration.ZERO, BEAT);
    }

    /** @param experiments tells something to the experiment of an id */
    static Behavior<ControlMessage> create(BiConsumer<String, ExperimentCommand> experiments) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new ExperimentDirectory(context, timers, experiments)));
    }

    @Override
    public DirectoryState emptyState() {
        return new DirectoryState();
    }

    @Override
    public EventHandler<DirectoryState, DirectoryEvent> eventHandler() {
        return newEventHandlerBuilder().forAnyState().onAnyEvent(DirectoryState::apply);
    }

    @Override
    public CommandHandler<ControlMessage, DirectoryEvent, DirectoryState> commandHandler() {
        return newCommandHandlerBuilder().forAnyState()
                .onCommand(Submit.class, this::onSubmit)
                .onCommand(GetAll.class, this::onGetAll)
                .onCommand(Report.class, (state, report) -> onReport(state, report.status()))
                .onCommand(Begun.class, this::onBegun)
                .onCommand(Beat.class, (state, beat) -> onBeat(state))
                .build();
    }

    private Effect<DirectoryEvent, DirectoryState> onSubmit(DirectoryState state, Submit submit) {
        String id = submit.id() == null ? state.freeId(submit.name()) : submit.id();
        Entry entry = state.entry(id);
        if (entry != null) {
            submit.replyTo().tell(new Taken(id, entry.phase() == null ? ExperimentPhase.SUBMITTED : entry.phase()));
            return Effect().none();
        }
        return Effect().persist(new Added(id, submit.name(), submit.source(), submit.execution(), System.currentTimeMillis()))
                .thenRun((DirectoryState after) -> {
                    waiting.put(id, submit.replyTo());
                    begin(after.entry(id));
                });
    }

    private void begin(Entry entry) {
        experiments.accept(entry.id(), new ExperimentCommand.Begin(entry.pending().source(), entry.pending().execution(),
                context.messageAdapter(ExperimentCommand.ExperimentReply.class, Begun::new)));
    }

    private Effect<DirectoryEvent, DirectoryState> onBegun(DirectoryState state, Begun begun) {
        return begun.reply() instanceof ExperimentCommand.Answer answer ? onReport(state, answer.status()) : Effect().none();
    }

    private Effect<DirectoryEvent, DirectoryState> onReport(DirectoryState state, ExperimentStatus status) {
        Entry entry = state.entry(status.id());
        if (entry == null) {
            return Effect().none();
        }
        latest.put(status.id(), status);
        ActorRef<DirectoryReply> submitter = waiting.remove(status.id());
        if (status.phase() == entry.phase() && status.reason().equals(entry.reason())) {
            return Effect().none();
        }
        return Effect().persist(new Moved(status.id(), status.phase(), status.reason(), status.changedMillis())).thenRun(() -> {
            if (submitter != null) {
                submitter.tell(new Accepted(status.id()));
            }
        });
    }

    private Effect<DirectoryEvent, DirectoryState> onGetAll(DirectoryState state, GetAll get) {
        List<ExperimentSummary> all = new ArrayList<>();
        for (Entry entry : state.entries()) {
            all.add(new ExperimentSummary(entry.id(), entry.name(), entry.phase() == null ? ExperimentPhase.SUBMITTED : entry.phase(),
                    entry.reason(), entry.submittedMillis(), entry.changedMillis(), latest.get(entry.id())));
        }
        get.replyTo().tell(new Listing(all));
        return Effect().none();
    }

    private Effect<DirectoryEvent, DirectoryState> onBeat(DirectoryState state) {
        for (Entry entry : state.entries()) {
            if (entry.pending() != null) {
                begin(entry);
            } else if (!entry.phase().isOver()) {
                experiments.accept(entry.id(), new ExperimentCommand.Wake());
            }
        }
        return Effect().none();
    }
}
