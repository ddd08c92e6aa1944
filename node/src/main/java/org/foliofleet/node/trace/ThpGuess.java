package org.foliofleet.node.trace;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which THP mode a recording was made with; nothing in it says so.
 *
 * <p>With recorded sizes: huge pages in a process that neither it nor an ancestor of it asked for with
 * {@code MADV_HUGEPAGE} say {@code always}; all else is {@code madvise}, the default. Without: see {@link BlockVotes}.
 *
 * @param mode   {@code always} or {@code madvise}
 * @param reason why, in words
 */
record ThpGuess(String mode, String reason) {
    static ThpGuess of(Path trace, List<SmapsSamples.Sample> samples) {
        if (!samples.isEmpty() && samples.stream().allMatch(sample -> sample.anonHugeKb() == 0)) {
            return new ThpGuess("madvise", "no process had huge pages recorded");
        }
        Set<Integer> advised = new HashSet<>();
        BlockVotes votes = new BlockVotes();
        TraceInput.read(trace, event -> {
            int pid = event.stamp().pid();
            if (event instanceof TraceEvent.Call call && call.number() == SyscallTable.MADVISE && call.args()[2] == 14
                    && !call.failed()) {
                advised.add(pid);
            } else if (event instanceof TraceEvent.Fork fork && advised.contains(pid)) {
                advised.add(fork.child());
            }
            votes.see(event);
        }, new NotReplayed(), done -> { });
        if (samples.isEmpty()) {
            return votes.always() ? new ThpGuess("always", "aligned 2 MiB blocks took one fault each")
                    : new ThpGuess("madvise", "the default; no sizes were recorded beside the trace");
        }
        for (SmapsSamples.Sample sample : samples) {
            if (sample.anonHugeKb() > 0 && !advised.contains(sample.pid())) {
                return new ThpGuess("always", sample.comm() + " had huge pages recorded without asking for them");
            }
        }
        return new ThpGuess("madvise", "no process had huge pages recorded without asking for them");
    }
}
