package org.foliofleet.coordinator.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.foliofleet.coordinator.experiment.ExperimentNames;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;

/** The comparisons of this coordinator. One runs at a time, in the order in which they came. */
public final class Comparisons implements AutoCloseable {
    private final ComparisonLimits limits;
    private final ExecutorService runner = Executors.newSingleThreadExecutor(job -> {
        Thread thread = new Thread(job, "comparisons");
        thread.setDaemon(true);
        return thread;
    });
    /** Those that are not forgotten, the oldest first. */
    private final Map<String, Comparison> all = new LinkedHashMap<>();
    private long submitted;

    public Comparisons(ComparisonLimits limits) {
        this.limits = limits;
    }

    /**
     * Takes one, which will be run.
     *
     * @throws ExperimentProblem with all that is wrong with it, if it is too large, or if there are too many
     */
    public ComparisonStatus submit(Question question) {
        List<String> problems = new ArrayList<>();
        Question.Read read = question.read(problems);
        if (!problems.isEmpty()) {
            throw new ExperimentProblem(Kind.INVALID, inWordsOfBodies(String.join("\n", problems)));
        }
        limits.require(read.matrix());
        Comparison comparison = enter(question, read);
        runner.execute(() -> {
            comparison.run(limits.threads(), limits.time());
            forgetOld();
        });
        return comparison.status();
    }

    private synchronized Comparison enter(Question question, Question.Read read) {
        long others = all.values().stream().filter(each -> !each.isOver()).count();
        if (others >= limits.waiting()) {
            throw new ExperimentProblem(Kind.CONFLICT, others + " comparisons wait or run, and no more than " + limits.waiting()
                    + " may; wait for one to end, cancel one, or start the coordinator with a higher --max-comparisons");
        }
        Comparison comparison = new Comparison(ExperimentNames.identifier(read.matrix().spec().name()) + "-" + ++submitted, question, read);
        all.put(comparison.id(), comparison);
        return comparison;
    }

    private synchronized void forgetOld() {
        List<String> over = all.values().stream().filter(Comparison::isOver).map(Comparison::id).toList();
        over.subList(0, Math.max(0, over.size() - limits.kept())).forEach(all::remove);
    }

    /** Messages speak of options of the command; those who write a body know them as fields. */
    private static String inWordsOfBodies(String message) {
        return message.replace("write --switch NAME=VALUE,VALUE or --kernel NAME=VALUE,VALUE", "give a switch or a kernel setting at least two values")
                .replaceAll("--(switch) ", "switches: ").replaceAll("--kernel ", "kernel: ").replace("write --kernel", "write it under kernel")
                .replace("write --switch", "write it under switches").replaceAll("--(seeds|metrics)", "$1");
    }

    /** All that are not forgotten, in the order in which they came. */
    public synchronized List<ComparisonStatus> list() {
        return all.values().stream().map(Comparison::status).toList();
    }

    /** @throws ExperimentProblem if it is not known */
    public ComparisonStatus get(String id) {
        return find(id).status();
    }

    /** Ends it. @throws ExperimentProblem if it is not known, or over */
    public ComparisonStatus cancel(String id, String because) {
        Comparison comparison = find(id);
        if (comparison.isOver()) {
            throw new ExperimentProblem(Kind.CONFLICT, "comparison " + id + " is " + comparison.status().phase().word() + " already");
        }
        comparison.cancel(because.isBlank() ? "somebody cancelled it" : because);
        return comparison.status();
    }

    /** What came out of it. @throws ExperimentProblem if it is not known, or not completed */
    public ComparisonAnswer answer(String id) {
        Comparison comparison = find(id);
        ComparisonAnswer answer = comparison.answer();
        if (answer == null) {
            ComparisonStatus status = comparison.status();
            throw new ExperimentProblem(Kind.CONFLICT, "comparison " + id + " has no result: it is " + status.phase().word()
                    + (status.reason().isEmpty() ? "; ask again when it is completed" : ": " + status.reason()));
        }
        return answer;
    }

    private synchronized Comparison find(String id) {
        Comparison found = all.get(id);
        if (found == null) {
            throw new ExperimentProblem(Kind.UNKNOWN, "comparison " + id + " is not known to this coordinator; it keeps the last " + limits.kept()
                    + " until it ends");
        }
        return found;
    }

    /** Ends all of them. */
    @Override
    public void close() {
        synchronized (this) {
            all.values().forEach(each -> each.cancel("the coordinator ends"));
        }
        runner.shutdownNow();
    }
}
