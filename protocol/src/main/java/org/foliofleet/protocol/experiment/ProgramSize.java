package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.Step;

/**
 * How large a process that runs a program becomes, with all its children, about: a walk with the mean of every amount. Loops
 * are walked twice, and what the second round adds is taken for each of the others.
 */
final class ProgramSize {
    private static final int MAX_STEPS = 100_000;
    private static final int MAX_DEPTH = 32;

    /** How much there is; peaks are those of the process and its children at once. */
    record Size(double lived, double processes, double vmas, double pages) {}

    private double ownVmas;
    private double ownPages;
    private double childProcesses;
    private double childVmas;
    private double childPages;
    private double lived = 1;
    private double peakProcesses = 1;
    private double peakVmas;
    private double peakPages;
    private final Set<String> places = new TreeSet<>();
    private final int[] budget;
    private final int depth;

    private ProgramSize(int[] budget, int depth) {
        this.budget = budget;
        this.depth = depth;
    }

    static Size of(Program program) {
        return new ProgramSize(new int[] {MAX_STEPS}, 0).size(program);
    }

    private Size size(Program program) {
        peaks();
        walk(program.steps());
        return new Size(lived, peakProcesses, peakVmas, peakPages);
    }

    private void peaks() {
        peakProcesses = Math.max(peakProcesses, 1 + childProcesses);
        peakVmas = Math.max(peakVmas, ownVmas + childVmas);
        peakPages = Math.max(peakPages, ownPages + childPages);
    }

    private void walk(List<Step> steps) {
        for (Step step : steps) {
            if (--budget[0] < 0) {
                return;
            }
            if (step instanceof Step.Call call) {
                call(call);
            } else if (step instanceof Step.Repeat repeat) {
                repeat(repeat);
            } else if (step instanceof Step.Choose choose) {
                choose.options().stream().max((one, other) -> Long.compare(one.weight(), other.weight()))
                    .ifPresent(option -> walk(option.steps()));
            } else if (step instanceof Step.Perform perform) {
                walk(perform.program().steps());
            } else if (step instanceof Step.Thread thread) {
                walk(thread.program().steps());
            } else if (step instanceof Step.Fork fork) {
                fork(fork.child());
            } else if (step instanceof Step.Join) {
                childProcesses = 0;
                childVmas = 0;
                childPages = 0;
            }
            peaks();
        }
    }

    private void repeat(Step.Repeat repeat) {
        double rounds = Math.max(0, mean(repeat.times()));
        if (rounds < 1) {
            return;
        }
        walk(repeat.steps());
        if (rounds < 2) {
            return;
        }
        double[] first = all();
        walk(repeat.steps());
        double[] second = all();
        double more = rounds - 2;
        ownVmas += more * (second[0] - first[0]);
        ownPages += more * (second[1] - first[1]);
        childProcesses += more * (second[2] - first[2]);
        childVmas += more * (second[3] - first[3]);
        childPages += more * (second[4] - first[4]);
        lived += more * (second[5] - first[5]);
        ownVmas = Math.max(0, ownVmas);
        ownPages = Math.max(0, ownPages);
        peaks();
    }

    private double[] all() {
        return new double[] {ownVmas, ownPages, childProcesses, childVmas, childPages, lived};
    }

    private void fork(Program program) {
        if (depth == MAX_DEPTH) {
            return;
        }
        ProgramSize child = new ProgramSize(budget, depth + 1);
        child.ownVmas = ownVmas;
        child.places.addAll(places);
        Size size = child.size(program);
        childProcesses += size.processes();
        childVmas += size.vmas();
        childPages += size.pages();
        lived += size.lived();
    }

    private void call(Step.Call step) {
        MemoryCall call = step.template();
        if (call instanceof MemoryCall.Mmap) {
            String place = step.replace() || step.at().at().isConstant() ? step.at().at().toString() : "";
            if (place.isEmpty() || places.add(place)) {
                ownVmas++;
                ownPages += mean(step.at().size());
            }
        } else if (call instanceof MemoryCall.Munmap) {
            boolean whole = step.at().isRelative() && step.at().size() == null && step.at().at().equals(Amount.of(0));
            ownVmas = Math.max(0, ownVmas + (whole ? -1 : step.at().size() == null ? 0 : 1));
            ownPages = Math.max(0, ownPages - (step.at().size() == null ? 0 : mean(step.at().size())));
        } else if (call instanceof MemoryCall.Exec || call instanceof MemoryCall.Exit) {
            peaks();
            ownVmas = 0;
            ownPages = 0;
            places.clear();
        } else if (cuts(call) && step.at() != null && (step.at().size() != null || !step.at().at().equals(Amount.of(0)))
            && places.add("cut " + (step.at().at().isConstant() ? step.at().toString() : step.line().line() + " " + places.size()))) {
            ownVmas += 2;
        }
    }

    /** Whether a part of a VMA becomes one of its own. */
    private static boolean cuts(MemoryCall call) {
        return call instanceof MemoryCall.Mprotect || call instanceof MemoryCall.Mlock || call instanceof MemoryCall.UffdRegister
            || call instanceof MemoryCall.Mbind || call instanceof MemoryCall.Mremap
            || call instanceof MemoryCall.Madvise advise && List.of(Advice.HUGEPAGE, Advice.NOHUGEPAGE, Advice.MERGEABLE, Advice.DONTFORK,
                Advice.WIPEONFORK, Advice.DONTDUMP).contains(advise.advice());
    }

    private static double mean(Amount amount) {
        if (amount instanceof Amount.Constant constant) {
            return constant.value();
        } else if (amount instanceof Amount.Uniform uniform) {
            return (uniform.min() + uniform.max()) / 2.0;
        } else if (amount instanceof Amount.Zipf zipf) {
            return zipf.min() + (zipf.max() - zipf.min()) / 5.0;
        } else if (amount instanceof Amount.Exponential exponential) {
            return exponential.mean();
        } else if (amount instanceof Amount.OneOf oneOf) {
            return oneOf.choices().stream().mapToDouble(ProgramSize::mean).average().orElse(0);
        } else if (amount instanceof Amount.Sum sum) {
            return sum.terms().stream().mapToDouble(ProgramSize::mean).sum();
        }
        return 0;
    }
}
