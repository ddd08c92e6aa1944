package org.foliofleet.coordinator.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How often each address may ask: a bucket of tokens, which fills by itself and of which every request takes one. */
final class RequestRate {
    private static final int MOST_ADDRESSES = 10_000;
    private static final double NANOS = 1e9;

    private static final class Bucket {
        private double tokens;
        private long nanos;
    }

    private final int perSecond;
    private final int burst;
    private final LongSupplier clock;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_ADDRESSES;
        }
    };

    /** @param clock in nanoseconds */
    RequestRate(int perSecond, int burst, LongSupplier clock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.clock = clock;
    }

    /** Takes a request of that address. @return 0, or the seconds after which it may ask again */
    synchronized long take(String address) {
        long now = clock.getAsLong();
        Bucket bucket = buckets.get(address);
        if (bucket == null) {
            bucket = new Bucket();
            bucket.tokens = burst;
            buckets.put(address, bucket);
        } else {
            bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.nanos) / NANOS * perSecond);
        }
        bucket.nanos = now;
        if (bucket.tokens >= 1) {
            bucket.tokens--;
            return 0;
        }
        return Math.max(1, (long) Math.ceil((1 - bucket.tokens) / perSecond));
    }
}
