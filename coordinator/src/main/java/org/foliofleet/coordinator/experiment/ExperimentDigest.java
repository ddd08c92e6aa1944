package org.foliofleet.coordinator.experiment;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The digest of an experiment: that of what was run, and those of all machines in their order. */
public final class ExperimentDigest {
    private ExperimentDigest() {}

    /** SHA-256 of the parts, a line each, in hexadecimal. */
    public static String of(String spec, List<String> machines) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((spec + "\n").getBytes(StandardCharsets.UTF_8));
            machines.forEach(machine -> digest.update((machine + "\n").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
