package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a member that is deployed wrongly says so in a line, with the remedy, before it begins. */
class DeploymentOptionsTest {
    private static void assertRefused(String message, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--database", "jdbc:postgresql://127.0.0.1:1/none"));
        Outcome outcome = Outcome.of(all.toArray(String[]::new));
        assertEquals(ExitStatus.BAD_INPUT, outcome.status(), outcome.out() + outcome.err());
        assertTrue(outcome.err().startsWith("foliofleet: " + message), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void whatCannotWorkIsRefused(@TempDir Path directory) throws Exception {
        assertRefused("--bootstrap consul: the only one there is is kubernetes", "node", "--bootstrap", "consul");
        assertRefused("pods find each other at the address where they are probed; name one with --management", "node", "--bootstrap", "kubernetes");
        assertRefused("members are found among pods, or named with --join: not both", "node", "--bootstrap", "kubernetes", "--management", "127.0.0.1:0",
                "--join", "127.0.0.1:1");
        assertRefused("a cluster begins with at least 1 contact point, not with 0", "node", "--bootstrap", "kubernetes", "--management", "127.0.0.1:0",
                "--contact-points", "0");
        assertRefused("certificates " + directory + ": there is no tls.crt that can be read", "node", "--join", "127.0.0.1:1", "--tls", directory.toString());
        Files.writeString(directory.resolve("tls.crt"), "no certificate");
        assertRefused("certificates " + directory + ": there is no tls.key that can be read", "node", "--join", "127.0.0.1:1", "--tls", directory.toString());
        assertRefused("--experiments disk: the only place there is is kubernetes", "coordinator", "--http", "127.0.0.1:0", "--experiments", "disk");
        assertRefused("database jdbc:postgresql://127.0.0.1:1/none: cannot be reached", "node", "--host", "auto", "--bootstrap", "kubernetes", "--management",
                "127.0.0.1:0");
    }
}
