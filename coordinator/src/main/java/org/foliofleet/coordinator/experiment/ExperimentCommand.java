package org.foliofleet.coordinator.experiment;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.protocol.control.ControlMessage;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** What coordinators ask of an experiment. Asking twice does no harm. */
sealed interface ExperimentCommand extends ControlMessage {
    /** Begin, unless that was done before. */
    record Begin(ExperimentSource source, Execution execution, ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** Be there, and go on after a restart of whatever it was that restarted; does nothing else. */
    record Wake() implements ExperimentCommand {}

    record GetStatus(ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** What it was made of, for a branch. */
    record GetSource(ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    record Pause(String reason, ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** @param execution how to go on; null: as before */
    record Resume(Execution execution, ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    record Cancel(String reason, ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /**
     * Results of machines that have ended, in the order of the experiment.
     *
     * @param from number of the first, over all classes
     */
    record GetResults(int from, ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** How its machines are. */
    record GetFleet(ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** What failed. */
    record GetFailures(ActorRef<ExperimentReply> replyTo) implements ExperimentCommand {}

    /** How an experiment answers. */
    sealed interface ExperimentReply extends ControlMessage {}

    record Answer(ExperimentStatus status) implements ExperimentReply {}

    /** There is no such experiment. */
    record Unknown(String id) implements ExperimentReply {}

    /** @param why goes behind the experiment's name */
    record Refused(ExperimentPhase phase, String why) implements ExperimentReply {}

    record Fleet(FleetView fleet) implements ExperimentReply {}

    record Failures(FailuresView failures) implements ExperimentReply {}

    record Source(ExperimentSource source, Execution execution) implements ExperimentReply {}

    /**
     * Some results.
     *
     * @param results in the form in which machines gave them
     * @param next    number of the first that is not among them, or -1: that was all
     */
    record Results(List<byte[]> results, int next) implements ExperimentReply {}
}
