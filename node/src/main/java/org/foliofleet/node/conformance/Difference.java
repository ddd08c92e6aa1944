package org.foliofleet.node.conformance;

/**
 * One value in which the model is not like the kernel.
 *
 * @param step    number of the step, from 1
 * @param op      text of the step; for an observation also of the operation before it
 * @param process the process, or empty if the value belongs to none
 * @param place   where in words, such as {@code page 256} or {@code folio 7}; may be empty
 * @param field   name of the field, as in the recording
 * @param kernel  what the kernel says
 * @param model   what the model says
 */
public record Difference(int step, String op, Category category, String process, String place, String field,
        String kernel, String model) {

    /** What kind of value differs. */
    public enum Category {
        /** The result of an operation. */
        RESULT,
        /** A process, its VMAs and their flags. */
        VMA,
        SMAPS,
        /** Page table entries, and the contents of pages. */
        PAGES,
        /** The state of folios. */
        FOLIOS, MEMFDS, COUNTERS, KSM,
        /** The model stopped, by an invariant or an error of its own. */
        MODEL
    }

    @Override
    public String toString() {
        String where = (process + " " + place).strip();
        return "step " + step + ", '" + op + "': " + (where.isEmpty() ? "" : where + ": ") + field + ": kernel says "
                + kernel + ", model says " + model;
    }
}
