package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;

/** Failed calls of several machines by call and error, in the order first met. */
final class FailureTable {
    private final Map<List<String>, FailureGroup> groups = new LinkedHashMap<>();

    void add(FailureGroup failure) {
        groups.merge(List.of(failure.call(), failure.error()), failure, FailureTable::merge);
    }

    private static FailureGroup merge(FailureGroup first, FailureGroup other) {
        return (other.nanos() < first.nanos() ? other : first).withCount(first.count() + other.count());
    }

    List<FailureGroup> groups() {
        return new ArrayList<>(groups.values());
    }
}
