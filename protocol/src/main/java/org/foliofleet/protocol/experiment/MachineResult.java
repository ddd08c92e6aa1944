package org.foliofleet.protocol.experiment;

import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentResult.Unmet;
import org.foliofleet.protocol.serial.DecodingException;
import org.foliofleet.protocol.serial.Wire;
import org.foliofleet.protocol.series.Series;

/**
 * What is kept of a machine that has ended.
 *
 * @param nanos    simulated time since its programs began
 * @param end      why it ended, in words; empty if it has not
 * @param metrics  at the end
 * @param marks    in the order reached
 * @param failures calls that failed, by call and error, in the order first met
 * @param unmet    the first steps that ended otherwise than expected; the machine class is left open
 * @param times    of calls, by name
 * @param series   how it was in the course of time
 * @param digest   of its final state
 */
public record MachineResult(long nanos, String end, MetricValues metrics, List<MarkResult> marks, List<FailureGroup> failures,
        List<Unmet> unmet, List<CallTime> times, Series series, String digest) {
    public MachineResult {
        marks = List.copyOf(marks);
        failures = List.copyOf(failures);
        unmet = List.copyOf(unmet);
        times = List.copyOf(times);
    }

    /** The same with another digest. */
    public MachineResult withDigest(String other) {
        return new MachineResult(nanos, end, metrics, marks, failures, unmet, times, series, other);
    }

    /** In the versioned binary form of {@link Wire}. */
    public byte[] toBytes() {
        return Wire.encode(this);
    }

    /**
     * The result that was written.
     *
     * @throws DecodingException if the bytes are no result of this version
     */
    public static MachineResult of(byte[] bytes) {
        if (Wire.decode(bytes) instanceof MachineResult result) {
            return result;
        }
        throw new DecodingException("the bytes are no result of a machine");
    }
}
