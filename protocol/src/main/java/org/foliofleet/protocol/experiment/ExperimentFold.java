package org.foliofleet.protocol.experiment;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentResult.AssertionResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.experiment.ExperimentSpec.Assertion;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;

/**
 * Machines of an experiment as one result. Theirs may come in any order, and more than once: they are folded in the order
 * of the classes and of the numbers in a class, so that the result depends on neither.
 */
public final class ExperimentFold {
    private record Place(int machineClass, int ordinal) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return machineClass != other.machineClass ? Integer.compare(machineClass, other.machineClass) : Integer.compare(ordinal, other.ordinal);
        }
    }

    private final ExperimentSpec spec;
    private final List<ClassFold> classes;
    private final List<Unmet> unmet = new ArrayList<>();
    private final MessageDigest digest;
    private final long machines;
    /** Results that wait for those before them. */
    private final TreeMap<Place, MachineResult> waiting = new TreeMap<>();
    /** The place of the first machine that has no result. */
    private Place next = new Place(0, 0);
    private long folded;

    public ExperimentFold(ExperimentSpec spec) {
        this.spec = spec;
        classes = spec.machines().stream().map(ClassFold::new).toList();
        machines = spec.machines().stream().mapToLong(MachineClass::count).sum();
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        addToDigest(spec.digest());
    }

    /**
     * Adds the result of a machine; a second one of the same machine is ignored.
     *
     * @param ordinal number of the machine in its class
     * @throws IllegalArgumentException if the experiment has no such machine
     */
    public void add(String machineClass, int ordinal, MachineResult result) {
        Place place = new Place(number(machineClass), ordinal);
        if (ordinal < 0 || ordinal >= spec.machines().get(place.machineClass()).count()) {
            throw new IllegalArgumentException(spec.name() + " has no machine " + machineClass + " " + ordinal);
        }
        if (place.compareTo(next) < 0) {
            return;
        }
        waiting.putIfAbsent(place, result);
        for (MachineResult first = waiting.remove(next); first != null; first = waiting.remove(next)) {
            fold(first);
        }
    }

    private int number(String machineClass) {
        for (int i = 0; i < spec.machines().size(); i++) {
            if (spec.machines().get(i).name().equals(machineClass)) {
                return i;
            }
        }
        throw new IllegalArgumentException(spec.name() + " has no machines " + machineClass);
    }

    private void fold(MachineResult result) {
        MachineClass machineClass = spec.machines().get(next.machineClass());
        classes.get(next.machineClass()).add(result);
        result.unmet().stream().limit(ExperimentResult.MOST_UNMET - unmet.size()).forEach(one -> unmet.add(one.in(machineClass.name())));
        addToDigest(result.digest());
        folded++;
        next = next.ordinal() + 1 < machineClass.count() ? new Place(next.machineClass(), next.ordinal() + 1)
                : new Place(next.machineClass() + 1, 0);
    }

    /** Machines that have a result. */
    public long done() {
        return folded + waiting.size();
    }

    /** Machines of the experiment. */
    public long machines() {
        return machines;
    }

    public boolean isComplete() {
        return folded == machines;
    }

    /**
     * The result of the experiment.
     *
     * @throws IllegalStateException if a machine has none, or if this was called before
     */
    public ExperimentResult result() {
        if (!isComplete()) {
            throw new IllegalStateException(done() + " of " + machines + " machines have a result");
        }
        List<ClassResult> results = classes.stream().map(ClassFold::result).toList();
        List<AssertionResult> assertions = spec.assertions().stream().map(assertion -> evaluate(assertion, results)).toList();
        return new ExperimentResult(spec, HexFormat.of().formatHex(digest.digest()), results, assertions, unmet);
    }

    private void addToDigest(String part) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }

    private static AssertionResult evaluate(Assertion assertion, List<ClassResult> classes) {
        MetricValues values = MetricValues.NONE;
        for (ClassResult result : classes) {
            if (!assertion.machines().isEmpty() && !assertion.machines().equals(result.name())) {
                continue;
            }
            if (assertion.mark().isEmpty()) {
                values = values.and(result.metrics());
            }
            for (MarkResult mark : result.marks()) {
                if (mark.label().equals(assertion.mark())) {
                    values = values.and(mark.metrics());
                }
            }
        }
        OptionalLong value = values.get(assertion.metric());
        return new AssertionResult(assertion, value,
                value.isPresent() && assertion.comparison().holds(value.getAsLong(), assertion.value()));
    }
}
