package org.foliofleet.protocol.control;

import java.util.Map;

/**
 * What an experiment is made of, so that every JVM can load it anew.
 *
 * @param name     of the file or the bundled experiment, for messages
 * @param text     the YAML
 * @param seed     takes the place of that of the file, or null
 * @param switches policies that take the place of those of the file, in all machine classes
 * @param origin   the experiment and branch point from which it goes on, or null
 */
public record ExperimentSource(String name, String text, Long seed, Map<String, String> switches, Origin origin) {
    /** A branch point of another experiment. */
    public record Origin(String experiment, long epoch) {}
}
