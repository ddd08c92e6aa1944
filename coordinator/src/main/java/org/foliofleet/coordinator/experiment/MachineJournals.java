package org.foliofleet.coordinator.experiment;

import java.util.List;

/** What journals say of machines; reading them takes its time. */
@FunctionalInterface
public interface MachineJournals {
    /** Numbers of the branch points that a machine has, by its name. */
    List<Long> branchPoints(String machine);

    /**
     * The folios of a machine that are referred to most.
     *
     * @param id      of the experiment
     * @param machine {@code CLASS/NUMBER} in it
     */
    default FoliosView folios(String id, String machine, int most) {
        return new FoliosView(id, machine, -1, -1, List.of());
    }

    /** Its deferred split queues. */
    default DeferredView deferred(String id, String machine, int most) {
        return new DeferredView(id, machine, -1, -1, List.of());
    }
}
