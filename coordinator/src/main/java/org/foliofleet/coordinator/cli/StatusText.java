package org.foliofleet.coordinator.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.ExperimentSummary;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.coordinator.report.TextTable;

/** The states of experiments, for a person. */
final class StatusText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private StatusText() {}

    /** In one line, for a progress display. */
    static String line(ExperimentStatus status) {
        StringBuilder text = new StringBuilder();
        text.append(status.id()).append(' ').append(phase(status));
        ExperimentStatus.Machines machines = status.machines();
        if (machines.all() > 1) {
            text.append(", ").append(machines(machines));
        }
        if (status.nanos() >= 0) {
            text.append(": ").append(Quantities.time(status.nanos())).append(status.goalNanos() >= 0
                    ? " of " + Quantities.time(status.goalNanos()) : "").append(" simulated");
        }
        if (status.nanosPerSecond() > 0) {
            text.append(", ").append(Quantities.time(status.nanosPerSecond())).append(" a second");
        }
        if (status.epoch() >= 0) {
            text.append(", epoch ").append(status.epoch());
        }
        if (status.messagesPerSecond() > 0) {
            text.append(", ").append(Quantities.grouped(status.messagesPerSecond())).append(" messages/s");
        }
        if (status.remainingSeconds() >= 0) {
            text.append(", ").append(duration(status.remainingSeconds())).append(" left");
        }
        return text.toString();
    }

    private static String phase(ExperimentStatus status) {
        return status.pausing() ? "is pausing" : status.phase().word();
    }

    private static String machines(ExperimentStatus.Machines machines) {
        StringBuilder text = new StringBuilder();
        count(text, machines.starting(), "starting");
        count(text, machines.running(), "running");
        count(text, machines.waiting(), "waiting");
        count(text, machines.paused(), "paused");
        count(text, machines.ended(), "ended");
        count(text, machines.failed(), "failed");
        return text.append(" of ").append(Quantities.grouped(machines.all())).append(" machines").toString();
    }

    private static void count(StringBuilder text, long count, String what) {
        if (count > 0) {
            text.append(text.isEmpty() ? "" : ", ").append(Quantities.grouped(count)).append(' ').append(what);
        }
    }

    /** All of it, line by line. */
    static String of(ExperimentStatus status) {
        TextTable table = new TextTable(2);
        table.row("experiment", status.id() + (status.id().equals(status.name()) ? "" : " (" + status.name() + ")"));
        table.row("state", phase(status) + " since " + time(status.changedMillis()) + (status.reason().isEmpty() ? "" : ": " + status.reason()));
        table.row("submitted", time(status.submittedMillis()) + ", seed " + status.seed()
                + (status.origin().isEmpty() ? "" : ", branched from " + status.origin().replace("@", " at epoch ")));
        table.row("machines", machines(status.machines()) + (status.machines().stepBacks() == 0 ? ""
                : "; " + status.machines().stepBacks() + (status.machines().stepBacks() == 1 ? " step back" : " steps back")));
        table.row("run", "hosting " + status.execution().hosting().name().toLowerCase(Locale.ROOT) + ", " + (status.execution().lanes() == 1 ? "colocated"
                : "spread over " + status.execution().lanes() + " lanes") + ", epochs of " + Quantities.grouped(status.execution().epochTicks()) + " ticks");
        if (status.nanos() >= 0) {
            table.row("simulated", Quantities.time(status.nanos()) + (status.goalNanos() >= 0 ? " of " + Quantities.time(status.goalNanos()) : "")
                    + (status.nanosPerSecond() > 0 ? ", " + Quantities.time(status.nanosPerSecond()) + " a second" : ""));
        }
        if (status.epoch() >= 0) {
            table.row("epoch", status.epoch() + " is committed by all machines" + (status.execution().branchEvery() == 0 ? ""
                    : "; branch points are the multiples of " + status.execution().branchEvery()));
        }
        if (status.messages() > 0) {
            table.row("messages", Quantities.grouped(status.messages()) + (status.messagesPerSecond() > 0
                    ? ", " + Quantities.grouped(status.messagesPerSecond()) + " a second" : ""));
        }
        if (status.remainingSeconds() >= 0) {
            table.row("remaining", "about " + duration(status.remainingSeconds()));
        }
        if (!status.digest().isEmpty()) {
            table.row("digest", status.digest());
        }
        status.troubles().forEach(trouble -> table.row("note", trouble));
        return table.toString();
    }

    /** Many, a line each. */
    static String of(List<ExperimentSummary> experiments) {
        if (experiments.isEmpty()) {
            return "there are no experiments; foliofleet submit NAME|FILE.yaml begins one\n";
        }
        TextTable table = new TextTable(4);
        table.row("experiment", "state", "submitted", "how far");
        for (ExperimentSummary each : experiments) {
            table.row(each.id(), each.phase().word(), time(each.submittedMillis()), howFar(each));
        }
        return table.toString();
    }

    private static String howFar(ExperimentSummary each) {
        ExperimentStatus status = each.status();
        if (status == null || each.phase().isOver() || !each.reason().isEmpty()) {
            return each.reason();
        }
        StringBuilder text = new StringBuilder();
        if (status.machines().all() > 1) {
            text.append(machines(status.machines())).append(", ");
        }
        if (status.epoch() >= 0) {
            text.append("epoch ").append(status.epoch()).append(", ");
        }
        if (status.nanos() >= 0) {
            text.append(Quantities.time(status.nanos())).append(" simulated, ");
        }
        if (status.remainingSeconds() >= 0) {
            text.append(duration(status.remainingSeconds())).append(" left, ");
        }
        return text.isEmpty() ? "" : text.substring(0, text.length() - 2);
    }

    private static String time(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis).atZone(ZoneId.systemDefault()));
    }

    /** Seconds as people say them, in two units at most. */
    static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min" + (seconds < 600 && seconds % 60 > 0 ? " " + seconds % 60 + " s" : "");
        }
        if (seconds < 86_400) {
            return seconds / 3600 + " h" + (seconds % 3600 / 60 > 0 ? " " + seconds % 3600 / 60 + " min" : "");
        }
        return seconds / 86_400 + " d" + (seconds % 86_400 / 3600 > 0 ? " " + seconds % 86_400 / 3600 + " h" : "");
    }
}
