package org.foliofleet.coordinator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.foliofleet.coordinator.embedded.Fleet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsEndpointTest {
    @TempDir
    private Path data;

    @Test
    void prometheusReadsWhatIsServed() throws Exception {
        try (Fleet fleet = Fleet.embedded(data); MetricsEndpoint endpoint = MetricsEndpoint.start(fleet.system(), "127.0.0.1", 0, fleet::scrape)) {
            HttpResponse<String> response = get(endpoint.url());
            assertEquals(200, response.statusCode());
            assertEquals("text/plain; version=0.0.4; charset=UTF-8", response.headers().firstValue("Content-Type").orElse(""));
            assertTrue(response.body().contains("# TYPE foliofleet_epochs_total counter\n"), response.body());
            assertTrue(response.body().contains("\njvm_memory_used_bytes{"), response.body());
            assertTrue(response.body().contains("\nfoliofleet_cluster_members_unreachable 0.0\n"), response.body());
            assertEquals(404, get(endpoint.url() + "/more").statusCode());
        }
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
