package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.http.MetricsEndpoint;
import picocli.CommandLine.Option;

/** Whether and where Prometheus finds the meters of this JVM. */
final class MetricsOptions {
    @Option(names = "--metrics", paramLabel = "HOST:PORT", description = "Where Prometheus may scrape this JVM, such as 127.0.0.1:" + MetricsEndpoint.PORT
            + ", path /metrics (default: nowhere).")
    private String metrics;

    private ListenAddress address;

    /** @throws org.foliofleet.protocol.BadInput if that is no free address */
    void check() {
        address = metrics == null ? null : ListenAddress.of("--metrics", metrics, MetricsEndpoint.PORT);
    }

    /** Serves them, if wanted. @return ends that */
    Runnable serve(Fleet fleet, PrintWriter out) {
        if (address == null) {
            return () -> { };
        }
        MetricsEndpoint endpoint = MetricsEndpoint.start(fleet.system(), address.host(), address.port(), fleet::scrape);
        out.println("metrics: " + endpoint.url());
        out.flush();
        return endpoint::close;
    }
}
