package org.foliofleet.protocol.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.protocol.id.PageRange;

/**
 * A process's position in its program. Whoever runs the process asks for the {@linkplain #next next action}, does it,
 * and {@linkplain #answered tells} how a call ended before asking again.
 *
 * <p>Its state is plain numbers and regions ({@link #position}, {@link #random}, {@link #regions}, {@link #forks}), so
 * that it can be journaled and be part of a digest.
 */
public final class ProgramCursor implements Amount.Scope {
    /** What a process does next. */
    public sealed interface Action {
        /** Make this call; tell the cursor the result. */
        record Make(MemoryCall call, Step.Call step) implements Action {}

        /** Do this to the machine; tell the cursor the result. */
        record Operate(Step.Operate step) implements Action {}

        /** Fork; tell the cursor the result. If it is ok, the child goes on with the cursor {@code child}. */
        record Fork(Step.Fork step, long ordinal, ProgramCursor child) implements Action {}

        /** Start a thread, which goes on with the cursor {@code thread}. */
        record StartThread(Step.Thread step, long ordinal, ProgramCursor thread) implements Action {}

        record Wait(long nanos) implements Action {}

        record Join() implements Action {}

        record Mark(String label) implements Action {}

        /** The program is over: exit. Every further question gives the same answer. */
        record End() implements Action {}
    }

    /** A list of steps being walked: the body of the program, or of the step that the frame below stands on. */
    private static final class Frame {
        final List<Step> steps;
        final Step.Repeat loop;
        final int branch;
        final long rounds;
        long round;
        int next;

        Frame(List<Step> steps, Step.Repeat loop, int branch, long rounds) {
            this.steps = steps;
            this.loop = loop;
            this.branch = branch;
            this.rounds = rounds;
        }
    }

    private static final int NUMBERS_PER_FRAME = 4;

    private final Program program;
    private final RandomStream random;
    private final TreeMap<String, PageRange> regions;
    private final List<Frame> frames = new ArrayList<>();
    private long forks;

    private ProgramCursor(Program program, RandomStream random, SortedMap<String, PageRange> regions) {
        this.program = program;
        this.random = random;
        this.regions = new TreeMap<>(regions);
    }

    /** A cursor before the first step, for a process that knows no region yet. */
    public static ProgramCursor start(Program program, RandomStream random) {
        return startWith(program, random, new TreeMap<>());
    }

    private static ProgramCursor startWith(Program program, RandomStream random, SortedMap<String, PageRange> regions) {
        ProgramCursor cursor = new ProgramCursor(program, random, regions);
        cursor.frames.add(new Frame(program.steps(), null, 0, 1));
        return cursor;
    }

    /** A cursor as it was saved. */
    public static ProgramCursor restored(Program program, RandomStream random, SortedMap<String, PageRange> regions,
                                         long forks, long[] position) {
        ProgramCursor cursor = new ProgramCursor(program, random, regions);
        cursor.forks = forks;
        List<Step> steps = program.steps();
        Step.Repeat loop = null;
        for (int i = 0; i < position.length; i += NUMBERS_PER_FRAME) {
            Frame frame = new Frame(steps, loop, (int) position[i + 1], position[i + 3]);
            frame.next = (int) position[i];
            frame.round = position[i + 2];
            cursor.frames.add(frame);
            if (i + NUMBERS_PER_FRAME < position.length) {
                Step holder = steps.get(frame.next - 1);
                loop = holder instanceof Step.Repeat repeat ? repeat : null;
                steps = body(holder, (int) position[i + NUMBERS_PER_FRAME + 1]);
            }
        }
        return cursor;
    }

    /** A cursor at a position that was taken of one in the same program. */
    public static ProgramCursor at(ProgramPosition position, Program program) {
        long[] frames = position.frames().stream().mapToLong(Long::longValue).toArray();
        return restored(program, RandomStream.restored(position.stream(), position.draws()), new TreeMap<>(position.regions()),
                position.forks(), frames);
    }

    /** The position as a value; later moves do not change it. */
    public ProgramPosition toPosition() {
        return new ProgramPosition(program.name(), random.key(), random.position(), forks,
                Arrays.stream(position()).boxed().toList(), new TreeMap<>(regions));
    }

    private static List<Step> body(Step holder, int branch) {
        if (holder instanceof Step.Repeat repeat) {
            return repeat.steps();
        } else if (holder instanceof Step.Choose choose) {
            return choose.options().get(branch).steps();
        }
        return ((Step.Perform) holder).program().steps();
    }

    /** For each open list of steps: next step, branch, round, rounds. */
    public long[] position() {
        long[] position = new long[frames.size() * NUMBERS_PER_FRAME];
        int at = 0;
        for (Frame frame : frames) {
            position[at++] = frame.next;
            position[at++] = frame.branch;
            position[at++] = frame.round;
            position[at++] = frame.rounds;
        }
        return position;
    }

    public Program program() {
        return program;
    }

    @Override
    public RandomStream random() {
        return random;
    }

    /** The regions by name, where they were last mapped. */
    public SortedMap<String, PageRange> regions() {
        return new TreeMap<>(regions);
    }

    /** How many children were asked for. */
    public long forks() {
        return forks;
    }

    /** The round of the loop of that level inside the innermost program; loops of a caller are not seen. */
    @Override
    public long index(int level) {
        int seen = 0;
        for (int i = innermostProgram(); i < frames.size(); i++) {
            if (frames.get(i).loop != null && seen++ == level) {
                return frames.get(i).round;
            }
        }
        throw new IllegalStateException("no loop of level " + level + " in " + program.name());
    }

    private int innermostProgram() {
        for (int i = frames.size() - 1; i > 0; i--) {
            Frame below = frames.get(i - 1);
            if (below.steps.get(below.next - 1) instanceof Step.Perform) {
                return i;
            }
        }
        return 0;
    }

    /** Goes on to the next action. */
    public Action next() {
        while (!frames.isEmpty()) {
            Frame frame = frames.get(frames.size() - 1);
            if (frame.next == frame.steps.size()) {
                if (++frame.round < frame.rounds) {
                    frame.next = 0;
                } else {
                    frames.remove(frames.size() - 1);
                }
                continue;
            }
            Action action = take(frame.steps.get(frame.next++));
            if (action != null) {
                return action;
            }
        }
        return new Action.End();
    }

    /** The action of a step, or null if the step only opened a list of others. */
    private Action take(Step step) {
        if (step instanceof Step.Call call) {
            return make(call);
        } else if (step instanceof Step.Operate operate) {
            return new Action.Operate(operate);
        } else if (step instanceof Step.Fork fork) {
            long ordinal = forks++;
            return new Action.Fork(fork, ordinal, startWith(fork.child(), random.child(ordinal), regions));
        } else if (step instanceof Step.Thread thread) {
            long ordinal = forks++;
            return new Action.StartThread(thread, ordinal, startWith(thread.program(), random.child(ordinal), regions));
        } else if (step instanceof Step.Wait wait) {
            return new Action.Wait(Math.max(0, wait.nanos().draw(this)));
        } else if (step instanceof Step.Join) {
            return new Action.Join();
        } else if (step instanceof Step.Mark mark) {
            return new Action.Mark(mark.label());
        } else if (step instanceof Step.Repeat repeat) {
            long rounds = repeat.times().draw(this);
            if (rounds > 0 && !repeat.steps().isEmpty()) {
                frames.add(new Frame(repeat.steps(), repeat, 0, rounds));
            }
        } else if (step instanceof Step.Choose choose) {
            int branch = branch(choose);
            frames.add(new Frame(choose.options().get(branch).steps(), null, branch, 1));
        } else if (step instanceof Step.Perform perform) {
            frames.add(new Frame(perform.program().steps(), null, 0, 1));
        }
        return null;
    }

    private Action make(Step.Call step) {
        PageRange at = step.at() == null ? null : place(step.at());
        PageRange to = step.to() == null ? null : place(step.to());
        MemoryCall call = CallTemplate.fill(step.template(), at, to);
        if (!step.region().isEmpty()) {
            regions.put(step.region(), call instanceof MemoryCall.Mremap moved
                ? new PageRange(moved.newStart() >= 0 ? moved.newStart() : at.start(), moved.newCount())
                : at);
        }
        return new Action.Make(call, step);
    }

    private PageRange place(Extent extent) {
        PageRange base = regions.get(extent.region());
        if (base == null && extent.isRelative()) {
            throw new IllegalStateException("region " + extent.region() + " was never mapped in " + program.name());
        }
        return extent.draw(base, this);
    }

    private int branch(Step.Choose choose) {
        long total = 0;
        for (Step.Option option : choose.options()) {
            total += option.weight();
        }
        long ticket = random.below(total);
        int branch = 0;
        while (ticket >= choose.options().get(branch).weight()) {
            ticket -= choose.options().get(branch++).weight();
        }
        return branch;
    }

    /** Tells how the last call, operation or fork ended: a failure ends the innermost loop that runs until one. */
    public void answered(CallResult result) {
        if (result instanceof CallResult.Ok || result instanceof CallResult.Moved) {
            return;
        }
        for (int i = frames.size() - 1; i >= 0; i--) {
            if (frames.get(i).loop != null && frames.get(i).loop.untilFailed()) {
                frames.subList(i, frames.size()).clear();
                return;
            }
        }
    }
}
