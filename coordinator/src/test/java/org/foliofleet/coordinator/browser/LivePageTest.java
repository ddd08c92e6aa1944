package org.foliofleet.coordinator.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.Submission;
import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser. Pictures of it are in {@code target/screenshots}. */
class LivePageTest {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final String EXPERIMENT = """
        version: 1
        name: watched
        tick: 1us
        machines:
          - name: host
            count: 12
            nodes: [{memory: 128MiB, cpus: 2}, {memory: 128MiB, cpus: 2}]
            distances: [[10, 20], [20, 10]]
            kernel: {thp: madvise}
            processes: [{name: p, count: 2, node: spread, program: p}]
        programs:
          p:
            - repeat:
                times: 1000000
                steps:
                  - mmap: {name: buf, at: 1GiB, size: uniform(4MiB..20MiB), prot: rw, replace: true}
                  - madvise: {in: buf, advice: hugepage}
                  - write: buf
                  - munmap: {in: buf, size: 512KiB}
                  - wait: exponential(300us)
        run: {commit_every: 300ms, epoch: 1000 ticks, hosting: machine}
        """;

    @TempDir
    private Path folder;

    @Test
    void anExperimentIsWatchedPausedAndResumed() throws Exception {
        assumeTrue(Browser.installed().isPresent(), "not run: there is no chromium on the path");
        try (Fleet fleet = Fleet.embedded(folder.resolve("data"));
                HttpApi api = HttpApi.start(fleet.system(), "127.0.0.1", 0, fleet.experiments(), "1");
                Browser browser = Browser.start(Browser.installed().get(), folder.resolve("profile"), 1280, 1700)) {
            fleet.experiments().submit(new Submission("watched", new ExperimentSource("watched.yaml", EXPERIMENT, 1L, Map.of(), null), null))
                    .toCompletableFuture().get(20, TimeUnit.SECONDS);
            browser.open(api.url() + "/");
            browser.await("document.getElementById('phase')?.textContent === 'running'");
            browser.await("document.querySelectorAll('#curves figure').length >= 7");
            browser.await("document.querySelector('.map p')?.textContent === 'host: 12 machines'");
            browser.value("document.querySelector('.map canvas').focus()");
            browser.key("ArrowRight");
            browser.await("document.getElementById('machine').textContent.startsWith('host 1: running')");
            browser.screenshot(PICTURES.resolve("live-light.png"));
            browser.value("document.getElementById('theme').click()");
            assertEquals("dark", browser.value("document.documentElement.dataset.theme").asText());
            browser.await("document.querySelectorAll('#curves figure').length >= 7");
            browser.screenshot(PICTURES.resolve("live-dark.png"));
            browser.value("document.getElementById('pause').click()");
            browser.await("document.getElementById('phase').textContent === 'paused'");
            browser.await("[...document.querySelectorAll('#log li')].some(each => each.textContent.includes('paused'))");
            browser.value("document.getElementById('resume').click()");
            browser.await("document.getElementById('phase').textContent === 'running'");
            fleet.experiments().cancel("watched", "seen").toCompletableFuture().get(20, TimeUnit.SECONDS);
            browser.await("document.getElementById('phase').textContent === 'cancelled' && document.getElementById('pause').disabled");
            browser.await("document.documentElement.scrollWidth <= innerWidth");
            assertEquals(List.of(), browser.complaints());
            assertEquals(List.of(), browser.requests().stream().filter(url -> !url.startsWith(api.url())).filter(url -> !url.startsWith("about:")).toList(),
                    "requests to others");
        }
    }
}
