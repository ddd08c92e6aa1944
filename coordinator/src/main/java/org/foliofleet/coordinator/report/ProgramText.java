package org.foliofleet.coordinator.report;

import java.util.List;
import org.foliofleet.protocol.experiment.Metric.Unit;
import org.foliofleet.protocol.program.CallName;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.Step;

/** The steps of a program, a line each, with what they draw. */
final class ProgramText {
    private final StringBuilder text = new StringBuilder();

    private ProgramText() {}

    static String of(Program program) {
        ProgramText written = new ProgramText();
        written.steps(program.steps(), "    ");
        return written.text.toString();
    }

    private void steps(List<Step> steps, String indent) {
        for (Step step : steps) {
            if (step instanceof Step.Repeat repeat) {
                line(indent, "repeat " + AmountText.of(repeat.times(), Unit.COUNT) + " times" + (repeat.untilFailed() ? ", until a call fails" : ""));
                steps(repeat.steps(), indent + "  ");
            } else if (step instanceof Step.Choose choose) {
                long all = choose.options().stream().mapToLong(Step.Option::weight).sum();
                for (Step.Option option : choose.options()) {
                    line(indent, "choose, " + option.weight() + " of " + all + (option.steps().isEmpty() ? ": nothing" : ""));
                    steps(option.steps(), indent + "  ");
                }
            } else {
                line(indent, one(step));
            }
        }
    }

    private void line(String indent, String line) {
        text.append(indent).append(line).append('\n');
    }

    private static String one(Step step) {
        if (step instanceof Step.Call call) {
            return call(call) + expected(call.expect());
        } else if (step instanceof Step.Operate operate) {
            String what = operate.call() instanceof MachineCall.Set set ? " " + set.key() + " = " + set.value() : "";
            return CallName.of(operate.call()) + what + expected(operate.expect());
        } else if (step instanceof Step.Fork fork) {
            return "fork " + fork.child().name() + expected(fork.expect());
        } else if (step instanceof Step.Thread thread) {
            return "thread " + thread.program().name();
        } else if (step instanceof Step.Perform perform) {
            return "program " + perform.program().name();
        } else if (step instanceof Step.Wait wait) {
            return "wait " + AmountText.of(wait.nanos(), Unit.NANOS);
        } else if (step instanceof Step.Mark mark) {
            return "mark '" + mark.label() + "'";
        }
        return "join";
    }

    private static String call(Step.Call step) {
        String name = CallName.of(step.template());
        String what = "";
        if (step.template() instanceof MemoryCall.Madvise madvise) {
            what = " " + madvise.advice().word();
        } else if (step.template() instanceof MemoryCall.Pin pin) {
            what = " " + pin.handle() + ":";
        } else if (step.template() instanceof MemoryCall.Unpin unpin) {
            what = " " + unpin.handle();
        } else if (step.template() instanceof MemoryCall.Mmap && !step.region().isEmpty()) {
            what = " " + step.region() + ":";
        }
        return name + what + (step.at() == null ? "" : " " + AmountText.of(step.at()))
                + (step.to() == null ? "" : " to " + AmountText.of(step.to()));
    }

    private static String expected(Expectation expect) {
        return expect.kind() == Expectation.Kind.ANYTHING ? "" : ", expect " + expect.word();
    }
}
