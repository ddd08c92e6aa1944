package org.foliofleet.node.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Experiments drawn from a seed: a few processes on one to three nodes that map, touch, share, pin, move, split and drop memory. */
final class RandomExperiment {
    private static final int REGIONS = 3;

    private final Random draw;
    private final StringBuilder text = new StringBuilder();
    private int handles;

    private RandomExperiment(long seed) {
        draw = new Random(seed);
        text.append("version: 1\nname: random\nseed: ").append(seed).append("\ntick: 1us\nmachines:\n  - name: host\n    nodes: [");
        int nodes = 1 + draw.nextInt(3);
        for (int i = 0; i < nodes; i++) {
            text.append(i == 0 ? "" : ", ").append("{memory: 32MiB, cpus: 2}");
        }
        text.append("]\n    swap: ").append(one("none", "64MiB")).append("\n    kernel: {thp: ").append(one("always", "madvise", "never"))
                .append("}\n    files: [{name: shm, size: 2MiB, shmem: true}]\n    processes:\n");
        int programs = 2 + draw.nextInt(3);
        for (int i = 0; i < programs; i++) {
            text.append("      - {name: p").append(i).append(", count: ").append(1 + draw.nextInt(3)).append(", node: spread, program: p").append(i)
                    .append("}\n");
        }
        text.append("programs:\n");
        for (int i = 0; i < programs; i++) {
            program("p" + i);
        }
        text.append("stop: {when: idle}\n");
    }

    /** The YAML. */
    static String of(long seed) {
        return new RandomExperiment(seed).text.toString();
    }

    private String one(String... of) {
        return of[draw.nextInt(of.length)];
    }

    private void program(String name) {
        text.append("  ").append(name).append(":\n");
        for (int i = 0; i < REGIONS; i++) {
            step(4, "mmap: {name: r" + i + ", size: 2MiB, prot: rw" + (draw.nextInt(3) == 0 ? ", shared: true, file: shm" : "") + "}");
        }
        step(4, "repeat:");
        text.append("        times: ").append(2 + draw.nextInt(4)).append("\n        steps:\n");
        int steps = 4 + draw.nextInt(8);
        for (int i = 0; i < steps; i++) {
            any(10);
        }
        if (draw.nextBoolean()) {
            step(10, "join");
        }
    }

    private void step(int indent, String what) {
        text.append(" ".repeat(indent)).append("- ").append(what).append('\n');
    }

    /** Pages of a region: {@code in: r0, at: …, size: …}. */
    private String place() {
        return "in: r" + draw.nextInt(REGIONS) + ", at: " + one("0", "uniform(0..1MiB)", "512KiB", "64KiB") + ", size: "
                + one("4KiB", "uniform(4KiB..256KiB)", "1MiB", "64KiB");
    }

    private void any(int indent) {
        switch (draw.nextInt(14)) {
            case 0, 1, 2 -> step(indent, "write: {" + place() + "}");
            case 3 -> step(indent, "read: {" + place() + "}");
            case 4 -> step(indent, "madvise: {" + place() + ", advice: "
                    + one("dontneed", "free", "cold", "pageout", "hugepage", "nohugepage", "willneed", "populate_write") + "}");
            case 5, 6 -> {
                step(indent, "fork:");
                text.append(" ".repeat(indent + 4)).append("steps:\n");
                List<String> inside = new ArrayList<>(List.of("write: {" + place() + "}", "munmap: {" + place() + "}", "exit"));
                inside.forEach(each -> step(indent + 6, each));
            }
            case 7, 8 -> {
                String handle = "h" + handles++;
                String kind = one("pin", "getref");
                step(indent, kind + ": {handle: " + handle + ", " + place() + "}");
                step(indent, "write: {" + place() + "}");
                step(indent, (kind.equals("pin") ? "unpin: " : "putref: ") + handle);
            }
            case 9 -> step(indent, "split: {" + place() + ", order: " + one("0", "2", "4") + "}");
            case 10 -> step(indent, one("mlock: {" + place() + "}", "munlock: {" + place() + "}"));
            case 11 -> step(indent, "mprotect: {" + place() + ", prot: " + one("r", "rw", "rw") + "}");
            case 12 -> step(indent, one("shrink", "wait: exponential(5us)"));
            default -> {
                String region = "r" + draw.nextInt(REGIONS);
                step(indent, "munmap: {in: " + region + ", at: 1MiB, size: uniform(4KiB..512KiB)}");
            }
        }
    }
}
