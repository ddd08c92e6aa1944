package org.foliofleet.node.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.foliofleet.node.mm.machine.Machine;

/**
 * Measures what has a bar, in a few minutes, and prints one table: figure, bar, and their ratio. Times are CPU times of
 * the one thread that runs the machine, so that other load on the computer disturbs little; each is the median of
 * batches that together take some seconds, after as many to warm up.
 *
 * <p>Run with {@code java -Xmx3g -XX:+UseParallelGC -cp node/target/benchmarks.jar org.foliofleet.node.bench.Bars}.
 */
public final class Bars {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** Nanoseconds of CPU time that warming up takes, and measuring again. */
    private static final long EFFORT = 3_000_000_000L;
    /** Nanoseconds of CPU time of a batch, so that the clock's own cost does not count. */
    private static final long BATCH = 20_000_000L;
    private static final long SMALL = 512;
    private static final List<String> GROUPS = List.of("ring-1000", "ring-64000", "fork-thp", "fork-run", "fork-alternating",
            "uniform-always", "uniform-never", "footprint");

    private Bars() {}

    /** Without arguments, measures each group in a JVM of its own, so that none runs on code compiled for another. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 0) {
            row("measured", "unit", "figure", "bar", "figure/bar", "");
            for (String group : GROUPS) {
                inOwnJvm(group);
            }
            return;
        }
        switch (arguments[0]) {
            case "ring-1000" -> atLeast("messages, ring of 1,000 owners", "M/s", millionsOfMessages(1_000), 3);
            case "ring-64000" -> row("messages, ring of 64,000 owners", "M/s", number(millionsOfMessages(64_000)), "", "", "");
            case "fork-thp" -> atMost("fork+exit of 1 GiB of THPs", "us", forkAndExit(Workbench.gibibyte(true, false)) / 1e3, 760);
            case "fork-run" -> row("fork+exit of 1 GiB of pages in one run", "us",
                    number(forkAndExit(Workbench.gibibyte(false, false)) / 1e3), "", "", "");
            case "fork-alternating" -> atMost("fork+exit of 1 GiB, every second page differs", "ms",
                    forkAndExit(Workbench.gibibyte(false, true)) / 1e6, 50);
            case "uniform-always" -> uniform("always");
            case "uniform-never" -> uniform("never");
            case "footprint" -> atMost("VMA that maps a folio of 512 pages by PTEs", "bytes", VmaFootprint.bytesPerVma(100_000, 4), 300);
            default -> throw new IllegalArgumentException("no group " + arguments[0] + "; there are " + GROUPS);
        }
    }

    private static void inOwnJvm(String group) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Bars.class.getName(), group));
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("measuring " + group + " ended with status " + status);
        }
    }

    private static double millionsOfMessages(int owners) {
        Machine machine = Ring.machine(owners);
        long before = machine.messages();
        double tick = nanoseconds(machine::step);
        double perTick = (machine.messages() - before) / (double) machine.tick();
        return perTick / tick * 1e3;
    }

    private static void uniform(String thp) {
        double small = touchForkUnmap(thp, SMALL);
        double large = touchForkUnmap(thp, Workbench.GIB);
        row("touch, fork, unmap 2 MiB, THP " + thp, "us", number(small / 1e3), "", "", "");
        row("touch, fork, unmap 1 GiB, THP " + thp, "us", number(large / 1e3), "", "", "");
        atMost("1 GiB against 2 MiB, THP " + thp, "times", large / small, 8);
    }

    private static double forkAndExit(Workbench bench) {
        return nanoseconds(() -> bench.exit(bench.fork()));
    }

    private static double touchForkUnmap(String thp, long pages) {
        Workbench bench = new Workbench(thp);
        return nanoseconds(() -> {
            bench.map(Workbench.BASE, pages);
            bench.write(Workbench.BASE, pages, 1);
            bench.exit(bench.fork());
            bench.unmap(Workbench.BASE, pages);
        });
    }

    /** CPU time of one run of an operation. */
    private static double nanoseconds(Runnable operation) {
        long warmUp = THREADS.getCurrentThreadCpuTime();
        long runs = 0;
        do {
            operation.run();
            runs++;
        } while (THREADS.getCurrentThreadCpuTime() - warmUp < EFFORT);
        long batch = Math.max(1, runs * BATCH / EFFORT);
        double[] each = new double[(int) Math.max(10, runs / batch)];
        for (int i = 0; i < each.length; i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            for (long run = 0; run < batch; run++) {
                operation.run();
            }
            each[i] = (THREADS.getCurrentThreadCpuTime() - start) / (double) batch;
        }
        Arrays.sort(each);
        return each[each.length / 2];
    }

    private static void atLeast(String what, String unit, double figure, double bar) {
        row(what, unit, number(figure), ">= " + number(bar), number(figure / bar), figure >= bar ? "met" : "MISSED");
    }

    private static void atMost(String what, String unit, double figure, double bar) {
        row(what, unit, number(figure), "<= " + number(bar), number(figure / bar), figure <= bar ? "met" : "MISSED");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }

    private static void row(String what, String unit, String figure, String bar, String ratio, String verdict) {
        System.out.println(String.format(Locale.ROOT, "%-46s %-6s %10s %10s %11s %s", what, unit, figure, bar, ratio, verdict)
                .stripTrailing());
    }
}
