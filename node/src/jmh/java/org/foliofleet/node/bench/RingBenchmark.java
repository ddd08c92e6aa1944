package org.foliofleet.node.bench;

import java.util.concurrent.TimeUnit;
import org.foliofleet.node.mm.machine.Machine;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** Messages a second through a machine whose owners only pass tokens on; at least 3 million at 1,000 owners. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = {"-Xmx2g", "-XX:+UseParallelGC"})
public class RingBenchmark {
    @Param({"1000", "64000"})
    public int owners;

    private Machine machine;

    /** Shown beside the ticks. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counters {
        public long messages;
    }

    @Setup(Level.Trial)
    public void make() {
        machine = Ring.machine(owners);
    }

    @Benchmark
    public void tick(Counters counters) {
        long before = machine.messages();
        machine.step();
        counters.messages += machine.messages() - before;
    }
}
