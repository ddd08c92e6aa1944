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

/** Touching, forking and unmapping of uniform memory: 1 GiB may take at most 8 times what 2 MiB takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgs = {"-Xmx2g", "-XX:+UseParallelGC"})
public class UniformBenchmark {
    @Param({"512", "262144"})
    public long pages;

    @Param({"always", "never"})
    public String thp;

    private Workbench bench;

    @Setup(Level.Trial)
    public void make() {
        bench = new Workbench(thp);
    }

    @Benchmark
    public CallResult touchForkUnmap() {
        bench.map(Workbench.BASE, pages);
        bench.write(Workbench.BASE, pages, 1);
        bench.exit(bench.fork());
        return bench.unmap(Workbench.BASE, pages);
    }
}
