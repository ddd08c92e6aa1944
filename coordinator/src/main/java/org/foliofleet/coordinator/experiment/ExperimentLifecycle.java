package org.foliofleet.coordinator.experiment;

import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Cancelled;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Completed;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Failed;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineEnded;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineFailed;
import org.foliofleet.coordinator.experiment.ExperimentEvent.PauseWanted;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Paused;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Ran;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Resumed;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Started;
import org.foliofleet.coordinator.experiment.ExperimentEvent.Submitted;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** What is decided about an experiment: the fold of its events, and which event may follow. Pure. */
final class ExperimentLifecycle {
    private ExperimentPhase phase;
    private String reason = "";
    private ExperimentSource source;
    private Execution execution;
    private boolean pausing;
    private long submittedMillis;
    private long changedMillis;
    private String digest = "";
    private final Map<String, MachineEnded> ended = new TreeMap<>();
    private final Map<String, MachineFailed> failed = new TreeMap<>();

    /** Takes over what was decided. */
    ExperimentLifecycle apply(ExperimentEvent event) {
        if (event instanceof Submitted submitted) {
            source = submitted.source();
            execution = submitted.execution();
            submittedMillis = submitted.atMillis();
            move(ExperimentPhase.SUBMITTED, "", submitted.atMillis());
        } else if (event instanceof Started started) {
            move(ExperimentPhase.STARTING, "", started.atMillis());
        } else if (event instanceof Ran ran) {
            move(ExperimentPhase.RUNNING, "", ran.atMillis());
        } else if (event instanceof PauseWanted wanted) {
            pausing = true;
            reason = wanted.reason();
        } else if (event instanceof Paused paused) {
            pausing = false;
            move(ExperimentPhase.PAUSED, reason, paused.atMillis());
        } else if (event instanceof Resumed resumed) {
            pausing = false;
            execution = resumed.execution();
            move(ExperimentPhase.STARTING, "", resumed.atMillis());
        } else if (event instanceof MachineEnded machine) {
            ended.put(machine.machine(), machine);
        } else if (event instanceof MachineFailed machine) {
            failed.put(machine.machine(), machine);
        } else if (event instanceof Completed completed) {
            digest = completed.digest();
            move(ExperimentPhase.COMPLETED, "", completed.atMillis());
        } else if (event instanceof Failed failure) {
            move(ExperimentPhase.FAILED, failure.reason(), failure.atMillis());
        } else if (event instanceof Cancelled cancelled) {
            move(ExperimentPhase.CANCELLED, cancelled.reason(), cancelled.atMillis());
        }
        return this;
    }

    private void move(ExperimentPhase to, String why, long atMillis) {
        phase = to;
        reason = why;
        changedMillis = atMillis;
        pausing &= !to.isOver();
    }

    /** Whether anything was ever decided. */
    boolean exists() {
        return phase != null;
    }

    ExperimentPhase phase() {
        return phase;
    }

    /** Why it is in its phase; empty where that needs no reason. */
    String reason() {
        return reason;
    }

    ExperimentSource source() {
        return source;
    }

    Execution execution() {
        return execution;
    }

    /** Whether its machines are being told to rest. */
    boolean pausing() {
        return pausing;
    }

    /** Whether its machines are to run. */
    boolean wantsToRun() {
        return exists() && phase.isActive() && !pausing;
    }

    long submittedMillis() {
        return submittedMillis;
    }

    /** When it came into its phase. */
    long changedMillis() {
        return changedMillis;
    }

    /** Of the completed experiment; empty before. */
    String digest() {
        return digest;
    }

    /** Machines with results, by name. */
    Map<String, MachineEnded> ended() {
        return ended;
    }

    /** Machines without, by name. */
    Map<String, MachineFailed> failed() {
        return failed;
    }

    /** Whether nothing more is to be heard of the machine. */
    boolean isOver(String machine) {
        return ended.containsKey(machine) || failed.containsKey(machine);
    }

    /** Why it may not be paused now, with the remedy; null if it may. */
    String pauseRefusal() {
        return switch (phase) {
            case PAUSED -> "is paused already; resume it to go on";
            case COMPLETED, FAILED, CANCELLED -> "is " + phase.word() + "; there is nothing to pause";
            default -> null;
        };
    }

    /** Why it may not be resumed now, with the remedy; null if it may. */
    String resumeRefusal() {
        return switch (phase) {
            case COMPLETED -> "is completed; its result is there, or submit it anew";
            case FAILED -> "has failed (" + reason + "); submit it anew, or branch from one of its branch points";
            case CANCELLED -> "was cancelled; submit it anew, or branch from one of its branch points";
            default -> null;
        };
    }

    /** Why it may not be cancelled now; null if it may. */
    String cancelRefusal() {
        return phase.isOver() ? "is " + phase.word() + " already; there is nothing to cancel" : null;
    }
}
