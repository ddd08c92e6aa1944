package org.foliofleet.protocol.control;

/**
 * One machine among all of a cluster and its database.
 *
 * @param experiment   identifier: lower-case letters, digits and dashes
 * @param machineClass of the experiment
 * @param ordinal      number of the machine in its class, from 0
 */
public record MachineName(String experiment, String machineClass, int ordinal) {
    /** The machine of that text. @throws IllegalArgumentException if it is none */
    public static MachineName of(String text) {
        String[] parts = text.split("/");
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' names no machine; EXPERIMENT/CLASS/NUMBER does");
        }
        return new MachineName(parts[0], parts[1], Integer.parseInt(parts[2]));
    }

    /** {@code EXPERIMENT/CLASS/NUMBER}: its entity id, and the name of its journal. */
    @Override
    public String toString() {
        return experiment + "/" + machineClass + "/" + ordinal;
    }
}
