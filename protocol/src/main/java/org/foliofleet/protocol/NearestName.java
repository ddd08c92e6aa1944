package org.foliofleet.protocol;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Finds what a person probably meant by a name that nobody knows: an option, a key of a file, a statement. */
public final class NearestName {
    private static final int LEAST_BEGINNING = 3;

    private NearestName() {}

    /**
     * The known name that is the fewest typing errors away from {@code name}: a letter too much, too few, wrong, or two
     * swapped. Empty if even the nearest is more than a third of its letters (at least two) away. Among equals the first
     * of {@code known}, which should have an order of its own. If none is that near, the only one that begins with {@code name}.
     */
    public static Optional<String> of(String name, Collection<String> known) {
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        for (String candidate : known) {
            int errors = typingErrors(name, candidate);
            if (errors < fewest && errors <= Math.max(2, candidate.length() / 3)
                    && errors < Math.max(name.length(), candidate.length())) {
                nearest = candidate;
                fewest = errors;
            }
        }
        if (nearest == null && name.length() >= LEAST_BEGINNING) {
            List<String> longer = known.stream().filter(candidate -> candidate.startsWith(name)).limit(2).toList();
            nearest = longer.size() == 1 ? longer.get(0) : null;
        }
        return Optional.ofNullable(nearest);
    }

    /** {@code "; did you mean 'repeats'?"}, or nothing if no known name is near: to be put behind a message. */
    public static String hint(String name, Collection<String> known) {
        return of(name, known).map(nearest -> "; did you mean '" + nearest + "'?").orElse("");
    }

    /** The optimal-string-alignment distance, row by row. Names that no person types are not compared. */
    private static int typingErrors(String a, String b) {
        if (Math.abs(a.length() - b.length()) > b.length()) {
            return Integer.MAX_VALUE;
        }
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int wrong = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(last[j] + 1, row[j - 1] + 1), last[j - 1] + wrong);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
