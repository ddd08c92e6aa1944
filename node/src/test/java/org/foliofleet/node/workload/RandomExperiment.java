package org.foliofleet.node.workload;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;

/** Experiments drawn at random: processes on two nodes that map, write, fork, pin, lock, fail, wait and reach marks, until some end. */
public final class RandomExperiment {
    private final Random random;
    private final StringBuilder yaml = new StringBuilder();
    private int marks;

    private RandomExperiment(long seed) {
        random = new Random(seed);
        line(0, "version: 1");
        line(0, "name: random-" + seed);
        line(0, "seed: " + seed);
        line(0, "tick: " + pick("500ns", "1us", "3us"));
        line(0, "machines:");
        line(2, "- name: host");
        line(2, "  nodes: [{memory: 64MiB}, {memory: 64MiB}]");
        line(2, "  swap: " + pick("none", "32MiB"));
        line(2, "  kernel: {thp: " + pick("always", "never") + ", shmem: " + pick("always", "never") + ", max_map_count: " + (8 + random.nextInt(20)) + "}");
        line(2, "  files: [{name: shm, size: 4MiB, shmem: true}, {name: file, size: 1MiB}]");
        boolean cgroups = seed % 3 == 0;
        if (cgroups) {
            line(2, "  cgroups: [{name: web, max: " + (seed % 2 == 0 ? "1MiB" : "3MiB") + "}, {name: batch}]");
        }
        line(2, "  processes:");
        for (int group = 0; group <= random.nextInt(3); group++) {
            line(4, "- {name: g" + group + ", count: " + (1 + random.nextInt(4)) + ", node: " + pick("0", "1", "spread") + ", arrival: "
                    + pick("{at: 0us}", "{at: 20us}", "{every: exponential(15us)}") + pick("", ", lifetime: uniform(100us..900us)") + (cgroups ? ", cgroup: " + (group % 2 == 0 ? "web" : "batch") : "") + ", program: main}");
        }
        line(0, "programs:");
        line(2, "main:");
        line(4, "- mmap: {name: heap, size: " + pick("1MiB", "4MiB", "6MiB") + ", prot: rw}");
        line(4, "- mmap: {name: shared, size: 4MiB, prot: rw, shared: true, file: shm}");
        steps(4, 5 + random.nextInt(8), 2);
        line(0, pick("", "", "stop: {at: 200us}", "stop: {at: 777us}", "stop: {ticks: 50}", "stop: {ticks: 333}"));
    }

    /** The experiment of that seed. */
    public static ExperimentSpec of(long seed) {
        String yaml = new RandomExperiment(seed).yaml.toString();
        try {
            return SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "random-" + seed + ".yaml");
        } catch (RuntimeException e) {
            throw new IllegalStateException(e.getMessage() + "\n" + yaml, e);
        }
    }

    private void line(int indent, String text) {
        yaml.append(" ".repeat(indent)).append(text).append('\n');
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }

    private void steps(int indent, int count, int depth) {
        for (int i = 0; i < count; i++) {
            step(indent, depth);
        }
    }

    private void step(int indent, int depth) {
        switch (random.nextInt(depth > 0 ? 14 : 11)) {
            case 0, 1, 2 -> line(indent, "- write: {in: " + pick("heap", "heap", "shared") + ", at: " + pick("0", "uniform(0..1020KiB)", "zipf(0..508KiB)")
                    + ", size: " + pick("4KiB", "4KiB", "64KiB", "512KiB") + "}");
            case 3 -> line(indent, "- read: {in: " + pick("heap", "shared") + ", at: uniform(0..1020KiB), size: 4KiB}");
            case 4, 5 -> line(indent, "- mark: m" + marks++);
            case 6 -> line(indent, "- munmap: {in: heap, at: " + pick("512KiB", "uniform(0..1020KiB)") + ", size: 4KiB}");
            case 7 -> line(indent, "- mlock: {in: heap, at: " + pick("0", "256KiB") + ", size: " + pick("4KiB", "128KiB") + "}");
            case 8 -> line(indent, "- mmap: {at: " + (1024 + marks++) + "MiB, size: 64KiB, prot: rw, replace: true}");
            case 9 -> line(indent, "- wait: " + pick("5us", "exponential(30us)", "100us"));
            case 10 -> line(indent, "- madvise: {in: heap, at: uniform(0..1020KiB), size: 4KiB, advice: " + pick("dontneed", "pageout") + "}");
            case 11 -> {
                line(indent, "- repeat:");
                line(indent + 4, "times: " + (2 + random.nextInt(6)));
                line(indent + 4, "steps:");
                steps(indent + 6, 1 + random.nextInt(4), depth - 1);
            }
            case 12 -> {
                line(indent, "- fork:");
                line(indent + 4, "name: c" + marks++);
                line(indent + 4, "steps:");
                steps(indent + 6, 1 + random.nextInt(4), 0);
            }
            default -> line(indent, pick("- join", "- shrink", "- reclaim: {node: 0, pages: 64}", "- exec"));
        }
    }
}
