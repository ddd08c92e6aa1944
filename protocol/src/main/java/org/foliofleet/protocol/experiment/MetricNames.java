package org.foliofleet.protocol.experiment;

import java.util.List;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.program.SourceLine;

/** Reads names of metrics outside of experiment files. */
public final class MetricNames {
    private MetricNames() {}

    /**
     * A metric or a part of one, as in {@code split_fail{pinned}}.
     *
     * @param problems gets a message if there is none of this name
     * @return null if there is none
     */
    public static MetricKey read(String place, String written, List<String> problems) {
        Problems found = new Problems(place);
        MetricKey key = new AssertionReader(found).metric(written, SourceLine.NONE);
        if (key == null) {
            String message = found.failure().getMessage();
            problems.add(message.replaceFirst(":0:0:", ":"));
        }
        return key;
    }
}
