package org.foliofleet.node.mechanism;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.MetricKey;
import org.foliofleet.protocol.experiment.MetricNames;

/** What the result of a machine says of something that may have happened. */
final class Evidence {
    private Evidence() {}

    /** @param what a metric, at the end or at a mark, or {@code ok{CALL}}: calls that succeeded */
    static long of(String what, MachineResult result) {
        if (what.startsWith("ok{")) {
            String call = what.substring(3, what.length() - 1);
            return result.times().stream().filter(each -> each.call().equals(call)).mapToLong(CallTime::calls).sum()
                    - result.failures().stream().filter(each -> each.call().equals(call)).mapToLong(FailureGroup::count).sum();
        }
        List<String> problems = new ArrayList<>();
        MetricKey key = MetricNames.read("evidence", what, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(problems.get(0));
        }
        return LongStream.concat(LongStream.of(result.metrics().get(key).orElse(0)),
                result.marks().stream().mapToLong(mark -> mark.metrics().get(key).orElse(0))).max().orElse(0);
    }
}
