package org.foliofleet.coordinator.experiment;

import java.util.Locale;

/** How experiments are called. */
public final class ExperimentNames {
    private ExperimentNames() {}

    /** A name, which may be of any letters, as the beginning of an identifier: lower case letters, digits and hyphens, a letter first. */
    public static String identifier(String name) {
        String base = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        return base.isEmpty() || !Character.isLetter(base.charAt(0)) ? "e-" + base : base;
    }
}
