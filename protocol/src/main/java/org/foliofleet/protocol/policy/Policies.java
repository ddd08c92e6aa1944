package org.foliofleet.protocol.policy;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The switches of one machine.
 *
 * @param departures the switches that are not at the kernel's behaviour, with their values in canonical spelling
 */
public record Policies(SortedMap<Switch, String> departures) {
    private static final Pattern COUNT = Pattern.compile("[^(]+\\(([0-9]+)\\)");
    private static final Pattern RATE = Pattern.compile("\\(([0-9.]+),([0-9]+)(ns|us|ms|s)\\)");
    private static final Map<String, Long> NANOS = Map.of("ns", 1L, "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L);

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

    /** These policies with one switch set anew. */
    public Policies with(Switch key, String value) {
        return with(Map.of(key, value));
    }

    /** The departures as one line that {@link #parse} reads; empty where there are none. */
    public String text() {
        StringBuilder text = new StringBuilder();
        departures.forEach((key, value) -> text.append(text.isEmpty() ? "" : ";").append(key.key()).append('=').append(value));
        return text.toString();
    }

    /**
     * The policies that {@link #text} wrote.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Policies parse(String text) {
        Map<Switch, String> values = new EnumMap<>(Switch.class);
        for (String departure : text.isEmpty() ? new String[0] : text.split(";")) {
            String[] sides = departure.split("=", 2);
            Switch key = Switch.named(sides[0]).orElseThrow(() -> new IllegalArgumentException("no switch is called " + sides[0]));
            values.put(key, sides[1]);
        }
        return of(values);
    }

    /** The value of a switch in canonical spelling. */
    public String value(Switch key) {
        return departures.getOrDefault(key, key.defaultValue());
    }

    /** Switches that can not be meant together, in the order of a table. */
    public List<Contradiction> contradictions() {
        return Contradictions.of(this);
    }

    /** Whether a switch that is true or false is true. */
    boolean isOn(Switch key) {
        return value(key).equals("true");
    }

    /** Which of its words a switch has, those with a count after the plain ones. */
    int choice(Switch key) {
        String word = value(key).replaceAll("\\(.*", "");
        int plain = key.accepted().words().indexOf(word);
        return plain >= 0 ? plain : key.accepted().words().size() + key.accepted().withCount().indexOf(word);
    }

    /** The count in parentheses, or another number where there is none. */
    int count(Switch key, int otherwise) {
        Matcher counted = COUNT.matcher(value(key));
        return counted.matches() ? Integer.parseInt(counted.group(1)) : otherwise;
    }

    /** The words of a switch that takes some of them. */
    <E extends Enum<E>> Set<E> chosen(Switch key, Class<E> type) {
        EnumSet<E> all = EnumSet.noneOf(type);
        for (E constant : type.getEnumConstants()) {
            if (List.of(value(key).replaceAll("[{}]", "").split(",")).contains(constant.name().toLowerCase(Locale.ROOT))) {
                all.add(constant);
            }
        }
        return Collections.unmodifiableSet(all);
    }

    /** The first part of {@code (probability, hold)}, 0 where there is none. */
    double probability(Switch key) {
        Matcher rate = RATE.matcher(value(key));
        return rate.matches() ? Double.parseDouble(rate.group(1)) : 0;
    }

    /** The second part of {@code (probability, hold)} in nanoseconds, 0 where there is none. */
    long holdNanos(Switch key) {
        Matcher rate = RATE.matcher(value(key));
        return rate.matches() ? Long.parseLong(rate.group(2)) * NANOS.get(rate.group(3)) : 0;
    }

    /** Width of a reference count that large folios have: 16, 32 or 64. */
    public int refcountBits() {
        String value = value(Switch.REFCOUNT_BITS);
        return value.equals("64_large") ? 64 : Integer.parseInt(value);
    }

    /** The highest count that a large folio's reference count can show. */
    public long mostReferences() {
        int bits = refcountOverflow() == RefcountOverflow.WIDE ? Long.SIZE : refcountBits();
        return bits == Long.SIZE ? Long.MAX_VALUE : (1L << bits - 1) - 1;
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
