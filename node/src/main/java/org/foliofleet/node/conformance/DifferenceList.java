package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.foliofleet.node.conformance.Difference.Category;

/** Collects the differences of one step. Values that the recorder removed as unstable are not compared. */
final class DifferenceList {
    private final int step;
    private final String op;
    private final Set<String> unstable;
    private final List<Difference> differences = new ArrayList<>();

    DifferenceList(int step, String op, Set<String> unstable) {
        this.step = step;
        this.op = op;
        this.unstable = unstable;
    }

    List<Difference> differences() {
        return List.copyOf(differences);
    }

    /** Where a value stands: its process (or empty) and place, and the path of the object that holds it. */
    record Place(Category category, String process, String place, String path) {}

    /** Compares one value. */
    void compare(Place place, String field, Object kernel, Object model) {
        compare(place, field, kernel, model, "");
    }

    /** Compares one value with a unit. */
    void compare(Place place, String field, Object kernel, Object model, String unit) {
        if (!Objects.equals(kernel, model)) {
            add(place, field, text(kernel) + unit, text(model) + unit);
        }
    }

    /** Compares two sets of words; says which are missing and which are too many. */
    void compareWords(Place place, String field, Set<String> kernel, Set<String> model) {
        if (!kernel.equals(model)) {
            add(place, field, kernel.toString(), model.toString());
        }
    }

    /** Notes a difference. */
    void add(Place place, String field, String kernel, String model) {
        if (!isUnstable(place.path + "." + field)) {
            differences.add(
                    new Difference(step, op, place.category, place.process, place.place, field, kernel, model));
        }
    }

    /** Whether the value at the path, or an object around it, was removed from the recording. */
    boolean isUnstable(String path) {
        if (unstable.isEmpty()) {
            return false;
        }
        for (int end = path.length(); end > 0; end = Math.max(path.lastIndexOf('.', end - 1),
                path.lastIndexOf('[', end - 1))) {
            if (unstable.contains(path.substring(0, end))) {
                return true;
            }
        }
        return false;
    }

    private static String text(Object value) {
        return value == null || value.equals((long) Observation.NONE) || value.equals(Observation.NONE)
                || value.equals("") ? "nothing" : value.toString();
    }
}
