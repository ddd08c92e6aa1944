package org.foliofleet.protocol.compare;

import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentSpec;

/**
 * One combination of values.
 *
 * @param number in the matrix, from 0; the first is what others are compared with
 * @param values of the axes, in their order
 * @param spec   the experiment under these values, with its own seed
 */
public record Variant(int number, List<String> values, ExperimentSpec spec) {
    public Variant {
        values = List.copyOf(values);
    }

    /** A letter, or for the 27th and later ones two. */
    public String letter() {
        return number < 26 ? String.valueOf((char) ('A' + number)) : "" + (char) ('A' + number / 26 - 1) + (char) ('A' + number % 26);
    }
}
