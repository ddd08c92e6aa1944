package org.foliofleet.node.conformance;

import java.util.Collection;
import org.foliofleet.protocol.NearestName;

/** What to say to somebody who wrote a word that nobody knows. */
final class KnownWords {
    private KnownWords() {}

    /** "; did you mean 'x'?", or all known words if none is near. */
    static String hint(String word, Collection<String> known) {
        return NearestName.of(word, known).map(nearest -> "; did you mean '" + nearest + "'?")
                .orElseGet(() -> "; known are " + String.join(", ", known));
    }
}
