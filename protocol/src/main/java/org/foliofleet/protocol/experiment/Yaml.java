package org.foliofleet.protocol.experiment;

import java.util.List;
import org.foliofleet.protocol.program.SourceLine;

/** A YAML document as a tree that knows where each of its parts was written. */
sealed interface Yaml {
    SourceLine at();

    /** For messages: what it is. */
    String kind();

    /** How many parts the tree has, aliases counted where they stand. */
    long size();

    /** @param plain not in quotes: may mean a number, a truth value or nothing */
    record Scalar(String text, boolean plain, SourceLine at) implements Yaml {
        boolean isNothing() {
            return plain && (text.isEmpty() || text.equals("null") || text.equals("~"));
        }

        @Override
        public String kind() {
            return isNothing() ? "nothing" : "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
        }

        @Override
        public long size() {
            return 1;
        }
    }

    record Sequence(List<Yaml> items, long size, SourceLine at) implements Yaml {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Mapping(List<Entry> entries, long size, SourceLine at) implements Yaml {
        @Override
        public String kind() {
            return "a map";
        }

        Yaml get(String key) {
            for (Entry entry : entries) {
                if (entry.key.text.equals(key)) {
                    return entry.value;
                }
            }
            return null;
        }
    }

    record Entry(Scalar key, Yaml value) {}
}
