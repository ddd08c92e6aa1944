package org.foliofleet.protocol.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;
import org.foliofleet.protocol.program.Step;

/**
 * How much anonymous memory one process surely has written, and locked, at once: less than it needs, never more.
 *
 * <p>Method: programs are walked with the least of every amount. Of each region the largest single write counts; what is mapped
 * anew in each round of a loop counts as often as there are rounds, unless anything in the loop gives memory back.
 */
final class MemoryNeed {
    private static final int MAX_STEPS = 100_000;
    private static final int MAX_DEPTH = 32;

    /** What is known of one region: its least size, and what of it was surely written. */
    private record Region(long pages, long written, boolean locked) {}

    /** @param line of the step that brought it there, null for none */
    record Most(long pages, SourceLine line) {}

    private Most written = new Most(0, null);
    private Most locked = new Most(0, null);
    private final Map<String, Region> regions = new TreeMap<>();
    /** Of regions that have lost their name. */
    private long nameless;
    private long namelessLocked;
    private int budget = MAX_STEPS;
    /** Memory has been given back in a way that is not followed, or faults may fail: nothing more is certain. */
    private boolean over;

    private MemoryNeed() {}

    static MemoryNeed of(Program program) {
        MemoryNeed need = new MemoryNeed();
        need.walk(program.steps(), new long[0], 0);
        return need;
    }

    /** Most anonymous pages that were surely written at once. */
    Most written() {
        return written;
    }

    /** Most pages that were surely locked at once. */
    Most locked() {
        return locked;
    }

    private void walk(List<Step> steps, long[] index, int depth) {
        for (Step step : steps) {
            if (over || --budget < 0 || depth > MAX_DEPTH) {
                over = true;
                return;
            }
            if (step instanceof Step.Call call) {
                call(call, index);
                peak(call.line());
            } else if (step instanceof Step.Repeat repeat) {
                repeat(repeat, index, depth);
            } else if (step instanceof Step.Perform perform) {
                walk(perform.program().steps(), new long[0], depth + 1);
            } else if (step instanceof Step.Choose || step instanceof Step.Thread) {
                over = true;
            }
        }
    }

    private void peak(SourceLine line) {
        long pages = nameless + regions.values().stream().mapToLong(Region::written).sum();
        long held = namelessLocked + regions.values().stream().filter(Region::locked).mapToLong(Region::written).sum();
        if (pages > written.pages()) {
            written = new Most(pages, line);
        }
        if (held > locked.pages()) {
            locked = new Most(held, line);
        }
    }

    private void repeat(Step.Repeat repeat, long[] index, int depth) {
        long rounds = repeat.untilFailed() ? 0 : repeat.times().least(index);
        if (rounds < 1) {
            over = true;
            return;
        }
        long[] inner = Arrays.copyOf(index, index.length + 1);
        long before = nameless;
        long lockedBefore = namelessLocked;
        walk(repeat.steps(), inner, depth);
        if (rounds > 1 && !over) {
            inner[index.length] = 1;
            long first = nameless;
            long firstLocked = namelessLocked;
            walk(repeat.steps(), inner, depth);
            if (!over && first >= before && firstLocked >= lockedBefore) {
                nameless += Math.max(0, nameless - first) * (rounds - 2);
                namelessLocked += Math.max(0, namelessLocked - firstLocked) * (rounds - 2);
                peak(repeat.line());
            }
        }
    }

    private void call(Step.Call step, long[] index) {
        MemoryCall call = step.template();
        if (step.expect().kind() != Expectation.Kind.ANYTHING && step.expect().kind() != Expectation.Kind.OK) {
            return;
        }
        if (call instanceof MemoryCall.Mmap mmap) {
            mmap(step, mmap, index);
        } else if (call instanceof MemoryCall.Write) {
            regions.computeIfPresent(step.at().region(), (name, region) -> touched(step, region, index));
        } else if (call instanceof MemoryCall.Mlock mlock) {
            regions.computeIfPresent(step.at().region(), (name, region) -> mlock.onFault() || step.at().size() != null ? region
                : new Region(region.pages, Math.max(region.written, region.pages), true));
        } else if (givesBack(call)) {
            over = true;
        }
    }

    private void mmap(Step.Call step, MemoryCall.Mmap mmap, long[] index) {
        if (step.replace() || step.region().isEmpty()) {
            over |= step.replace();
            return;
        }
        Region old = regions.remove(step.region());
        if (old != null) {
            nameless += old.written;
            namelessLocked += old.locked ? old.written : 0;
        }
        if (mmap.backing() instanceof Backing.Anonymous && mmap.protection().write()) {
            regions.put(step.region(), new Region(step.at().size().least(index), 0, false));
        }
    }

    private static Region touched(Step.Call step, Region region, long[] index) {
        long size = step.at().size() == null ? region.pages - step.at().at().most(index) : step.at().size().least(index);
        return new Region(region.pages, Math.max(region.written, Math.min(size, region.pages)), region.locked);
    }

    private static boolean givesBack(MemoryCall call) {
        return call instanceof MemoryCall.Munmap || call instanceof MemoryCall.Mremap || call instanceof MemoryCall.Mprotect
            || call instanceof MemoryCall.Exec || call instanceof MemoryCall.Exit || call instanceof MemoryCall.UffdRegister
            || call instanceof MemoryCall.Munlock || call instanceof MemoryCall.Madvise advise && advise.advice() != Advice.HUGEPAGE
                && advise.advice() != Advice.NOHUGEPAGE && advise.advice() != Advice.COLLAPSE && advise.advice() != Advice.PAGEOUT
                && advise.advice() != Advice.COLD && advise.advice() != Advice.WILLNEED;
    }
}
