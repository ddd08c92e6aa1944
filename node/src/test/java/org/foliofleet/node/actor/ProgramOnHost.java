package org.foliofleet.node.actor;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.node.mm.tick.Answers.Answer;

/** Random programs on machines of any hosting, which are looked at on the way. */
final class ProgramOnHost {
    private static final int LOOKS = 5;

    private ProgramOnHost() {}

    /** What one hosting made of a program. */
    record Result(List<String> digests, List<Answer> answers, byte[] state) {}

    /** What a program is run on. */
    interface Host {
        void runUntil(long tick);

        void submit(RecordedProgram.Submission submission);

        String digest();

        List<Answer> takeAnswers();

        byte[] snapshot();
    }

    static Result run(RecordedProgram program, Host host) {
        List<String> digests = new ArrayList<>();
        int next = 0;
        for (int look = 1; look <= LOOKS; look++) {
            long until = program.lastTick() * look / LOOKS;
            while (next < program.submissions().size() && program.submissions().get(next).tick() <= until) {
                host.runUntil(program.submissions().get(next).tick());
                host.submit(program.submissions().get(next++));
            }
            host.runUntil(until);
            digests.add(host.digest());
        }
        return new Result(digests, host.takeAnswers(), host.snapshot());
    }

    static Result onOneThread(RecordedProgram program) {
        Machine machine = Machine.restore(program.start());
        return run(program, new Host() {
            @Override
            public void runUntil(long tick) {
                while (!machine.isQuiet() && machine.nextTick() <= tick) {
                    machine.step();
                }
            }

            @Override
            public void submit(RecordedProgram.Submission submission) {
                machine.submit(submission.to(), submission.command());
            }

            @Override
            public String digest() {
                return machine.digest();
            }

            @Override
            public List<Answer> takeAnswers() {
                List<Answer> answers = new ArrayList<>();
                machine.drainAnswers((number, value, cost) -> answers.add(new Answer(number, value, cost)));
                return answers;
            }

            @Override
            public byte[] snapshot() {
                return machine.snapshot();
            }
        });
    }
}
