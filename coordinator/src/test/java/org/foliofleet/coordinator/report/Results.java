package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.embedded.EmbeddedComparison;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.ExperimentResult;

/** Results of small experiments, to be written down. */
public final class Results {
    /** Everything that a report has: two nodes, marks, failures, a failed assertion, a name and comments that are to be taken for markup. */
    public static final String HOSTILE = """
        version: 1
        # </code></pre></script><script>alert(1)</script>
        name: hostile
        about: "\\"><img src=x onerror=alert('about')> & \\u202Edesrever"
        seed: 3
        tick: 1us
        machines:
          - name: host
            count: 2
            nodes: [{memory: 64MiB, cpus: 2}, {memory: 64MiB, cpus: 2}]
            distances: [[10, 20], [20, 10]]
            kernel: {thp: always}
            processes: [{name: p, count: 2, node: spread, program: p}]
          - name: guest
            nodes: [{memory: 32MiB}]
            processes: [{name: q, program: q}]
        programs:
          p:
            - repeat:
                times: 60
                steps:
                  - mmap: {name: buf, at: 1GiB, size: uniform(4MiB..9MiB), prot: rw, replace: true}
                  - write: buf
                  - munmap: {in: buf, size: 512KiB}
                  - mark: "<b>round</b>"
                  - wait: uniform(50us..150us)
            - read: {in: buf, at: 4KiB, size: 4KiB}
          q:
            - mmap: {name: buf, size: 1MiB, prot: rw}
            - write: buf
            - fork:
                steps:
                  - write: buf
                  - wait: 500us
            - write: buf
            - wait: 1ms
        assert:
          - {that: pmd_splits == 0, machines: host}
          - {that: processes >= 2}
        summary: [resident, vmas]
        """;

    private Results() {}

    /** The experiment, in a file whose name is as bad. */
    public static ExperimentSource hostile() {
        return new ExperimentSource("some/where/a'b <i>.yaml", HOSTILE, 5L, Map.of(), null);
    }

    public static ExperimentResult run(ExperimentSource source) {
        return EmbeddedRun.inThisJvm().run(source.load(), 1, new Silence());
    }

    /** Under two values of a setting, with three seeds. */
    public static Compared compare(ExperimentSource source) {
        Matrix matrix = Matrix.read(source.load(), List.of(), List.of("host:thp=always,never"), 3, new ArrayList<>());
        return new EmbeddedComparison(matrix, 1, new Silence(), () -> false).run();
    }

    private static final class Silence implements EmbeddedRun.Progress {
        @Override
        public void machinesDone(long machines, long of) {
            // nobody asks
        }

        @Override
        public void machineAt(String machineClass, int ordinal, long nanos) {
            // nobody asks
        }
    }
}
