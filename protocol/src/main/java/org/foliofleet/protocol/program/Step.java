package org.foliofleet.protocol.program;

import java.util.List;

/** One step of a {@link Program}. */
public sealed interface Step {
    /** Where it was written. */
    SourceLine line();

    /**
     * A call whose places are still to be drawn.
     *
     * @param template the call with empty ranges, see {@link CallTemplate}
     * @param at       where, or null if the call has no place
     * @param to       the second place of {@code mremap} and {@code uffd-move}; null for all others
     * @param region   the region that the call makes ({@code mmap}, {@code mremap}), or empty
     * @param replace  that an {@code mmap} may lie over what is mapped already
     */
    record Call(MemoryCall template, Extent at, Extent to, String region, boolean replace, Expectation expect,
                SourceLine line) implements Step {}

    /** Something done to the machine as a whole. */
    record Operate(MachineCall call, Expectation expect, SourceLine line) implements Step {}

    /** {@code fork()}; the child runs a program of its own and knows the regions of its parent. */
    record Fork(String name, Program child, Expectation expect, SourceLine line) implements Step {}

    /** Another thread of the process, which runs a program of its own in the same memory. */
    record Thread(String name, Program program, SourceLine line) implements Step {}

    /**
     * A loop.
     *
     * @param times       how many rounds, drawn when the loop begins
     * @param untilFailed whether the first call that fails ends it
     */
    record Repeat(Amount times, boolean untilFailed, List<Step> steps, SourceLine line) implements Step {
        public Repeat {
            steps = List.copyOf(steps);
        }
    }

    /** One of the options, drawn by weight. */
    record Choose(List<Option> options, SourceLine line) implements Step {
        public Choose {
            options = List.copyOf(options);
        }
    }

    /** @param weight at least 1 */
    record Option(long weight, List<Step> steps) {
        public Option {
            steps = List.copyOf(steps);
        }
    }

    /** The steps of another program, in this process. */
    record Perform(Program program, SourceLine line) implements Step {}

    /** Does nothing for that many nanoseconds. */
    record Wait(Amount nanos, SourceLine line) implements Step {}

    /** Waits until all children have exited, and the threads that were started here have ended. */
    record Join(SourceLine line) implements Step {}

    /** A moment the summary shows. */
    record Mark(String label, SourceLine line) implements Step {}
}
