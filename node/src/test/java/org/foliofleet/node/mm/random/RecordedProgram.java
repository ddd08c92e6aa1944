package org.foliofleet.node.mm.random;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.node.mm.tick.Schedule.Progress;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.DriverId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Envelope;

/**
 * What a random program asks of its machine and when, so that a machine of another hosting can be asked the same.
 *
 * @param seed        of the program
 * @param start       snapshot of the machine before it
 * @param submissions in order of time
 * @param lastTick    in which anything happened
 */
public record RecordedProgram(long seed, byte[] start, List<Submission> submissions, long lastTick) {
    /** Something asked of an owner, after that tick was over. */
    public record Submission(long tick, OwnerId to, Command<?> command) {}

    /** The program of that seed, all its processes at once. */
    public static RecordedProgram of(long seed) {
        List<Submission> submissions = new ArrayList<>();
        ProgramRun run = new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked()
                .telling((tick, to, command) -> submissions.add(new Submission(tick, to, command)));
        byte[] start = run.machine().snapshot();
        Machine end = run.concurrently().machine();
        return new RecordedProgram(seed, start, submissions, end.tick());
    }

    /** The machine before it, to which all will be submitted by itself, each in its tick. */
    public MachineParts toParts() {
        MachineParts parts = MachineParts.of(start);
        long number = parts.progress().driverSequence();
        List<Due> messages = new ArrayList<>(parts.messages());
        for (Submission submission : submissions) {
            number++;
            messages.add(new Due(submission.tick() + 1, new Envelope(submission.to(), new DriverId(), number, Envelope.Rank.REQUEST, number, 0,
                    submission.command(), 0)));
        }
        Progress progress = new Progress(parts.progress().tick(), number, parts.progress().messages(),
                parts.progress().ticks());
        return new MachineParts(parts.topology(), parts.settings(), progress, parts.owners(), messages, parts.answers());
    }
}
