package org.foliofleet.protocol.experiment;

import org.foliofleet.protocol.NearestName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.program.SourceLine;

/** Collects what is wrong with a file, so that its writer hears of everything at once. */
class Problems {
    private static final int SHOWN = 50;

    private record Problem(int line, int column, String text) {}

    private final String source;
    private final TreeSet<Problem> problems = new TreeSet<>(Comparator.comparingInt(Problem::line)
        .thenComparingInt(Problem::column).thenComparing(Problem::text));

    Problems(String source) {
        this.source = source;
    }

    /** Notes a problem: what is wrong at this place, and what to do about it. */
    void add(SourceLine at, String what, String remedy) {
        problems.add(new Problem(at.line(), at.column(), what + "; " + remedy));
    }

    /** A name that is not known: suggests the nearest of those that are, or lists them. */
    void unknown(SourceLine at, String what, String name, Collection<String> known) {
        Optional<String> nearest = NearestName.of(name, known);
        String remedy = nearest.map(near -> "did you mean '" + near + "'?")
            .orElseGet(() -> known.isEmpty() ? "there are none here, remove it" : "write one of " + String.join(", ", known));
        add(at, "unknown " + what + " '" + name + "'", remedy);
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    int count() {
        return problems.size();
    }

    /** Told when a reader looks at a map. */
    void describes(SourceLine at, String what) {}

    /** Told when a reader asks for a key, and where the value stands if there is one. */
    void asked(String what, String key, boolean required, Yaml value) {}

    /** Told how a reader understands a value. */
    void reads(SourceLine at, ValueKind kind) {}

    void throwIfAny() {
        if (!problems.isEmpty()) {
            throw failure();
        }
    }

    BadInput failure() {
        List<String> lines = new ArrayList<>();
        for (Problem problem : problems) {
            if (lines.size() == SHOWN) {
                lines.add(source + ": and " + (problems.size() - SHOWN) + " more; mend these first");
                break;
            }
            lines.add(source + ":" + problem.line + ":" + problem.column + ": " + problem.text);
        }
        return new BadInput(String.join("\n", lines));
    }
}
