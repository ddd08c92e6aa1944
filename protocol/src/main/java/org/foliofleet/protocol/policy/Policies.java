package org.foliofleet.protocol.policy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The switches of one machine.
 *
 * @param departures the switches that are not at the kernel's behaviour, with their values in canonical spelling
 */
public record Policies(SortedMap<Switch, String> departures) {
    /** What Linux 6.18 does. */
    public static final Policies KERNEL = new Policies(new TreeMap<>());

    public Policies {
        TreeMap<Switch, String> kept = new TreeMap<>();
        departures.forEach((key, value) -> {
            String canonical = key.accepted().canonical(value).orElseThrow(() ->
                new IllegalArgumentException(key.key() + " has no value " + value + ", only " + key.accepted().describe()));
            if (!canonical.equals(key.defaultValue())) {
                kept.put(key, canonical);
            }
        });
        departures = Collections.unmodifiableSortedMap(kept);
    }

    public static Policies of(Map<Switch, String> values) {
        return new Policies(new TreeMap<>(values));
    }

    /** These policies with some switches set anew. */
    public Policies with(Map<Switch, String> values) {
        Map<Switch, String> all = new EnumMap<>(Switch.class);
        all.putAll(departures);
        all.putAll(values);
        return of(all);
    }

    /** The value of a switch in canonical spelling. */
    public String value(Switch key) {
        return departures.getOrDefault(key, key.defaultValue());
    }

    /** Width of a reference count that large folios have: 16, 32 or 64. */
    public int refcountBits() {
        String value = value(Switch.REFCOUNT_BITS);
        return value.equals("64_large") ? 64 : Integer.parseInt(value);
    }

    public RefcountOverflow refcountOverflow() {
        return RefcountOverflow.valueOf(value(Switch.REFCOUNT_OVERFLOW).toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        departures.forEach((key, value) -> text.append(text.isEmpty() ? "" : ", ").append(key.key()).append('=').append(value));
        return text.isEmpty() ? "the kernel's" : text.toString();
    }
}
