package org.foliofleet.node.bench;

import java.util.concurrent.TimeUnit;
import org.foliofleet.protocol.program.CallResult;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * fork and exit of 1 GiB. As THPs a real kernel took 0.76 ms in a virtual machine; where every second page differs, the
 * bar is 50 ms.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(value = 1, jvmArgs = {"-Xmx3g", "-XX:+UseParallelGC"})
public class GibibyteBenchmark {
    /** How the memory came to be: THPs; pages in one run; pages of which every second lies elsewhere and says otherwise. */
    public enum Memory { THP, ONE_RUN, ALTERNATING }

    @Param
    public Memory memory;

    private Workbench bench;

    @Setup(Level.Trial)
    public void make() {
        bench = Workbench.gibibyte(memory == Memory.THP, memory == Memory.ALTERNATING);
    }

    @Benchmark
    public CallResult forkAndExit() {
        return bench.exit(bench.fork());
    }
}
