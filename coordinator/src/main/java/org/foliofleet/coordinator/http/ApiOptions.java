package org.foliofleet.coordinator.http;

/**
 * How the API is served.
 *
 * @param version of the program
 * @param token   that changing calls must have, or null: whoever reaches the API may command
 */
public record ApiOptions(String version, AccessToken token, ApiLimits limits) {
    /** For whoever reaches it. */
    public static ApiOptions open(String version) {
        return new ApiOptions(version, null, ApiLimits.DEFAULT);
    }

    public ApiOptions withToken(AccessToken other) {
        return new ApiOptions(version, other, limits);
    }

    public ApiOptions withLimits(ApiLimits others) {
        return new ApiOptions(version, token, others);
    }
}
