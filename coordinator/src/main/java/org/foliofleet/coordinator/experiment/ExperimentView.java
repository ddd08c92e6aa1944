package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/** What an experiment looks like from where its actor is: what is decided, and what was heard. */
final class ExperimentView {
    private static final long LONELY_MILLIS = 10_000;
    private static final int MOST_FAILURES = 4;
    private static final String INTERRUPTED = "interrupted; it goes on from its last commits when it is resumed";

    private final String id;
    private final ExperimentSettings settings;
    private final Pace pace = new Pace();
    private ExperimentSpec spec;
    private MachineBoard board;
    private FleetBoard fleet;

    ExperimentView(String id, ExperimentSettings settings) {
        this.id = id;
        this.settings = settings;
    }

    /** Knows what is run from now on. */
    void begin(ExperimentLifecycle state) {
        spec = state.source().load();
        board = new MachineBoard(id, spec, settings.atOnce(), settings.patience().toMillis());
        state.ended().keySet().forEach(machine -> board.over(machine, true));
        state.failed().keySet().forEach(machine -> board.over(machine, false));
        fleet = new FleetBoard(id, spec, board);
        state.ended().forEach((machine, ended) -> fleet.ended(machine, Packed.unpack(ended.result())));
    }

    ExperimentSpec spec() {
        return spec;
    }

    MachineBoard board() {
        return board;
    }

    FleetBoard fleet() {
        return fleet;
    }

    void beat(long nowMillis) {
        ExperimentStatus.Machines machines = board.counted(false);
        pace.note(nowMillis, board.nanos(), board.messages(), machines.ended() + machines.failed());
    }

    /** @param awake whether this JVM orders its machines */
    ExperimentStatus status(ExperimentLifecycle state, boolean awake) {
        boolean runs = state.wantsToRun();
        ExperimentSource.Origin origin = state.source().origin();
        long goal = spec.stop().nanos();
        return new ExperimentStatus(id, spec.name(), state.phase(), !awake && state.phase().isActive() ? INTERRUPTED : state.reason(), state.pausing(), spec.seed(), spec.digest(),
                origin == null ? "" : origin.experiment() + "@" + origin.epoch(), state.submittedMillis(), state.changedMillis(),
                board.counted(state.phase() == ExperimentPhase.PAUSED), board.tick() < 0 ? -1 : board.tick() / state.execution().epochTicks(), board.nanos(), goal, runs ? pace.nanosPerSecond() : 0, board.messages(),
                runs ? pace.messagesPerSecond() : 0, runs ? pace.remainingSeconds(goal, board.size()) : -1,
                state.execution(), state.digest(), troubles(state, awake));
    }

    private List<String> troubles(ExperimentLifecycle state, boolean awake) {
        List<String> troubles = new ArrayList<>();
        state.failed().values().stream().limit(MOST_FAILURES).forEach(failed -> troubles.add(failed.machine() + " failed: " + failed.reason()));
        if (!state.phase().isOver()) {
            troubles.addAll(board.troubles());
        }
        ExperimentStatus.Machines machines = board.counted(false);
        boolean silent = machines.starting() > 0 && machines.starting() + machines.ended() + machines.failed() == machines.all();
        if (awake && state.wantsToRun() && silent && System.currentTimeMillis() - state.changedMillis() > LONELY_MILLIS) {
            troubles.add("no machine was heard of yet: is a node running? foliofleet node starts one");
        }
        return troubles;
    }
}
