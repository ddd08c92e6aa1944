package org.foliofleet.coordinator.experiment;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Answer;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Begin;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Cancel;
import org.foliofleet.coordinator.experiment.ExperimentCommand.ExperimentReply;
import org.foliofleet.coordinator.experiment.ExperimentCommand.GetFailures;
import org.foliofleet.coordinator.experiment.ExperimentCommand.GetFleet;
import org.foliofleet.coordinator.experiment.ExperimentCommand.GetResults;
import org.foliofleet.coordinator.experiment.ExperimentCommand.GetSource;
import org.foliofleet.coordinator.experiment.ExperimentCommand.GetStatus;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Pause;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Refused;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Resume;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Unknown;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Wake;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineEnded;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineFailed;
import org.foliofleet.protocol.control.ControlMessage;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;

/**
 * One experiment: orders its machines to run, to rest or to end, over and over until they do, and keeps what they ended with.
 * What was decided is in the journal before anybody is told of it; who does what is found out anew after every restart, because
 * whoever is ordered twice does nothing wrong.
 */
final class ExperimentEntity extends EventSourcedBehavior<ControlMessage, ExperimentEvent, ExperimentLifecycle> {
    /** Of the journal's persistence ids. */
    static final String ENTITY_TYPE = MachineNews.ENTITY_TYPE;
    private static final Duration IDLE = Duration.ofMinutes(2);

    private enum Beat implements ControlMessage { BEAT }
    private enum Idle implements ControlMessage { IDLE }

    /**
     * Whom an experiment speaks to.
     *
     * @param machines  by their names
     * @param listeners hear of every change, and every beat while it runs
     * @param passivate lets the shard end the entity's actor, which is not needed any more
     */
    record Surroundings(Consumer<MachineOrder> machines, Consumer<ExperimentStatus> listeners, Consumer<ActorRef<ControlMessage>> passivate) {}

    private final String id;
    private final ActorContext<ControlMessage> context;
    private final TimerScheduler<ControlMessage> timers;
    private final ExperimentSettings settings;
    private final Surroundings around;
    private final ExperimentView view;
    private final ExperimentQueries queries;
    /** Whether machines are ordered; not before somebody woke it, where experiments do not go on by themselves. */
    private boolean awake;

    private ExperimentEntity(String id, ActorContext<ControlMessage> context, TimerScheduler<ControlMessage> timers, ExperimentSettings settings,
            Surroundings around) {
        super(PersistenceId.of(ENTITY_TYPE, id), SupervisorStrategy.restartWithBackoff(Duration.ofMillis(500), Duration.ofSeconds(15), 0.2));
        this.id = id;
        this.context = context;
        this.timers = timers;
        this.settings = settings;
        this.around = around;
        view = new ExperimentView(id, settings);
        queries = new ExperimentQueries(id, view);
        context.setReceiveTimeout(IDLE, Idle.IDLE);
    }

    static Behavior<ControlMessage> create(String id, ExperimentSettings settings, Surroundings around) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new ExperimentEntity(id, context, timers, settings, around)));
    }

    @Override
    public ExperimentLifecycle emptyState() {
        return new ExperimentLifecycle();
    }

    @Override
    public EventHandler<ExperimentLifecycle, ExperimentEvent> eventHandler() {
        return newEventHandlerBuilder().forAnyState().onAnyEvent(ExperimentLifecycle::apply);
    }

    @Override
    public SignalHandler<ExperimentLifecycle> signalHandler() {
        return newSignalHandlerBuilder().onSignal(RecoveryCompleted.instance(), this::onRecovered).build();
    }

    @Override
    public CommandHandler<ControlMessage, ExperimentEvent, ExperimentLifecycle> commandHandler() {
        return newCommandHandlerBuilder().forAnyState()
                .onCommand(Begin.class, this::onBegin)
                .onCommand(Wake.class, (state, wake) -> onWake(state))
                .onCommand(Idle.class, (state, idle) -> onIdle(state))
                .onCommand(GetStatus.class, (state, get) -> reply(get.replyTo(), state))
                .onCommand(GetSource.class, (state, get) -> answer(get.replyTo(), queries.source(state)))
                .onCommand(Pause.class, this::onPause)
                .onCommand(Resume.class, this::onResume)
                .onCommand(Cancel.class, this::onCancel)
                .onCommand(GetResults.class, (state, get) -> answer(get.replyTo(), queries.results(state, get.from())))
                .onCommand(GetFleet.class, (state, get) -> answer(get.replyTo(), queries.fleet(state)))
                .onCommand(GetFailures.class, (state, get) -> answer(get.replyTo(), queries.failures(state)))
                .onCommand(MachineNews.class, this::onNews)
                .onCommand(Beat.class, (state, beat) -> onBeat(state))
                .build();
    }

    // -- life ----------------------------------------------------------------------------------------------------

    private void onRecovered(ExperimentLifecycle state) {
        if (state.exists()) {
            view.begin(state);
            awake = settings.wake();
            beatWhileNeeded(state);
        }
    }

    private void beatWhileNeeded(ExperimentLifecycle state) {
        if (state.exists() && awake && !state.phase().isOver() && state.phase() != ExperimentPhase.PAUSED) {
            timers.startTimerWithFixedDelay(Beat.BEAT, Duration.ZERO, settings.beat());
        } else {
            timers.cancel(Beat.BEAT);
        }
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> onBegin(ExperimentLifecycle state, Begin begin) {
        if (state.exists()) {
            return reply(begin.replyTo(), state);
        }
        return decide(List.of(new ExperimentEvent.Submitted(begin.source(), begin.execution(), now()), new ExperimentEvent.Started(now())),
                after -> {
                    view.begin(after);
                    awake = true;
                    tell(begin.replyTo(), after);
                });
    }

    /** The list may not have heard of what was decided last. */
    private Effect<ExperimentEvent, ExperimentLifecycle> onWake(ExperimentLifecycle state) {
        if (state.exists() && !timers.isTimerActive(Beat.BEAT)) {
            around.listeners().accept(status(state));
        }
        return Effect().none();
    }

    private ExperimentStatus status(ExperimentLifecycle state) {
        return view.status(state, awake);
    }

    /** Nobody has asked for long: what nothing more will happen to needs no actor. */
    private Effect<ExperimentEvent, ExperimentLifecycle> onIdle(ExperimentLifecycle state) {
        if (!timers.isTimerActive(Beat.BEAT)) {
            around.passivate().accept(context.getSelf());
        }
        return Effect().none();
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> onBeat(ExperimentLifecycle state) {
        long now = now();
        if (state.pausing()) {
            view.board().toRest(now).forEach(machine -> around.machines().accept(new MachineOrder.Pause(machine)));
        } else if (state.wantsToRun()) {
            view.board().toRun(now).forEach(machine -> around.machines().accept(
                    new MachineOrder.EnsureRunning(machine, state.source(), state.execution())));
        }
        view.beat(now);
        around.listeners().accept(status(state));
        return Effect().none();
    }

    // -- what people want ----------------------------------------------------------------------------------------

    private Effect<ExperimentEvent, ExperimentLifecycle> onPause(ExperimentLifecycle state, Pause pause) {
        String refusal = state.exists() ? state.pauseRefusal() : null;
        if (!state.exists() || refusal != null || state.pausing()) {
            return refuse(pause.replyTo(), state, refusal);
        }
        awake = true;
        return decide(List.of(new ExperimentEvent.PauseWanted(ExperimentEvent.bounded(pause.reason()), now())), after -> {
            view.board().forget();
            tell(pause.replyTo(), after);
        });
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> onResume(ExperimentLifecycle state, Resume resume) {
        String refusal = state.exists() ? state.resumeRefusal() : null;
        if (!state.exists() || refusal != null) {
            return refuse(resume.replyTo(), state, refusal);
        }
        boolean otherwise = resume.execution() != null && !resume.execution().equals(state.execution());
        if (awake && otherwise && state.wantsToRun()) {
            return refuse(resume.replyTo(), state, "is running; pause it first to run it otherwise");
        }
        awake = true;
        if (state.wantsToRun() && !otherwise) {
            beatWhileNeeded(state);
            return reply(resume.replyTo(), state);
        }
        return decide(List.of(new ExperimentEvent.Resumed(resume.execution() == null ? state.execution() : resume.execution(), now())), after -> {
            view.board().forget();
            tell(resume.replyTo(), after);
        });
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> onCancel(ExperimentLifecycle state, Cancel cancel) {
        String refusal = state.exists() ? state.cancelRefusal() : null;
        if (!state.exists() || refusal != null) {
            return refuse(cancel.replyTo(), state, refusal);
        }
        return decide(List.of(new ExperimentEvent.Cancelled(ExperimentEvent.bounded(cancel.reason()), now())), after -> {
            view.board().names().stream().filter(machine -> !after.isOver(machine))
                    .forEach(machine -> around.machines().accept(new MachineOrder.Cancel(machine)));
            tell(cancel.replyTo(), after);
        });
    }

    // -- what machines tell --------------------------------------------------------------------------------------

    private Effect<ExperimentEvent, ExperimentLifecycle> onNews(ExperimentLifecycle state, MachineNews news) {
        if (!state.exists() || state.phase().isOver()) {
            if (news instanceof MachineNews.Running || news instanceof MachineNews.Waiting) {
                around.machines().accept(new MachineOrder.Cancel(news.machine()));
            }
            return Effect().none();
        }
        if (!view.board().knows(news.machine()) || state.isOver(news.machine())) {
            return Effect().none();
        }
        boolean runs = news instanceof MachineNews.Running || news instanceof MachineNews.Waiting;
        if (runs && state.phase() == ExperimentPhase.PAUSED) {
            around.machines().accept(new MachineOrder.Pause(news.machine()));
            return Effect().none();
        }
        view.board().hear(news, now());
        if (news instanceof MachineNews.Running running) {
            view.fleet().hear(running);
        }
        if (news instanceof MachineNews.Ended ended) {
            view.board().over(ended.machine(), true);
            view.fleet().ended(ended.machine(), ended.result());
            return decide(MachineEnds.events(state, view, new MachineEnded(ended.machine(), ended.epoch(), ended.tick(), ended.digest(),
                    Packed.pack(ended.result())), ended.digest(), now()), after -> { });
        } else if (news instanceof MachineNews.Failed failed) {
            view.board().over(failed.machine(), false);
            return decide(MachineEnds.events(state, view, new MachineFailed(failed.machine(), ExperimentEvent.bounded(failed.reason())), null, now()), after -> { });
        } else if (state.pausing() && view.board().allRest()) {
            return decide(List.of(new ExperimentEvent.Paused(now())), after -> { });
        } else if (state.phase() == ExperimentPhase.STARTING && !state.pausing() && view.board().allHeardOf()) {
            return decide(List.of(new ExperimentEvent.Ran(now())), after -> { });
        }
        return Effect().none();
    }

    // -- answers -------------------------------------------------------------------------------------------------

    private Effect<ExperimentEvent, ExperimentLifecycle> decide(List<ExperimentEvent> events, Consumer<ExperimentLifecycle> then) {
        return Effect().persist(events).thenRun((ExperimentLifecycle after) -> {
            then.accept(after);
            beatWhileNeeded(after);
            around.listeners().accept(status(after));
        });
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> refuse(ActorRef<ExperimentReply> replyTo, ExperimentLifecycle state, String why) {
        return state.exists() && why != null ? answer(replyTo, new Refused(state.phase(), why)) : reply(replyTo, state);
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> answer(ActorRef<ExperimentReply> replyTo, ExperimentReply answer) {
        replyTo.tell(answer);
        return Effect().none();
    }

    private Effect<ExperimentEvent, ExperimentLifecycle> reply(ActorRef<ExperimentReply> replyTo, ExperimentLifecycle state) {
        tell(replyTo, state);
        return Effect().none();
    }

    private void tell(ActorRef<ExperimentReply> replyTo, ExperimentLifecycle state) {
        replyTo.tell(state.exists() ? new Answer(status(state)) : new Unknown(id));
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
