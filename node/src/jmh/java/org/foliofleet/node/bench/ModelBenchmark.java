package org.foliofleet.node.bench;

import java.util.concurrent.TimeUnit;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What single operations of a process take, from the call to the quiet machine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgs = {"-Xmx2g", "-XX:+UseParallelGC"})
public class ModelBenchmark {
    private static final long BASE = Workbench.BASE;
    private static final long WINDOW = 1 << 16;

    private Workbench small;
    private Workbench huge;
    private ProcessId child;
    private long page;
    private long block;
    private long copied;

    @Setup(Level.Iteration)
    public void make() {
        small = new Workbench("never");
        small.map(BASE, WINDOW);
        small.map(BASE + 2 * WINDOW, WINDOW);
        small.write(BASE + 2 * WINDOW, WINDOW, 1);
        child = small.fork();
        huge = new Workbench("always");
        huge.map(BASE, WINDOW);
        page = 0;
        block = 0;
        copied = 0;
    }

    /** A write to the next page that has none; every 65,536 faults the range is emptied. */
    @Benchmark
    public CallResult orderZeroFault() {
        if (page == WINDOW) {
            small.unmap(BASE, WINDOW);
            small.map(BASE, WINDOW);
            page = 0;
        }
        return small.write(BASE + page++, 1, 1);
    }

    @Benchmark
    public CallResult thpFault() {
        if (block == WINDOW / 512) {
            huge.unmap(BASE, WINDOW);
            huge.map(BASE, WINDOW);
            block = 0;
        }
        return huge.write(BASE + 512 * block++, 1, 1);
    }

    @Benchmark
    public CallResult copyOnWriteFault() {
        if (copied == WINDOW) {
            small.exit(child);
            child = small.fork();
            copied = 0;
        }
        return small.childWrites(child, BASE + 2 * WINDOW + copied++, 1, 1);
    }

    /** Maps 64 pages, writes them, and unmaps them. */
    @Benchmark
    public CallResult mapWriteUnmap() {
        small.map(BASE - 1024, 64);
        small.write(BASE - 1024, 64, 1);
        return small.unmap(BASE - 1024, 64);
    }

    /** Locks and unlocks 64 pages in the middle of a VMA, which is split and merged. */
    @Benchmark
    public CallResult mlockMunlock() {
        small.call(new MemoryCall.Mlock(new PageRange(BASE + 2 * WINDOW + 100, 64), false));
        return small.call(new MemoryCall.Munlock(new PageRange(BASE + 2 * WINDOW + 100, 64)));
    }

    /** Moves 64 pages away and back. */
    @Benchmark
    public CallResult mremapThereAndBack() {
        small.call(new MemoryCall.Mremap(new PageRange(BASE + 2 * WINDOW + 100, 64), 64, BASE - 2048, true, false));
        return small.call(new MemoryCall.Mremap(new PageRange(BASE - 2048, 64), 64, BASE + 2 * WINDOW + 100, true, false));
    }

    /** Takes the right to write from 64 pages in the middle of a VMA and gives it back: two splits, two merges. */
    @Benchmark
    public CallResult mprotectSplitAndMerge() {
        small.call(new MemoryCall.Mprotect(new PageRange(BASE + 2 * WINDOW + 100, 64), Protection.READ));
        return small.call(new MemoryCall.Mprotect(new PageRange(BASE + 2 * WINDOW + 100, 64), Protection.READ_WRITE));
    }
}
