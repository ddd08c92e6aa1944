package org.foliofleet.coordinator.comparison;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.foliofleet.coordinator.comparison.ComparisonStatus.Phase;
import org.foliofleet.coordinator.embedded.EmbeddedComparison;
import org.foliofleet.coordinator.embedded.EmbeddedRun;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.Variant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One comparison, from its submission to its result. It is run on one thread, and asked and cancelled by others. */
final class Comparison implements EmbeddedRun.Progress {
    private static final Logger LOG = LoggerFactory.getLogger(Comparison.class);

    private final String id;
    private final Question question;
    private final Question.Read read;
    private final long machines;
    private final long submittedMillis;
    private Phase phase = Phase.WAITING;
    private String reason = "";
    private long changedMillis;
    private volatile long machinesDone;
    private volatile boolean cancelled;
    private ComparisonAnswer answer;

    Comparison(String id, Question question, Question.Read read) {
        this.id = id;
        this.question = question;
        this.read = read;
        machines = read.matrix().spec().machineCount() * read.matrix().runs();
        submittedMillis = System.currentTimeMillis();
        changedMillis = submittedMillis;
    }

    String id() {
        return id;
    }

    /** Runs it to its end, unless it was cancelled before. */
    void run(int threads, Duration time) {
        if (!enter(Phase.RUNNING, "")) {
            return;
        }
        long begun = System.nanoTime();
        BooleanSupplier enough = () -> cancelled || System.nanoTime() - begun > time.toNanos();
        try {
            ComparisonAnswer result = ComparisonAnswer.of(new EmbeddedComparison(read.matrix(), threads, this, enough).run(), question, read.only());
            synchronized (this) {
                answer = result;
                enter(Phase.COMPLETED, "");
            }
        } catch (CancellationException e) {
            enter(Phase.FAILED, "it took longer than " + time.toSeconds() + " s; compare less, or use the command foliofleet compare");
        } catch (BadInput e) {
            enter(Phase.FAILED, e.getMessage());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            if (enter(Phase.FAILED, "a fault of this program; the log of the coordinator says more")) {
                LOG.error("comparison {} has failed", id, e);
            }
        }
    }

    /** Ends it, unless it is over. */
    void cancel(String because) {
        cancelled = true;
        enter(Phase.CANCELLED, because);
    }

    /** Whether it is in that phase now; what is over stays as it is. */
    private synchronized boolean enter(Phase next, String because) {
        if (phase.isOver()) {
            return false;
        }
        phase = next;
        reason = because;
        changedMillis = System.currentTimeMillis();
        return true;
    }

    @Override
    public void machinesDone(long done, long of) {
        machinesDone = done;
    }

    @Override
    public void machineAt(String machineClass, int ordinal, long nanos) {
        // Its machines are counted when they end.
    }

    synchronized boolean isOver() {
        return phase.isOver();
    }

    /** What came out of it; null unless it is completed. */
    synchronized ComparisonAnswer answer() {
        return answer;
    }

    synchronized ComparisonStatus status() {
        Matrix matrix = read.matrix();
        return new ComparisonStatus(id, matrix.spec().name(), phase, reason, matrix.variants().stream().map(each -> variant(matrix, each)).toList(),
                matrix.seeds(), machines, machinesDone, submittedMillis, changedMillis);
    }

    private static ComparisonStatus.Variant variant(Matrix matrix, Variant variant) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> all = variant.values();
        for (int i = 0; i < all.size(); i++) {
            values.put(matrix.axes().get(i).name(), all.get(i));
        }
        return new ComparisonStatus.Variant(variant.letter(), values);
    }
}
