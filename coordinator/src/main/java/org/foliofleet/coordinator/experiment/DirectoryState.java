package org.foliofleet.coordinator.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.experiment.DirectoryEvent.Added;
import org.foliofleet.coordinator.experiment.DirectoryEvent.Moved;

/** All experiments of a database, in the order in which they were submitted. Pure. */
final class DirectoryState {
    /**
     * One of them.
     *
     * @param pending what it is to be told to begin with; null once it knows
     * @param phase   null until it knows
     */
    record Entry(String id, String name, Added pending, ExperimentPhase phase, String reason, long submittedMillis, long changedMillis) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    DirectoryState apply(DirectoryEvent event) {
        if (event instanceof Added added) {
            entries.put(added.id(), new Entry(added.id(), added.name(), added, null, "", added.atMillis(), added.atMillis()));
        } else if (event instanceof Moved moved) {
            entries.computeIfPresent(moved.id(), (id, old) ->
                    new Entry(id, old.name, null, moved.phase(), moved.reason(), old.submittedMillis, moved.atMillis()));
        }
        return this;
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    Entry entry(String id) {
        return entries.get(id);
    }

    /** The name of an experiment as an identifier, with the least number that is free. */
    String freeId(String name) {
        String base = ExperimentNames.identifier(name);
        int number = 1;
        while (entries.containsKey(base + "-" + number)) {
            number++;
        }
        return base + "-" + number;
    }
}
