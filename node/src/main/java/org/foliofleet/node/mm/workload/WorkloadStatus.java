package org.foliofleet.node.mm.workload;

import org.foliofleet.protocol.series.Series;

/**
 * What whoever runs a machine must know of its programs between two ticks.
 *
 * @param start  tick at which the programs began, -1 before
 * @param over   whether all processes have come and gone
 * @param living processes that have not exited
 * @param unseen whether a mark was reached or a call failed for the first time, and nobody has looked at the machine since
 * @param series samples taken so far
 * @param nextSample tick from the end of which on the next is to be taken
 */
public record WorkloadStatus(long start, boolean over, int living, boolean unseen, Series series, long nextSample) {
    /** Of a machine without programs, or before they begin. */
    public static final WorkloadStatus NONE = new WorkloadStatus(-1, false, 0, false, Series.NONE, Long.MAX_VALUE);

    /** Whether a sample is to be taken at the end of a tick. */
    public boolean wantsSample(long tick) {
        return tick >= nextSample;
    }

    /** Simulated time since the programs began, at the end of a tick of that many nanoseconds each. */
    public long nanos(long tick, long tickNanos) {
        return start < 0 ? 0 : (tick - start) * tickNanos;
    }
}
