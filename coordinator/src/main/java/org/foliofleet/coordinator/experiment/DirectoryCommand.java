package org.foliofleet.coordinator.experiment;

import akka.actor.typed.ActorRef;
import java.util.List;
import org.foliofleet.protocol.control.ControlMessage;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;

/** What is asked of, and told to, the list of all experiments. */
sealed interface DirectoryCommand extends ControlMessage {
    /**
     * One more experiment.
     *
     * @param id   that it shall have; null: one made of its name
     * @param name of the experiment, as its file says
     */
    record Submit(String id, String name, ExperimentSource source, Execution execution, ActorRef<DirectoryReply> replyTo) implements DirectoryCommand {}

    record GetAll(ActorRef<DirectoryReply> replyTo) implements DirectoryCommand {}

    /** An experiment says how it is. */
    record Report(ExperimentStatus status) implements DirectoryCommand {}

    /** How the list answers. */
    sealed interface DirectoryReply extends ControlMessage {}

    record Listing(List<ExperimentSummary> experiments) implements DirectoryReply {}

    /** The experiment is in the journal, and will be run. */
    record Accepted(String id) implements DirectoryReply {}

    /** There is one of that id already. */
    record Taken(String id, ExperimentPhase phase) implements DirectoryReply {}
}
