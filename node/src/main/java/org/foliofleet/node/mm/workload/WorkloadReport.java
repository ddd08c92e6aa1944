package org.foliofleet.node.mm.workload;

import java.util.List;
import java.util.Map;
import org.foliofleet.node.mm.workload.Workload.CallCost;
import org.foliofleet.node.mm.workload.Workload.Mark;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.program.CallName;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Track;

/**
 * What came of a machine's programs so far.
 *
 * @param tickNanos    length of a tick
 * @param processes    that came to life
 * @param peak         most processes alive at once
 * @param failed       calls that failed
 * @param expectations steps that ended otherwise than expected
 * @param overruns     calls whose messages took longer than their cost
 * @param marks        in the order reached
 * @param failures     calls that failed, by call and error, in the order first met
 * @param unmet        the first steps that ended otherwise than expected; the machine class is left open
 * @param costs        by kind of call
 * @param latencies    of faults and stalls, in nanoseconds
 */
public record WorkloadReport(WorkloadStatus status, long tickNanos, long processes, long peak, long calls, long failed, long expectations,
        long forks, long overruns, List<Mark> marks, List<FailureGroup> failures, List<Unmet> unmet, Map<String, CallCost> costs,
        Latencies latencies) {
    /** A sample with what the programs know. */
    public Sample complete(Sample.Builder sample, long nanos) {
        sample.set(Track.PROCESSES, status.living());
        sample.set(Track.FORKS, forks);
        sample.set(Track.PINS, costs.getOrDefault(CallName.PIN, CallCost.NONE).calls());
        sample.set(Track.CALLS, calls);
        sample.set(Track.CALLS_FAILED, failed);
        return sample.build(nanos);
    }
}
