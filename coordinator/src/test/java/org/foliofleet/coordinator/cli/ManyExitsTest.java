package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.ExperimentPhase;
import org.foliofleet.coordinator.experiment.ExperimentStatus;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: nothing is lost however often an experiment is paused, its JVM ends in good order, and the next goes on. Method: twenty lives on
 * one database in a file, each under another hosting or in another number of lanes than the one before; then to the end.
 */
@Tag("soak")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyExitsTest {
    private static final int EXITS = Integer.getInteger("exits", 20);
    private static final String YAML = """
        version: 1
        name: patient
        tick: 1us
        machines:
          - name: host
            nodes: [{memory: 64MiB}, {memory: 64MiB}]
            processes: [{name: p, count: 3, node: spread, program: main}]
        programs:
          main:
            - mmap: {name: buf, size: 1MiB, prot: rw}
            - repeat:
                times: 2000
                steps:
                  - write: {in: buf, at: uniform(0..1020KiB), size: 4KiB}
                  - wait: uniform(1us..20us)
                  - madvise: {in: buf, at: uniform(0..1020KiB), size: 4KiB, advice: dontneed}
        stop: {when: idle}
        run: {epoch: 50 ticks, commit_every: 100ms}
        """;

    @TempDir
    private Path directory;

    /** One life, from its beginning until it has committed more, and rests. @return the epoch at which it does */
    private long live(int life, long from, String file) {
        try (Fleet fleet = Fleet.embedded(directory.resolve("data"))) {
            ExperimentStatus status = life == 0 ? Watch.get(fleet.experiments().submit(new Submission("mine", ExperimentSource.of(file), null)))
                    : Watch.get(fleet.experiments().get("mine"));
            if (life > 0) {
                Execution before = status.execution();
                Watch.get(fleet.experiments().resume("mine", List.of(before.withHosting(Hosting.OWNER).withLanes(1),
                        before.withHosting(Hosting.MACHINE).withLanes(1), before.withHosting(Hosting.OWNER).withLanes(3)).get(life % 3)));
            }
            while (status.epoch() <= from) {
                status = Watch.get(fleet.experiments().get("mine"));
            }
            Watch.get(fleet.experiments().pause("mine", "to go on later"));
            ExperimentStatus rest = new Watch(fleet.experiments(), new PrintWriter(new StringWriter()), false, new CompletableFuture<>())
                    .untilRest("mine");
            assertEquals(ExperimentPhase.PAUSED, rest.phase(), "life " + life);
            return rest.epoch();
        }
    }

    @Test
    void anExperimentThatIsPausedInEachOfManyLivesEndsAsInOne() throws IOException {
        String file = Files.writeString(directory.resolve("patient.yaml"), YAML).toString();
        String plain = Outcome.ok("run", file, "--no-journal");
        long epoch = -1;
        for (int life = 0; life < EXITS; life++) {
            long rest = live(life, epoch, file);
            assertTrue(rest > epoch, "life " + life + " rests at epoch " + rest + ", the one before at " + epoch);
            epoch = rest;
        }
        System.out.println(EXITS + " exits, the last at epoch " + epoch);
        assertEquals(plain, Outcome.ok("resume", "mine", "--data", directory.resolve("data").toString()));
    }
}
