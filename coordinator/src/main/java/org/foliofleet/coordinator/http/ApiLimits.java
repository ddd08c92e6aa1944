package org.foliofleet.coordinator.http;

import java.time.Duration;
import org.foliofleet.coordinator.comparison.ComparisonLimits;

/**
 * How much is taken from clients.
 *
 * @param bodyBytes         of a request; an experiment file may have 8 MiB, and more as a JSON string
 * @param body              time in which a body must be there
 * @param requestsPerSecond of one address, in the long run
 * @param burst             requests of one address at once
 * @param streams           of events, at once
 * @param experiments       that run at once
 * @param comparisons       of coordinators, which run beside experiments
 */
public record ApiLimits(long bodyBytes, Duration body, int requestsPerSecond, int burst, int streams, int experiments, ComparisonLimits comparisons) {
    public static final ApiLimits DEFAULT = new ApiLimits(20L << 20, Duration.ofSeconds(30), 100, 500, 200, 64, ComparisonLimits.usual());

    /** The same with another rate; ten seconds of it may come at once. */
    public ApiLimits withRequestsPerSecond(int rate) {
        return new ApiLimits(bodyBytes, body, rate, (int) Math.min(Integer.MAX_VALUE, rate * 10L), streams, experiments, comparisons);
    }

    public ApiLimits withStreams(int most) {
        return new ApiLimits(bodyBytes, body, requestsPerSecond, burst, most, experiments, comparisons);
    }

    public ApiLimits withExperiments(int most) {
        return new ApiLimits(bodyBytes, body, requestsPerSecond, burst, streams, most, comparisons);
    }

    public ApiLimits withComparisons(ComparisonLimits others) {
        return new ApiLimits(bodyBytes, body, requestsPerSecond, burst, streams, experiments, others);
    }

    public ApiLimits withBody(long bytes, Duration time) {
        return new ApiLimits(bytes, time, requestsPerSecond, burst, streams, experiments, comparisons);
    }
}
