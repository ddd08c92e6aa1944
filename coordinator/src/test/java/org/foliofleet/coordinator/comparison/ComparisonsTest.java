package org.foliofleet.coordinator.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.foliofleet.coordinator.comparison.ComparisonStatus.Phase;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.protocol.control.ExperimentSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: comparisons never take more of a coordinator than is set aside for them. Method: small ones, and some that would never end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ComparisonsTest {
    private static final ComparisonLimits LIMITS = ComparisonLimits.usual().withSize(8, 100, 64 << 20);
    private static final String TEXT = """
        version: 1
        name: Small_One
        tick: 1us
        machines:
          - {name: host, count: COUNT, nodes: [{memory: 64MiB}], processes: [{name: p, count: 2, program: p}]}
        programs:
          p:
            - repeat:
                times: TIMES
                steps:
                  - mmap: {name: buf, at: 1GiB, size: 4MiB, prot: rw, replace: true}
                  - write: buf
        """;

    private Comparisons comparisons = new Comparisons(LIMITS);

    @AfterEach
    void end() {
        comparisons.close();
    }

    private static Question question(long times, int count, int seeds, String... settings) {
        String text = TEXT.replace("TIMES", Long.toString(times)).replace("COUNT", Integer.toString(count));
        return new Question(new ExperimentSource("small.yaml", text, null, Map.of(), null), List.of(), List.of(settings), seeds, List.of());
    }

    private static Question endless() {
        return question(1_000_000_000, 1, 1, "thp=always,never");
    }

    private ComparisonStatus await(String id, Phase phase) {
        ComparisonStatus status = comparisons.get(id);
        while (status.phase() != phase) {
            assertTrue(!status.phase().isOver(), status.toString());
            LockSupport.parkNanos(1_000_000);
            status = comparisons.get(id);
        }
        return status;
    }

    private String refused(Kind kind, Question question) {
        ExperimentProblem problem = assertThrows(ExperimentProblem.class, () -> comparisons.submit(question));
        assertEquals(kind, problem.kind(), problem.getMessage());
        return problem.getMessage();
    }

    @Test
    void oneRunsAtATimeAndOthersWaitOrAreRefused() {
        comparisons.close();
        comparisons = new Comparisons(LIMITS.withWaiting(2));
        String first = comparisons.submit(endless()).id();
        assertEquals("small-one-1", first);
        String second = comparisons.submit(question(2, 1, 2, "thp=always,never")).id();
        await(first, Phase.RUNNING);
        assertEquals(Phase.WAITING, comparisons.get(second).phase());
        assertTrue(refused(Kind.CONFLICT, endless()).contains("--max-comparisons"));
        assertTrue(assertThrows(ExperimentProblem.class, () -> comparisons.answer(second)).getMessage().contains("it is waiting"));
        assertEquals("enough", comparisons.cancel(first, "enough").reason());
        assertEquals(4, await(second, Phase.COMPLETED).machinesDone());
        assertTrue(comparisons.answer(second).text().contains("thp=never"), comparisons.answer(second).text());
        assertEquals(Phase.CANCELLED, comparisons.get(first).phase());
        assertEquals(List.of(first, second), comparisons.list().stream().map(ComparisonStatus::id).toList());
    }

    @Test
    void whatIsCancelledBeforeItRunsIsNotRun() {
        String first = comparisons.submit(endless()).id();
        String second = comparisons.submit(endless()).id();
        comparisons.cancel(second, "");
        comparisons.cancel(first, "");
        String third = comparisons.submit(question(1, 1, 1, "thp=always,never")).id();
        await(third, Phase.COMPLETED);
        assertEquals(0, comparisons.get(second).machinesDone());
        assertTrue(assertThrows(ExperimentProblem.class, () -> comparisons.cancel(third, "")).getMessage().contains("completed already"));
    }

    @Test
    void whatTakesTooLongIsEnded() {
        comparisons.close();
        comparisons = new Comparisons(LIMITS.withTime(Duration.ofMillis(50)));
        String id = comparisons.submit(endless()).id();
        assertTrue(await(id, Phase.FAILED).reason().startsWith("it took longer than"), comparisons.get(id).reason());
    }

    @Test
    void whatIsTooLargeIsRefusedBeforeItIsRun() {
        assertTrue(refused(Kind.INVALID, question(1, 1, 5, "thp=always,never")).contains("are 10 runs, and no more than 8"));
        assertTrue(refused(Kind.INVALID, question(1, 26, 2, "thp=always,never")).contains("are 104, and no more than 100"));
        comparisons.close();
        comparisons = new Comparisons(LIMITS.withSize(8, 100, 1000));
        assertTrue(refused(Kind.INVALID, question(1, 1, 1, "thp=always,never")).contains("are set aside for that"));
    }

    @Test
    void everythingWrongIsToldAtOnceInWordsOfBodies() {
        String told = refused(Kind.INVALID, new Question(new ExperimentSource("small.yaml", TEXT.replace("COUNT", "1").replace("TIMES", "1").replace("64MiB", "64MB"), null,
                Map.of(), null), List.of("refcount_bts=16,32"), List.of("thp=sometimes,never"), 0, List.of("resdent")));
        assertEquals(5, told.lines().count(), told);
        assertTrue(told.contains("did you mean 64MiB?") && told.contains("\nswitches: refcount_bts=16,32: ") && told.contains("\nkernel: thp=sometimes,never: ")
                && told.contains("\nseeds 0: ") && told.contains("\nmetrics: unknown metric"), told);
        assertTrue(refused(Kind.INVALID, question(1, 1, 1)).contains("give a switch or a kernel setting at least two values"));
    }

    @Test
    void onlyTheLastResultsAreKept() {
        for (int i = 1; i <= 10; i++) {
            await(comparisons.submit(question(1, 1, 1, "thp=always,never")).id(), Phase.COMPLETED);
        }
        // The tenth is over before those that are too many are forgotten; this one comes after that.
        await(comparisons.submit(question(1, 1, 1, "thp=always,never")).id(), Phase.COMPLETED);
        assertTrue(comparisons.list().size() <= 9, () -> comparisons.list().toString());
        assertTrue(assertThrows(ExperimentProblem.class, () -> comparisons.get("small-one-1")).getMessage().contains("keeps the last 8"));
    }
}
