package org.foliofleet.coordinator.cli;

import java.nio.file.Path;
import org.foliofleet.coordinator.embedded.Deployment;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Option;

/** What the place where a member runs asks for; environment variables are for manifests. */
final class DeploymentOptions {
    private static final int MANAGEMENT_PORT = 8558;

    @Option(names = "--bootstrap", paramLabel = "kubernetes", defaultValue = "${env:FOLIOFLEET_BOOTSTRAP}", description = "How members find each other"
            + " without --join: among the pods of this namespace, which the Kubernetes API lists (default: FOLIOFLEET_BOOTSTRAP).")
    private String bootstrap;

    @Option(names = "--pods", paramLabel = "LABELS", defaultValue = "${env:FOLIOFLEET_PODS:-" + Deployment.Pods.USUAL + "}", description =
            "With --bootstrap: which pods are members (default: FOLIOFLEET_PODS, or " + Deployment.Pods.USUAL + ").")
    private String pods;

    @Option(names = "--contact-points", paramLabel = "N", defaultValue = "${env:FOLIOFLEET_CONTACT_POINTS:-2}", description = "With --bootstrap: how many"
            + " pods must be there before a cluster is begun (default: FOLIOFLEET_CONTACT_POINTS, or 2).")
    private int contactPoints;

    @Option(names = "--management", paramLabel = "HOST:PORT", defaultValue = "${env:FOLIOFLEET_MANAGEMENT}", description = "Where /ready and /alive are"
            + " answered, and members find each other with --bootstrap (default: FOLIOFLEET_MANAGEMENT, or nowhere).")
    private String management;

    @Option(names = "--tls", paramLabel = "DIR", defaultValue = "${env:FOLIOFLEET_TLS}", description = "Members talk by TLS only, and let in whose"
            + " certificate names the subject that theirs names: the directory with tls.crt, tls.key and ca.crt, which are read anew every minute"
            + " (default: FOLIOFLEET_TLS, or without TLS).")
    private Path certificates;

    Deployment deployment() {
        if (bootstrap != null && !bootstrap.isBlank() && !bootstrap.equals("kubernetes")) {
            throw new BadInput("--bootstrap " + bootstrap + ": the only one there is is kubernetes");
        }
        boolean found = bootstrap != null && !bootstrap.isBlank();
        Deployment.Address probed = null;
        if (management != null && !management.isBlank()) {
            ListenAddress address = ListenAddress.of("--management", management, MANAGEMENT_PORT);
            probed = new Deployment.Address(address.host(), address.port());
        }
        boolean secured = certificates != null && !certificates.toString().isBlank();
        return new Deployment(found ? new Deployment.Pods(pods, contactPoints) : null, probed, secured ? certificates : null);
    }
}
