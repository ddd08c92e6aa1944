package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import java.util.Iterator;
import java.util.List;
import org.foliofleet.node.journal.JournalCommand.CommitReply;
import org.foliofleet.node.journal.JournalCommand.LaneResumed;
import org.foliofleet.node.journal.JournalCommand.Resumption;

/** What a journal tells itself. */
sealed interface JournalInternal extends JournalCommand {
    /** The rows have been read. */
    record MachineRead(JournalReader.Last last, Resume resume) implements JournalInternal {}

    /** The rows have been read. */
    record LaneRead(ResumeLane resume, JournalReader.Lane lane) implements JournalInternal {}

    /** The rows have been read, and nothing is to be written. */
    record Seen(JournalReader.Last last, ActorRef<Resumption> replyTo) implements JournalInternal {}

    /** They could not be. */
    record NotRead(Throwable cause) implements JournalInternal {}

    /** The next of several writes for one epoch. */
    record WriteOn(Iterator<List<JournalRecord>> writes, ActorRef<CommitReply> replyTo, CommitReply reply) implements JournalInternal {}

    /** Rows may be needed no more. */
    record DeleteOld() implements JournalInternal {}

    /** Rows before that one are gone, or not. */
    record Deleted(long before, Throwable trouble) implements JournalInternal {}
}
