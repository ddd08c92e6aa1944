package org.foliofleet.coordinator.experiment;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How the machines of an experiment are, class by class: of those that run as they last told, of those that have ended as they
 * were in the end.
 */
public record FleetView(String id, List<ClassView> classes) {
    public FleetView {
        classes = List.copyOf(classes);
    }

    /**
     * A machine as {@code CLASS/NUMBER}.
     *
     * @param wanted   the same, or null: the first in which that is greatest
     * @throws ExperimentProblem if there is no such machine
     */
    String machine(String wanted, ToLongFunction<MachineView> greatest) {
        String found = null;
        long most = Long.MIN_VALUE;
        for (ClassView each : classes) {
            for (MachineView machine : each.machines()) {
                String name = each.name() + "/" + machine.ordinal();
                if (name.equals(wanted)) {
                    return name;
                }
                if (wanted == null && greatest.applyAsLong(machine) > most) {
                    most = greatest.applyAsLong(machine);
                    found = name;
                }
            }
        }
        if (found == null) {
            throw new ExperimentProblem(ExperimentProblem.Kind.UNKNOWN, "experiment " + id + " has no machine " + (wanted == null ? "" : wanted + "; ")
                    + "name it like " + classes.get(0).name() + "/0");
        }
        return found;
    }

    /**
     * @param name           of the machine class
     * @param mostReferences that a large folio of it can have
     * @param series         of all its machines together
     * @param machines       in their order
     */
    public record ClassView(String name, long mostReferences, SeriesView series, List<MachineView> machines) {}

    /**
     * A machine.
     *
     * @param doing       what it does, in a word
     * @param incarnation grows with every step back; 0 if not known
     * @param nanos       simulated so far
     * @param memory      in bytes, as is free
     * @param deferred    folios on its deferred split queues
     * @param deferredAge nanoseconds that the oldest of them has been there, at least
     * @param references  highest reference count of a folio
     */
    public record MachineView(int ordinal, String doing, long incarnation, long nanos, long processes, long memory, long free, long deferred,
            long deferredAge, long references, long callsFailed) {}
}
