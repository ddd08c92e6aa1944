package org.foliofleet.coordinator.cli;

import java.nio.file.Path;
import org.foliofleet.coordinator.http.AccessToken;
import picocli.CommandLine.Option;

/** The secret that those know who may change something at a coordinator. */
final class TokenOption {
    static final String ENVIRONMENT = "FOLIOFLEET_TOKEN_FILE";

    @Option(names = "--token-file", paramLabel = "FILE", description = "Holds the token that a coordinator asks of those who change something (default: "
            + ENVIRONMENT + ", or none).")
    private Path file;

    /** The token, or null: none. @throws org.foliofleet.protocol.BadInput if the file holds none */
    AccessToken read() {
        String named = System.getenv(ENVIRONMENT);
        Path of = file != null || named == null || named.isBlank() ? file : Path.of(named.strip());
        return of == null ? null : AccessToken.ofFile(of);
    }
}
