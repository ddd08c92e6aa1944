package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.foliofleet.node.conformance.Difference.Category;
import org.foliofleet.node.conformance.ScenarioResult.Result;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * Runs a recording on a model and compares every step. A difference does not end the replay, so that all of them are
 * found; what the model lacks, or anything it throws, does.
 */
final class ScenarioReplay {
    private final Recording recording;
    private final ModelUnderTest model;
    private final FolioNumbering numbering;
    private final CounterNames counterNames;
    private final List<Difference> differences = new ArrayList<>();
    private int stepsPassed;
    /** Text of the operation before, to say after what an observation was made. */
    private String lastOperation = "the start";

    /** @param model fresh, not started */
    ScenarioReplay(Recording recording, ModelUnderTest model) {
        this(recording, model, new FolioNumbering());
    }

    ScenarioReplay(Recording recording, ModelUnderTest model, FolioNumbering numbering) {
        this.recording = recording;
        this.model = model;
        this.numbering = numbering;
        this.counterNames = new CounterNames(recording);
    }

    /** Replays the whole scenario. */
    ScenarioResult run() {
        int step = 0;
        try {
            Optional<String> lacking = model.unsupported(recording.header());
            if (lacking.isPresent()) {
                return result(lacking);
            }
            model.start(recording.header());
            ModelObserver observer =
                    new ModelObserver(recording.header(), counterNames, numbering, model.counters());
            for (Recording.Step next : recording.steps()) {
                step++;
                int before = differences.size();
                if (next instanceof Recording.Operation operation) {
                    lacking = operate(step, operation, observer);
                    if (lacking.isPresent()) {
                        return result(Optional.of("'" + next.text() + "': " + lacking.get()));
                    }
                } else if (next instanceof Recording.Observed observed) {
                    observe(step, observed, observer);
                }
                stepsPassed += differences.size() == before ? 1 : 0;
            }
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            String text = step == 0 ? "the start" : recording.steps().get(step - 1).text();
            differences.add(new Difference(step, text, Category.MODEL, "", "", "model", "to go on", "it stopped: "
                    + e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage())));
        }
        return result(Optional.empty());
    }

    /** Executes one operation; answers what the model lacks for it, if anything. */
    private Optional<String> operate(int step, Recording.Operation operation, ModelObserver observer) {
        Statement statement = operation.statement();
        Optional<String> lacking = model.unsupported(statement);
        if (lacking.isPresent()) {
            return lacking;
        }
        lastOperation = statement.text();
        CallResult answer;
        if (statement instanceof Statement.OfProcess call) {
            answer = model.execute(call.process(), call.call());
        } else {
            answer = model.execute(((Statement.OfMachine) statement).call());
        }
        if (answer instanceof CallResult.Unsupported unsupported) {
            return Optional.of(unsupported.what());
        }
        differences.addAll(OutcomeDiff.compare(step, statement, recording.header(), operation.outcome(),
                Outcome.of(answer)));
        boolean moves = statement instanceof Statement.OfProcess call
                && (call.call() instanceof MemoryCall.Mremap || call.call() instanceof MemoryCall.UffdMove);
        observer.afterOperation(model.view(), moves);
        return Optional.empty();
    }

    private void observe(int step, Recording.Observed observed, ModelObserver observer) {
        Observation kernel = observed.observation();
        Observation shown = observer.observe(kernel.label(), model.view(), model.counters());
        String text = observed.text() + "' after '" + lastOperation;
        differences.addAll(new ObservationDiff(step, text, recording.header(), counterNames, kernel, shown).compare());
    }

    private ScenarioResult result(Optional<String> lacking) {
        Result result = lacking.isPresent() ? Result.UNSUPPORTED
                : differences.isEmpty() ? Result.PASS : Result.FAIL;
        String name = recording.header().name();
        return new ScenarioResult(name, Families.of(name), result, recording.steps().size(), stepsPassed,
                List.copyOf(differences), lacking);
    }
}
