package org.foliofleet.node.bench;

import java.util.concurrent.TimeUnit;
import org.foliofleet.protocol.id.PageRange;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The common part of two page ranges: the step that every walk over extents takes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class PageRangeBenchmark {
    private PageRange mapping = new PageRange(512, 512);
    private PageRange request = new PageRange(700, 1024);

    @Benchmark
    public PageRange intersect() {
        return mapping.intersect(request);
    }
}
