package org.foliofleet.node.workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.program.CallResult;

/** Failed calls by call and error, in the order first met. */
final class FailureTable {
    private final Map<List<String>, FailureGroup> groups = new LinkedHashMap<>();

    void add(FailureGroup failure) {
        groups.merge(List.of(failure.call(), failure.error()), failure, FailureTable::merge);
    }

    private static FailureGroup merge(FailureGroup first, FailureGroup other) {
        FailureGroup early = other.nanos() < first.nanos() ? other : first;
        return new FailureGroup(early.call(), early.error(), first.count() + other.count(), early.nanos(), early.machine(),
                early.process(), early.line());
    }

    List<FailureGroup> groups() {
        return new ArrayList<>(groups.values());
    }

    /** How a result that is no success is called, or empty text for a success. */
    static String errorOf(CallResult result) {
        if (result instanceof CallResult.Failed failed) {
            return failed.errno().name();
        } else if (result instanceof CallResult.Signal signal) {
            return signal.bus() ? "SIGBUS" : "SIGSEGV";
        } else if (result instanceof CallResult.Unsupported unsupported) {
            return ExperimentResult.UNSUPPORTED + unsupported.what();
        }
        return "";
    }
}
